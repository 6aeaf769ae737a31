// Old Envoys forgot who they are when a stream was opened again.

import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const nodeOnFirstMessageOnly: Rule = {
  code: 'node-on-first-message-only',
  level: 'warning',
  finds: 'a v2 source sends the node only with the first message of a stream',
  why: 'Some v2 Envoys do not send it again after a reconnect, so the server no longer knows the client.',
  source: 'envoy#9682',
  remedy: 'remove set_node_on_first_message_only, unless every Envoy is 1.13 or later',
  check({ surveys }, report) {
    for (const { message } of surveys.flatMap((survey) => [...survey.sources, ...survey.secretSources])) {
      const api = message.message('api_config_source');
      if (api?.text('set_node_on_first_message_only') === 'true' && api.type.name.startsWith('envoy.api.v2.'))
        report(fieldAt(api, 'set_node_on_first_message_only'), {
          message: 'the node may be lost after a reconnect',
        });
    }
  },
};
