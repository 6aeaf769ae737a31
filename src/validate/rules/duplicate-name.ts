// Names that are to be unique, and are not.

import type { Message } from '../../envoy/message.js';
import { at, lineOf } from '../place.js';
import type { Report, Rule } from '../rule.js';

export const duplicateName: Rule = {
  code: 'duplicate-name',
  level: 'error',
  finds: 'two clusters, secrets or domains of one configuration have the same name',
  why: 'Envoy refuses the configuration, or one of the two silently replaces the other.',
  source: "Envoy: cluster manager: duplicate cluster '…'",
  remedy: 'rename or remove one of the two',
  check({ surveys }, report) {
    for (const { clusters, routeConfigurations, config } of surveys) {
      // A dump shows states side by side: a resource may be warming and active.
      if (config.detected.roots.some(({ type }) => type.name.includes('Dump'))) continue;
      // A list of resources may be several answers; within one they are unique.
      if (config.detected.roots.length > 1) continue;
      sameNames(clusters, 'cluster', report);
      sameNames(
        config.inventory.secrets.map(({ message }) => message),
        'secret',
        report,
      );
      for (const routes of routeConfigurations) sameDomains(routes, report);
    }
  },
};

function sameNames(messages: readonly Message[], what: string, report: Report): void {
  const first = new Map<string, Message>();
  for (const message of messages) {
    const name = message.text('name');
    if (name === undefined || name === '') continue;
    const known = first.get(name);
    if (known === undefined) first.set(name, message);
    else
      report(at(message, 'name'), {
        message: `there is another ${what} ${JSON.stringify(name)} at ${lineOf(at(known, 'name'))}`,
        expected: `one ${what} of a name`,
      });
  }
}

/** Domains count without case, over all virtual hosts of one route configuration. */
function sameDomains(routes: Message, report: Report): void {
  const first = new Map<string, Message>();
  for (const host of routes.messages('virtual_hosts')) {
    for (const domain of host.texts('domains')) {
      const key = domain.toLowerCase();
      const known = first.get(key);
      if (known === undefined) first.set(key, host);
      else
        report(at(host, 'domains'), {
          message: `the domain ${JSON.stringify(domain)} stands ${known === host ? 'twice here' : `in the virtual host at ${lineOf(at(known))}, too`}`,
          expected: 'each domain once',
        });
    }
  }
}
