// What `xdsc compile` does: reads the inputs, compiles them, writes the results and says what was wrong.

import { join } from 'node:path';
import {
  type CompileAllResult,
  type CompileResult,
  compileAllInputs,
  compileInputs,
  type MeshOptions,
} from '../../compile/compile.js';
import type { Compiled } from '../../compile/compiled.js';
import { explainTls } from '../../compile/explain/explain.js';
import { JSON_FORM, type ResourceKind, type ResponseForm } from '../../compile/output/response.js';
import { type ResponseWriter, responseWriter } from '../../compile/output/writer.js';
import type { Compat } from '../../compile/pilot/context/compat.js';
import type { Dataplane } from '../../compile/pilot/context/dataplane.js';
import type { Api } from '../../envoy/detect.js';
import type { Finding } from '../../finding/finding.js';
import { type CompileSummary, compileSummary } from '../../report/compile-summary.js';
import { findingText, PLAIN } from '../../report/finding-text.js';
import { tlsExplanationText } from '../../report/tls-explanation.js';
import { dataplaneFor } from '../dataplane-flag.js';
import { EXIT, Failure } from '../exit.js';
import { readInputs } from '../inputs.js';
import { type Output, writeManyOutputs, writeOutputs, writeStandardOutput } from '../outputs.js';
import { type Progress, progressBar } from '../progress.js';
import { withProject } from '../project-file.js';
import { readMeshFlag, readProxyFlag } from '../proxy-flags.js';
import { tell } from '../tell.js';
import { paintFor, say } from '../terminal.js';
import { tellReport } from '../told.js';

/** The command's options as they were given. */
export interface CompileFlags {
  readonly proxy: string;
  readonly mesh?: string;
  readonly config?: string | boolean;
  readonly pilotEnv: { readonly [name: string]: string };
  readonly output?: string;
  readonly explain?: string;
  readonly emit: readonly ResourceKind[];
  readonly compat: Compat;
  /** By default v2. */
  readonly api?: Api;
  readonly dataplane?: Dataplane;
  readonly format: 'json' | 'yaml';
  readonly stdinFilename: string;
}

/** What `--proxy` is for all proxies of the mesh. */
const ALL = 'all';

/** Runs the command and gives the exit status. */
export async function runCompile(given: readonly string[], own: CompileFlags): Promise<number> {
  const findings: Finding[] = [];
  const { paths, flags } = withProject(given, own, findings);
  const dataplane = dataplaneFor(flags.api ?? 'v2', flags.dataplane);
  const settings = readMeshFlag(flags.mesh, findings);
  const proxy = flags.proxy === ALL ? undefined : readProxyFlag(flags.proxy, findings);
  const { inputs, findings: unread } = await readInputs(paths, {
    stdinFilename: flags.stdinFilename,
    output: flags.output,
  });
  findings.push(...unread);
  const options: MeshOptions = {
    ...(settings !== undefined && { settings }),
    environment: flags.pilotEnv,
    compat: flags.compat,
    dataplane,
  };
  if (proxy === undefined) {
    if (flags.explain !== undefined) throw new Failure('--explain takes one proxy, not --proxy all');
    const result = compileAllInputs(inputs, options);
    const status = tell([...findings, ...result.findings]);
    if (status === EXIT.done) await writeAll(result, flags);
    return status;
  }
  const result = compileInputs(inputs, { ...options, proxy });
  if (flags.explain !== undefined) return explainOne(flags.explain, findings, result);
  const status = tell([...findings, ...result.findings]);
  if (status === EXIT.done)
    await writeOne(typeof proxy === 'string' ? proxy : proxy.description.id, result, flags);
  return status;
}

