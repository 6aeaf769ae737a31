import { describe, expect, test } from 'vitest';
import { type ConvertResult, convert } from '../../src/convert/convert.js';
import { deliver } from '../../src/convert/delivery.js';
import { type SummaryOptions, summaryText, summaryValue } from '../../src/report/convert-summary.js';
import { PLAIN } from '../../src/report/finding-text.js';

/** A cluster whose certificate is in the files of a folder. */
function cluster(name: string, folder: string) {
  const file = (kind: string) => ({ filename: `${folder}/${kind}.pem` });
  const certificate = { certificate_chain: file('cert-chain'), private_key: file('key') };
  return { name, tls_context: { common_tls_context: { tls_certificates: [certificate] } } };
}

function result(resources: readonly object[], provider: 'istio' | 'files' = 'istio'): ConvertResult {
  const delivery = deliver(provider === 'files' ? { provider, secretsDir: '/s' } : { provider });
  if ('problem' in delivery) throw new Error(delivery.problem);
  const bootstrap = { node: { id: 'a', cluster: 'b' }, static_resources: { clusters: resources } };
  return convert([{ name: 'a.json', text: JSON.stringify(bootstrap) }], { provider: delivery.provider });
}

const OPTIONS: SummaryOptions = {
  provider: { name: 'istio', description: 'a server' },
  providerGiven: false,
  written: 'written',
};

const text = (of: ConvertResult, options: Partial<SummaryOptions> = {}): string[] =>
  summaryText(of, { ...OPTIONS, ...options }, PLAIN).split('\n');

describe('the text', () => {
  const moved = result([cluster('x', '/etc/certs'), cluster('y', '/own')]);

  test('tells what was done', () => {
    const [headline, from, files, reason, place, ...rest] = text(moved);
    expect(headline).toBe('2 TLS contexts found: 1 moved to SDS, 1 left');
    expect(from).toBe('  from a server');
    expect(files).toMatch(
      /^ {2}1 of 1 file changed, \d secrets? from 1 distinct SDS block, \+[\d.]+ (?:bytes|kB)$/,
    );
    expect(reason).toBe('  left, not-workload-files (1):');
    expect(place).toMatch(
      /^ {4}a\.json:1:\d+ cluster y: \/own\/cert-chain\.pem and \/own\/key\.pem are not /,
    );
    expect(rest).toEqual([]);
  });

  test('tells what would be done', () => {
    const [headline, , files] = text(moved, { written: 'checked' });
    expect(headline).toBe('2 TLS contexts found: 1 would move to SDS, 1 left');
    expect(files).toContain('1 of 1 file would change');
  });

  test('tells of errors that nothing else counts', () => {
    const findings = [
      { code: 'a', level: 'error', message: 'a' },
      { code: 'b', level: 'warning', message: 'b' },
    ] as const;
    expect(text({ ...moved, findings }, { written: 'errors' })).toEqual(['1 error: nothing was written']);
  });

  test('tells of nothing', () => {
    expect(text(result([{ name: 'x' }]))).toEqual(['no TLS context found', '  nothing changed']);
  });

  test('names the first of many places and files', () => {
    const many = Array.from({ length: 7 }, (_, i) => cluster(`c${i}`, `/own/${i}`));
    const left = text(result(many));
    expect(left).toContain('  left, not-workload-files (7):');
    expect(left).toContain('    … and 2 more; --summary json lists all');
    expect(left.filter((line) => line.startsWith('    a.json:'))).toHaveLength(5);
    expect(text(result(many, 'files'), { secretsFolder: 'out/secrets' })).toContainEqual(
      expect.stringMatching(/^ {2}7 Secret files in out\/secrets: (?:[^,]+, ){4}[^,]+ and 2 more$/),
    );
  });

  test('names other providers where the default one fits nothing', () => {
    const foreign = result([cluster('x', '/own')]);
    expect(text(foreign).at(-1)).toContain('--provider files moves any file');
    expect(text(foreign, { providerGiven: true }).at(-1)).not.toContain('--provider spire');
  });
});

test('the value lists all that was left', () => {
  const many = Array.from({ length: 7 }, (_, i) => cluster(`c${i}`, '/own'));
  const value = summaryValue(result(many), OPTIONS) as { left: readonly object[] };
  expect(value.left).toHaveLength(7);
  expect(value.left[0]).toMatchObject({
    file: 'a.json',
    line: 1,
    resource: 'cluster c0',
    side: 'upstream',
    api: 'v2',
  });
});
