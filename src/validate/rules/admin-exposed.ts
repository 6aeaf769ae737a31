// The admin interface, open to the network.

import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

const ALL_ADDRESSES: ReadonlySet<string | undefined> = new Set(['0.0.0.0', '::', '0:0:0:0:0:0:0:0']);

export const adminExposed: Rule = {
  code: 'admin-exposed',
  level: 'note',
  finds: 'the admin interface listens on all addresses',
  why: 'It has neither TLS nor authentication: anyone who reaches it can read the configuration and stop Envoy.',
  source: "Envoy's documentation on the administration interface",
  remedy: 'let it listen on 127.0.0.1 or on a Unix socket',
  check({ instances }, report) {
    for (const { bootstrap } of instances) {
      const address = bootstrap?.message('admin')?.message('address')?.message('socket_address');
      if (address !== undefined && ALL_ADDRESSES.has(address.text('address')))
        report(fieldAt(address, 'address'), {
          message: 'the admin interface is open to the network',
          expected: '127.0.0.1',
        });
    }
  },
};
