// Each secret from a server is a stream of its own, unless it comes over ADS.

import { secretName } from '../../tls/secret-uses.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

/** A certificate and its root: no SDS does with less. */
const USUAL = 2;

export const sdsStreams: Rule = {
  code: 'sds-streams',
  level: 'note',
  finds: 'a configuration opens more SDS streams than one for a certificate and one for its root CA',
  why: 'Without ADS, Envoy opens one stream for each secret and distinct source, and the server has to handle that many from every Envoy.',
  source: 'envoy#10793, istio#15450',
  remedy: 'use the same secrets and blocks everywhere, or fetch secrets over ADS',
  check({ instances }, report) {
    for (const { surveys } of instances) {
      const streams = new Set<string>();
      const sources = surveys.flatMap(({ secretSources }) => secretSources);
      for (const { message, secret } of sources) {
        if (message.has('api_config_source'))
          streams.add(`${secretName(secret)}\n${message.reader.tape.raw(message.node).replace(/\s+/g, ' ')}`);
      }
      const [first] = sources;
      if (first !== undefined && streams.size > USUAL)
        report(fieldAt(first.message), {
          message: `${streams.size} SDS streams are opened, one for each secret and source`,
          expected: 'few secrets, shared by many contexts',
        });
    }
  },
};
