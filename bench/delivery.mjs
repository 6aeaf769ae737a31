// Where the secrets of what is converted come from.

import { deliver } from '#xdsc';

/**
 * The provider that options name.
 *
 * @param {Parameters<typeof deliver>[0]} options
 * @throws an Error when they contradict each other
 */
export function providerOf(options = {}) {
  const delivery = deliver(options);
  if ('problem' in delivery) throw new Error(delivery.problem);
  return delivery.provider;
}
