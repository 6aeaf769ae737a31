// What `xdsc compile` does: reads the inputs, compiles them, writes the results and says what was wrong.

import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Compat } from '../compile/compat.js';
import { compileInputs } from '../compile/compile-inputs.js';
import type { Dataplane } from '../compile/dataplane.js';
import { type DiscoveryResponse, type ResourceKind, responses, responseText } from '../compile/response.js';
import type { Finding } from '../finding/finding.js';
import { readMeshConfig } from '../mesh/mesh-config.js';
import type { MeshSettings } from '../mesh/model.js';
import { type ProxyFile, readProxyFile } from '../mesh/proxy-description.js';
import { findingText, sortFindings } from '../report/finding-text.js';
import { EXIT } from './exit.js';
import { statOf } from './file-system.js';
import { readInputs, readText } from './inputs.js';
import { type Output, writeOutputs } from './outputs.js';
import { paintFor, say } from './terminal.js';

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
  const settings = readMesh(flags, findings);
  const proxy = readProxy(flags, findings);
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
  if (findings.some(isError) || result.compiled === undefined)
    return findings.some(isUnreadable) ? EXIT.failed : EXIT.findings;
  write(responses(result.compiled, flags.emit), flags);
  return EXIT.done;
}

function readMesh({ mesh }: CompileFlags, findings: Finding[]): MeshSettings | undefined {
  if (mesh === undefined) return undefined;
  const read = readText(mesh, mesh);
  if ('code' in read) {
    findings.push(read);
    return undefined;
  }
  const { settings, findings: found } = readMeshConfig(mesh, read.text);
  findings.push(...found);
  return settings;
}

/** The proxy that a file describes; what is no file is the name of a pod. */
function readProxy({ proxy }: CompileFlags, findings: Finding[]): ProxyFile | string {
  if (statOf(proxy) === undefined && !/\.(?:json|ya?ml)$/i.test(proxy)) return proxy;
  const read = readText(proxy, proxy);
  if ('code' in read) {
    findings.push(read);
    return NOBODY;
  }
  const { file, findings: found } = readProxyFile(proxy, read.text);
  findings.push(...found);
  return file ?? NOBODY;
}

/** Stands for a proxy that could not be read, so that the other errors are found too. */
const NOBODY: ProxyFile = {
  description: { type: 'sidecar', ip: '', id: '', domain: '', metadata: {}, locality: undefined },
  environment: {},
  routes: [],
};

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

/** YAML without anchors: Envoy need not know them. */
function yamlText(value: object): string {
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
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

function isError(finding: Finding): boolean {
  return finding.level === 'error';
}

/** Codes of what keeps a text from being read at all: exit status 2. */
const UNREADABLE = new Set(['syntax', 'template', 'encoding', 'unreadable']);

function isUnreadable(finding: Finding): boolean {
  return finding.level === 'error' && UNREADABLE.has(finding.code);
}
