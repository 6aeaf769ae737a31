// Upgrading what was upgraded changes nothing, whatever the input was: own fixtures, and the corpus where it is
// present. And nothing is upgraded by half.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { convert } from '../../src/convert/convert.js';
import { detect } from '../../src/envoy/detect.js';
import { readSource } from '../../src/source/document.js';
import { sharedFolder } from '../shared.js';

const fixtures = resolve(import.meta.dirname, '../../fixtures');

function upgrade(name: string, text: string) {
  const { files, findings } = convert([{ name, text }], { to: 'v3', onUnknown: 'drop' });
  const errors = findings.filter(({ level }) => level === 'error').map(({ code }) => code);
  return { errors, text: [...(files[0]?.chunks() ?? [])].join('') };
}

/** What an upgrade of an upgrade changes, in a few words; undefined where it changes nothing. */
function changedAgain(name: string, text: string): string | undefined {
  const once = upgrade(name, text);
  if (once.errors.length > 0 || once.text === '') return undefined;
  const twice = upgrade(name, once.text);
  if (twice.errors.length > 0) return `${name}: ${twice.errors.join()}`;
  if (twice.text === once.text) return undefined;
  let at = 0;
  while (once.text[at] === twice.text[at]) at++;
  return `${name}: ${once.text.slice(at, at + 60)} <> ${twice.text.slice(at, at + 60)}`;
}

describe('an upgrade of an upgrade changes nothing', () => {
  test('in the fixtures', () => {
    const files = readdirSync(fixtures, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(?:ya?ml|json)$/.test(file))
      .sort();
    expect(files.length).toBeGreaterThan(100);
    const again = files.flatMap(
      (file) => changedAgain(file, readFileSync(join(fixtures, file), 'utf8')) ?? [],
    );
    expect(again).toEqual([]);
  });

  const corpus = sharedFolder('corpus');
  test.skipIf(corpus === undefined)('in the corpus', { timeout: 120_000 }, () => {
    const files = readFileSync(join(corpus as string, 'INDEX.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line): { file: string; templated: boolean } => JSON.parse(line))
      .filter(({ templated }) => !templated);
    const again = files.flatMap(
      ({ file }) => changedAgain(file, readFileSync(join(corpus as string, file), 'utf8')) ?? [],
    );
    expect(again).toEqual([]);
  });
});

test('an upgrade does not change only one of two duplicate keys', () => {
  const cluster = (more: string) =>
    `clusters:\n- name: a\n  connect_timeout: 1s\n  tls_context: {sni: a}\n${more}`;
  expect(upgrade('twice.yaml', cluster('  tls_context: {sni: b}\n')).errors).toEqual(['duplicate-key']);
  expect(upgrade('once.yaml', cluster('')).errors).toEqual([]);
});

describe('the version is detected from fields if there is no type', () => {
  const apiOf = (text: string) => detect(readSource('c.yaml', text).documents[0]?.tape as never).api;
  const cluster = 'name: a\nconnect_timeout: 1s\n';

  test.each([
    ['v3', `${cluster}typed_dns_resolver_config: {name: a}`],
    ['v3', `${cluster}loadAssignment: {endpoints: [{lbEndpoints: [{endpoint: {additionalAddresses: []}}]}]}`],
    ['v2', `${cluster}hosts: [{socket_address: {address: a, port_value: 1}}]`],
    ['v2', `${cluster}hosts: []\ntyped_dns_resolver_config: {name: a}`],
    ['v2', `${cluster}metadata: {filter_metadata: {a: {typed_dns_resolver_config: {}}}}`],
    ['v2', cluster],
  ])('%s: %j', (api, text) => {
    expect(apiOf(text)).toBe(api);
  });
});
