import { expect, test } from 'vitest';
import { validate } from '../../../src/validate/validate.js';

test('protocol options that are written as a list are of the wrong kind, and nothing else is said of them', () => {
  const text =
    'static_resources: {clusters: [{name: a, connect_timeout: 1s, typed_extension_protocol_options: [{}]}]}';
  const { findings } = validate([{ name: 'envoy.yaml', text }], {});
  expect(findings.map(({ level, code }) => `${level} ${code}`)).not.toContain('error protocol-options-key');
});
