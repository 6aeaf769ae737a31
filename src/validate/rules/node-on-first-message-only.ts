// Old Envoys forgot who they are when a stream was opened again.

import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const nodeOnFirstMessageOnly: Rule = {
  code: 'node-on-first-message-only',
  level: 'warning',
  finds: 'a v2 source sends the node with the first message of a stream only',
  why: 'Some Envoys of v2 do not send it again when the stream is opened anew: the server no longer knows who asks.',
  source: 'envoy#9682',
  remedy: 'remove set_node_on_first_message_only, unless every Envoy is 1.13 or later',
  check({ surveys }, report) {
    for (const { message } of surveys.flatMap((survey) => [...survey.sources, ...survey.secretSources])) {
      const api = message.message('api_config_source');
      if (api?.text('set_node_on_first_message_only') === 'true' && api.type.name.startsWith('envoy.api.v2.'))
        report(fieldAt(api, 'set_node_on_first_message_only'), {
          message: 'the node may be lost when the stream is opened anew',
        });
    }
  },
};
