// Other people's configs: read without a crash, every file mount converted or left with a reason, nothing
// changed outside of TLS contexts, and nothing left to change the second time.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, loadAll, YAML11_SCHEMA } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { type ConvertResult, convert } from '../../src/convert/convert.js';
import { deliver } from '../../src/convert/delivery.js';
import type { Provider } from '../../src/tls/providers/provider.js';
import { sharedFolder } from '../shared.js';

interface Entry {
  readonly file: string;
  readonly templated: boolean;
}

const corpus = sharedFolder('corpus');
const entries: Entry[] =
  corpus === undefined
    ? []
    : readFileSync(join(corpus, 'INDEX.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));

function provider(): Provider {
  const delivery = deliver({ provider: 'files', secretsDir: '/etc/envoy/secrets' });
  if ('problem' in delivery) throw new Error(delivery.problem);
  return delivery.provider;
}

function run(file: string, text: string): ConvertResult {
  return convert([{ name: file, text }], { provider: provider() });
}

function textOf(result: ConvertResult): string {
  return [...(result.files[0]?.chunks() ?? [])].join('');
}

function errorsOf({ findings }: ConvertResult): string[] {
  return findings.filter(({ level }) => level === 'error').map(({ code, message }) => `${code}: ${message}`);
}

/** Two fragments of Envoy's tests, whose braces are doubled for a format function. */
const UNREADABLE: Readonly<Record<string, RegExp>> = {
  'fragments/envoy_frag__lds_api_test.cc_L347_0035f0.json': /^syntax/,
  'fragments/envoy_frag__utility.cc_L405_c52c58.yaml': /^syntax/,
};

/** Paths of file mounts in contexts, seen by js-yaml and a walk that knows nothing of the API. */
function fileMounts(value: unknown): string[] {
  const found: string[] = [];
  const isObject = (at: unknown): at is Record<string, unknown> => typeof at === 'object' && at !== null;
  const filename = (at: unknown): void => {
    for (const one of Array.isArray(at) ? at : [at])
      if (isObject(one) && typeof one.filename === 'string') found.push(one.filename);
  };
  const visit = (at: unknown): void => {
    if (Array.isArray(at)) for (const item of at) visit(item);
    if (typeof at === 'string' && /^\s*[\w@"'{#-][^\n]*\n/.test(at)) {
      try {
        visit(load(at, { schema: YAML11_SCHEMA, json: true }));
      } catch {
        // Some other text.
      }
    }
    if (!isObject(at) || Array.isArray(at)) return;
    const common = at.common_tls_context ?? at.commonTlsContext;
    if (isObject(common)) {
      const certificates = common.tls_certificates ?? common.tlsCertificates;
      for (const certificate of Array.isArray(certificates) ? certificates : [certificates]) {
        if (!isObject(certificate)) continue;
        filename(certificate.private_key ?? certificate.privateKey);
      }
    }
    for (const member of Object.values(at)) visit(member);
  };
  visit(value);
  return found;
}

/** js-yaml does not read Envoy's own `!ignore`, nor a closing brace that stands no deeper than its key. */
function readableByOthers(text: string): string {
  return text
    .replace(/^\uFEFF|!ignore /g, '')
    .replace(/^( *)\}$(?=\n(?:stats_config|layered_runtime))/gm, '$1      }');
}

/** A value without what convert may change: the delivery of certificates and roots. */
function withoutDelivery(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDelivery);
  if (typeof value === 'string' && value.includes('\n') && /tls_context|TlsContext/.test(value)) {
    try {
      return withoutDelivery(loadAll(value, { schema: YAML11_SCHEMA, json: true }));
    } catch {
      return value;
    }
  }
  if (typeof value !== 'object' || value === null) return value;
  const rest: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    if (/^common_?tls_?context$/i.test(name)) rest[name] = withoutDeliveryFields(member);
    else rest[name] = withoutDelivery(member);
  }
  return rest;
}

/** A CommonTlsContext without certificates and root; the validation context's rest under one name. */
function withoutDeliveryFields(common: unknown): unknown {
  if (typeof common !== 'object' || common === null) return common;
  const rest: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(common)) {
    if (/certificates$|certificate_?sds/i.test(name)) continue;
    if (!/validation_?context$/i.test(name)) rest[name] = withoutDelivery(member);
    else {
      const context = (member ?? {}) as Record<string, Record<string, unknown>>;
      const own = context.default_validation_context ?? context.defaultValidationContext ?? context;
      const { trusted_ca: _, trustedCa: __, ...validation } = own;
      rest.validation = validation;
    }
  }
  return rest;
}

describe.skipIf(corpus === undefined)('configs that other people wrote', () => {
  const configs = entries.filter(({ templated }) => !templated);
  const counts = { files: 0, contexts: 0, converted: 0, partial: 0, left: 0, sds: 0, empty: 0 };
  const reasons = new Map<string, number>();

  test.each(configs)('$file', ({ file }) => {
    const text = readFileSync(join(corpus as string, file), 'utf8');
    const result = run(file, text);
    const errors = errorsOf(result);
    const known = UNREADABLE[file];
    if (known !== undefined) {
      expect(errors).toEqual([expect.stringMatching(known)]);
      return;
    }
    expect(errors).toEqual([]);
    counts.files++;
    for (const { state, left } of result.contexts) {
      counts.contexts++;
      counts[state]++;
      for (const { reason } of left) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    const output = textOf(result);
    const parse = (of: string): unknown =>
      loadAll(readableByOthers(of), { schema: YAML11_SCHEMA, json: true });
    // Compared as text: a difference of whole dumps would take minutes to print.
    expect(
      JSON.stringify(withoutDelivery(parse(output))) === JSON.stringify(withoutDelivery(parse(text))),
    ).toBe(true);
    // What still names a private key's file is a context that was left with a reason.
    const left = fileMounts(parse(output));
    if (left.length > 0 && !NOT_A_CONFIG_MAP.has(file))
      expect(
        result.contexts.some((context) => context.left.length > 0),
        left.join(),
      ).toBe(true);

    const again = run(file, output);
    expect(errorsOf(again)).toEqual([]);
    expect(textOf(again)).toBe(output);
  });

  test.each(entries.filter(({ templated }) => templated))('template $file', ({ file }) => {
    const result = run(file, readFileSync(join(corpus as string, file), 'utf8'));
    // Some parse by accident; what cannot be parsed says why.
    for (const finding of result.findings) expect(finding.message.length).toBeGreaterThan(10);
  });

  test('the counts', () => {
    console.log(
      `corpus: ${JSON.stringify(counts)}, left by reason: ${JSON.stringify(Object.fromEntries(reasons))}`,
    );
    expect(counts.files).toBe(configs.length - Object.keys(UNREADABLE).length);
    expect(counts.converted).toBeGreaterThanOrEqual(264);
  });
});

/** Values of strings in other manifests than ConfigMaps, which convert does not look into. */
const NOT_A_CONFIG_MAP = new Set(['embedded/aqua-helm__server_values_0a363a.yaml']);
