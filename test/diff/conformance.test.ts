// Every pair of what Pilot 1.1.7 sends with file mounts and with SDS: the same trust, every context moved, and
// nothing else.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type DiffInput, diff } from '../../src/diff/diff.js';
import { verdictText } from '../../src/diff/verdict.js';
import { sharedFolder } from '../shared.js';

const KINDS = ['clusters', 'endpoints', 'listeners', 'routes'];

function inputs(folder: string): DiffInput[] {
  return KINDS.map((kind) => `${kind}.json`).map((file) => ({
    name: file,
    text: readFileSync(join(folder, 'expected', file), 'utf8'),
  }));
}

/** How many contexts name a certificate file of the workload's: those that Pilot moves. */
function mounted(folder: string): number {
  const text = inputs(folder)
    .map((input) => input.text)
    .join();
  return text.split('"/etc/certs/cert-chain.pem"').length - 1;
}

const pairs = ['conformance/istio-1.1.7', 'conformance/istio-1.1.7-random']
  .flatMap((name) => sharedFolder(name) ?? [])
  .flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('-legacy') && !name.startsWith('meta-'))
      .map((name) => ({
        name,
        legacy: join(folder, name),
        sds: join(folder, name.replace(/-legacy$/, '-sds-token')),
      })),
  )
  .filter(({ sds }) => existsSync(sds));

describe.skipIf(pairs.length === 0)('Pilot 1.1.7, from file mounts to SDS', () => {
  test.each(pairs)('$name', ({ legacy, sds }) => {
    const { verdict, changes, findings } = diff(inputs(legacy), inputs(sds));
    const count = mounted(legacy);
    expect(findings).toEqual([]);
    expect(verdictText(verdict)).toBe(
      count === 0 ? 'same trust' : `same trust, ${count} context${count === 1 ? '' : 's'} moved to SDS`,
    );
    expect(changes.filter(({ tls }) => tls?.moved !== 'to-sds')).toHaveLength(0);
  });

  test('all pairs were there', () => {
    expect(pairs.length).toBeGreaterThanOrEqual(34);
  });
});
