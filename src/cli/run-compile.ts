// What `xdsc compile` does: reads the inputs, compiles them, writes the results and says what was wrong.

import { join } from 'node:path';
import type { Compat } from '../compile/compat.js';
import { compileInputs } from '../compile/compile-inputs.js';
import type { Dataplane } from '../compile/dataplane.js';
import { type DiscoveryResponse, type ResourceKind, responses, responseText } from '../compile/response.js';
import type { Finding } from '../finding/finding.js';
import { sortFindings } from '../finding/sort.js';
import { findingText } from '../report/finding-text.js';
import { EXIT, statusOf } from './exit.js';
import { readInputs } from './inputs.js';
import { type Output, writeOutputs } from './outputs.js';
import { readMeshFlag, readProxyFlag } from './proxy-flags.js';
import { paintFor, say } from './terminal.js';
import { yamlText } from './yaml-text.js';

/** The command's options as they were given. */
export interface CompileFlags {
  readonly proxy: string;
  readonly mesh?: string;
  readonly pilotEnv: { readonly [name: string]: string };
  readonly output?: string;
  readonly emit: readonly ResourceKind[];
  readonly compat: Compat;
  readonly dataplane: Dataplane;
  readonly format: 'json' | 'yaml';
  readonly stdinFilename: string;
}

/** Runs the command and gives the exit status. */
export async function runCompile(paths: readonly string[], flags: CompileFlags): Promise<number> {
  const findings: Finding[] = [];
  const settings = readMeshFlag(flags.mesh, findings);
  const proxy = readProxyFlag(flags.proxy, findings);
  const { inputs, findings: unread } = await readInputs(paths, {
    stdinFilename: flags.stdinFilename,
    output: flags.output,
  });
  findings.push(...unread);
  const result = compileInputs(inputs, {
    ...(settings !== undefined && { settings }),
    proxy,
    environment: flags.pilotEnv,
    compat: flags.compat,
    dataplane: flags.dataplane,
  });
  findings.push(...result.findings);
  const paint = paintFor(process.stderr);
  for (const finding of sortFindings(findings)) say(`${findingText(finding, paint)}\n`);
  const status = statusOf(findings);
  if (status !== EXIT.done || result.compiled === undefined) return status;
  write(responses(result.compiled, flags.emit), flags);
  return EXIT.done;
}

type Responses = { readonly [Kind in ResourceKind]?: DiscoveryResponse };

function write(compiled: Responses, { output, format }: CompileFlags): void {
  const kinds = Object.entries(compiled) as [ResourceKind, DiscoveryResponse][];
  if (output === undefined) {
    writeOutputs([], format === 'yaml' ? [yamlText(compiled)] : allText(kinds));
    return;
  }
  writeOutputs(
    kinds.map(
      ([kind, response]): Output => ({
        path: join(output, `${kind}.${format}`),
        chunks: format === 'yaml' ? [yamlText(response)] : responseText(response),
      }),
    ),
  );
}

/** All kinds as one object. */
function* allText(kinds: readonly [ResourceKind, DiscoveryResponse][]): Generator<string> {
  let separator = '{\n';
  for (const [kind, response] of kinds) {
    yield `${separator}"${kind}": `;
    const pieces = [...responseText(response)];
    const last = pieces.pop() ?? '';
    yield* pieces;
    yield last.trimEnd();
    separator = ',\n';
  }
  yield '\n}\n';
}
