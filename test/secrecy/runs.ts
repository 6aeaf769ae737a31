// Every command and format, on an input and a changed one, with the parts of the output that tell something.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { at, put, xdsc } from '../cli/xdsc.js';
import { leakIn } from './leaks.js';
import type { Planted } from './plant.js';

const WEB = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop, labels: {app: web}}
spec: {containers: [{name: web, image: web}]}
status: {podIP: 10.1.1.1}
`;

/** A file to run commands on. */
export interface Input {
  readonly text: string;
  readonly format: 'json' | 'yaml';
  /** Of the file, without its ending. */
  readonly name?: string;
}

interface Run {
  readonly args: readonly string[];
  /** Whether standard output is a configuration, where the secret belongs. */
  readonly copies?: true;
  /** A report that it writes. */
  readonly writes?: string;
}

function* runs(file: string, other: string): Generator<Run> {
  for (const format of ['pretty', 'json', 'sarif', 'junit', 'github', 'markdown'])
    yield { args: ['validate', '--no-config', '--format', format, file] };
  yield { args: ['validate', '--no-config', '--api', 'v3', '--forbid', 'secret-files', file] };
  for (const format of ['pretty', 'json', 'markdown', 'github']) {
    yield { args: ['diff', '--format', format, file, other] };
    yield { args: ['diff', '--format', format, 'empty.yaml', file] };
  }
  yield { args: ['convert', '--no-config', '--summary', 'json', file], copies: true };
  yield {
    args: [
      'convert',
      '--no-config',
      '--to',
      'v3',
      '--provider',
      'none',
      '--on-unknown',
      'drop',
      '--summary',
      'json',
      file,
    ],
    copies: true,
  };
  yield { args: ['convert', '--no-config', '--to', 'v3', '--on-unknown', 'fail', file], copies: true };
  yield {
    args: ['convert', '--no-config', '--provider', 'files', '--secrets-dir', '/srv/sds', '-o', 'out', file],
  };
  yield { args: ['report', '-o', 'report.html', file, '--against', other], writes: 'report.html' };
  yield { args: ['compile', '--no-config', '--proxy', 'web-1.shop', file, 'web.yaml'], copies: true };
  yield {
    args: [
      'compile',
      '--no-config',
      '--proxy',
      'web-1.shop',
      '--explain',
      'outbound|80||web.shop.svc.cluster.local',
      file,
      'web.yaml',
    ],
  };
  yield { args: ['plan', '--format', 'json', file, 'web.yaml'] };
  yield {
    args: [
      'bootstrap',
      '--no-config',
      '--discovery',
      'ads',
      '--proxy',
      'web-1.shop',
      '--mesh',
      file,
      'web.yaml',
    ],
    copies: true,
  };
  yield {
    args: [
      'bootstrap',
      '--no-config',
      '--discovery',
      'ads',
      '--proxy',
      'web-1.shop',
      '--proxy-config',
      file,
      'web.yaml',
    ],
    copies: true,
  };
  yield {
    args: [
      'bootstrap',
      '--no-config',
      '--discovery',
      'ads',
      '--proxy',
      'web-1.shop',
      '--template',
      file,
      'web.yaml',
    ],
    copies: true,
  };
  yield { args: ['diff', '--secrets', file, 'web.yaml', 'web.yaml'] };
  yield { args: ['validate', '--config', file, 'empty.yaml'] };
  yield { args: ['manifests', 'sds-agent', '--values', file], copies: true };
  yield { args: ['compile', '--no-config', '--proxy', file, 'web.yaml'], copies: true };
}

/** What a run tells. */
export interface Told {
  readonly args: readonly string[];
  readonly text: string;
}

/** All that is told of an input, and of it and another one. */
export async function* told(input: Input, other: Input): AsyncGenerator<Told> {
  const [file, changed] = [`${input.name ?? 'a'}.${input.format}`, `b.${other.format}`];
  put({ [file]: input.text, [changed]: other.text, 'web.yaml': WEB, 'empty.yaml': 'static_resources: {}\n' });
  for (const { args, copies, writes } of runs(file, changed)) {
    const { stdout, stderr } = await xdsc(args);
    const page = writes !== undefined && existsSync(at(writes)) ? readFileSync(at(writes), 'utf8') : '';
    for (const text of [stderr, copies ? '' : stdout, page]) if (text !== '') yield { args, text };
    rmSync(at('out'), { recursive: true, force: true });
    rmSync(at('report.html'), { force: true });
  }
}

/** What runs with an input leak of its secret: the arguments and the part; empty where they leak nothing. */
export async function leaksOf(input: Planted, other: Planted): Promise<string[]> {
  const found: string[] = [];
  for await (const { args, text } of told(input, other))
    for (const { mark, way } of [input, other]) {
      const leak = leakIn(text, mark);
      if (leak !== undefined) found.push(`xdsc ${args.join(' ')} (${way}): ${leak}`);
    }
  return found;
}
