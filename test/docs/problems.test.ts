// docs/problems.md says which finding answers which problem: each name in it is that of a finding, and a fixture or
// an example here shows that it is made.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { CODES } from '../../src/validate/codes.js';
import { RULE_TEXTS } from '../../src/validate/rules/index.js';
import { validate } from '../../src/validate/validate.js';

const ROOT = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/problems.md'), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
  .map(([, number = '', , says = '']) => ({ number: Number(number), says }));

const KNOWN: ReadonlySet<string> = new Set([...RULE_TEXTS.map(({ code }) => code), ...CODES.keys()]);

/** The reports of all fixtures of rules and of start-up checks. */
const REPORTS = ['fixtures/validate', 'fixtures/startup'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => readFileSync(join(ROOT, folder, name, 'expected-bad.txt'), 'utf8')),
);

const cluster = (more: object): string => JSON.stringify({ name: 'orders', connect_timeout: '1s', ...more });

/** What the schema check and the readers of texts find, which have no fixtures of their own. */
const EXAMPLES: Readonly<Record<string, readonly [name: string, text: string]>> = {
  'missing-config': ['listener.yaml', filterChain('{name: envoy.filters.network.echo}')],
  'missing-type': ['listener.yaml', filterChain('{name: envoy.filters.network.echo, typed_config: {}}')],
  'unknown-extension': [
    'listener.yaml',
    filterChain(
      '{name: a, typed_config: {"@type": type.googleapis.com/envoy.config.filter.network.echo.v3.Echo}}',
    ),
  ],
  'unknown-field': ['cluster.json', cluster({ upstream: 'orders' })],
  'removed-field': [
    'bootstrap.yaml',
    'static_resources:\n  clusters:\n  - name: orders\n    hosts: [{socket_address: {address: a, port_value: 1}}]\n    eds_cluster_config: {eds_config: {ads: {}, resource_api_version: V3}}\n',
  ],
  'config-map-value': [
    'map.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: envoy}\ndata:\n  envoy.yaml:\n    admin: {}\n',
  ],
  'single-item': ['cluster.json', cluster({ load_assignment: { cluster_name: 'a', endpoints: {} } })],
  template: ['cluster.yaml', 'name: {{ .Values.name }}\nconnect_timeout: 1s\n'],
};

function filterChain(filter: string): string {
  return `name: edge\naddress: {socket_address: {address: 127.0.0.1, port_value: 1}}\nfilter_chains:\n- filters:\n  - ${filter}\n`;
}

/** The names in code that are neither a verdict, an option nor a value. */
function codesIn(says: string): string[] {
  return [...says.matchAll(/(?<!\[)`([a-z0-9]+(?:-[a-z0-9]+)+|template)`/g)].map(
    ([, code]) => code as string,
  );
}

test('every problem has one row', () => {
  expect(rows.map(({ number }) => number).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 73 }, (_, index) => index + 1),
  );
  expect(rows.filter(({ says }) => says === '')).toEqual([]);
});

test('every finding that the page names is one that is made', () => {
  const others = new Set(['wrong-direction']);
  const named = [...new Set(rows.flatMap(({ says }) => codesIn(says)))].filter((code) => !others.has(code));
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((code) => !KNOWN.has(code))).toEqual([]);
  const shown = (code: string): boolean => {
    const example = EXAMPLES[code];
    if (example === undefined) return REPORTS.some((report) => report.includes(`[${code}]`));
    const [name, text] = example;
    return validate([{ name, text }]).findings.some((finding) => finding.code === code);
  };
  expect(named.filter((code) => !shown(code))).toEqual([]);
});