/** Explains a cluster or listener in place of writing; warnings about other things would only hide it. */
function explainOne(name: string, findings: readonly Finding[], result: CompileResult): number {
  const { context, compiled } = result;
  const errors = [...findings, ...result.findings].filter(({ level }) => level === 'error');
  if (errors.length > 0 || context === undefined || compiled === undefined) return tell(errors);
  const explanation = explainTls(context, compiled, name);
  if ('code' in explanation) return tell([explanation]);
  tellReport(tlsExplanationText(explanation, paintFor(process.stdout)));
  return EXIT.done;
}

/** A form in which output is written; that of YAML is loaded only for it. */
async function formOf({ format, api }: CompileFlags): Promise<ResponseForm> {
  const form = format === 'yaml' ? (await import('../../compile/output/yaml-form.js')).YAML_FORM : JSON_FORM;
  return api === 'v3' ? (await import('../../compile/output/v3-form.js')).inV3(form) : form;
}

/** Writes a proxy's responses: a file for each kind, or one object. */
async function writeOne(id: string, result: CompileResult, flags: CompileFlags): Promise<void> {
  const { compiled } = result;
  if (compiled === undefined) return;
  const { emit, output } = flags;
  const form = await formOf(flags);
  const writer = responseWriter(form, output === undefined ? 1 : 0, false);
  if (output !== undefined) writeOutputs(files(form, writer, compiled, output, flags));
  else writeStandardOutput([...writer.proxy(compiled, emit), form.end]);
  summarise({ ...result, proxies: [{ id, type: 'sidecar' }], withoutSidecar: undefined }, writer, flags);
}

/** Writes the responses of all proxies: a folder for each, or one object keyed by proxy. */
async function writeAll(result: CompileAllResult, flags: CompileFlags): Promise<void> {
  if (result.compiled === undefined) return;
  const { emit, output } = flags;
  const form = await formOf(flags);
  const writer = responseWriter(form, output === undefined ? 2 : 0, true);
  const progress = progressBar(result.proxies.length, 'proxies');
  const lost = new Map<string, Finding>();
  const configurations = counted(result.compiled, progress, lost);
  try {
    if (output === undefined) {
      const members = mapped(configurations, ({ proxy, compiled }) => [
        [proxy.id, writer.proxy(compiled, emit)] as const,
      ]);
      writeStandardOutput(followed(form.object(members, 0), form.end));
    } else {
      await writeManyOutputs(
        mapped(configurations, ({ proxy, compiled }) =>
          files(form, writer, compiled, join(output, proxy.id), flags),
        ),
      );
    }
  } finally {
    progress.end();
  }
  tell([...lost.values()]);
  summarise(result, writer, flags);
}

/** A file for each kind in a folder. */
function* files(
  form: ResponseForm,
  writer: ResponseWriter,
  compiled: Compiled,
  folder: string,
  { emit, format }: CompileFlags,
): Generator<Output> {
  for (const kind of emit)
    yield {
      path: join(folder, `${kind}.${format}`),
      chunks: followed(writer.response(kind, compiled), form.end),
    };
}

/** The configurations one after the other, with what was found in making them, each finding once. */
function* counted<T extends { readonly compiled: Compiled }>(
  items: Iterable<T>,
  progress: Progress,
  findings: Map<string, Finding>,
): Generator<T> {
  let done = 0;
  for (const item of items) {
    for (const finding of item.compiled.findings) findings.set(findingText(finding, PLAIN), finding);
    yield item;
    progress.at(++done);
  }
}

function* mapped<T, U>(items: Iterable<T>, to: (item: T) => Iterable<U>): Generator<U> {
  for (const item of items) yield* to(item);
}

function* followed(pieces: Iterable<string>, end: string): Generator<string> {
  yield* pieces;
  yield end;
}

function summarise(
  result: Pick<CompileSummary, 'proxies' | 'withoutSidecar' | 'ignored'>,
  { counts }: ResponseWriter,
  { emit, output }: CompileFlags,
): void {
  say(`${compileSummary({ ...result, counts, kinds: emit, output }, paintFor(process.stderr))}\n`);
}
