// What `xdsc compile` does: reads the inputs, compiles them, writes the results and says what was wrong.

import { join } from 'node:path';
import { compileAllInputs, compileInputs, type MeshOptions } from '../../compile/compile.js';
import {
  compileAllIstiodInputs,
  compileIstiodInputs,
  type IstiodOptions,
} from '../../compile/compile-istiod.js';
import { explainTls } from '../../compile/explain/explain.js';
import { explainIstiodTls } from '../../compile/explain/explain-istiod.js';
import type { TlsExplanation } from '../../compile/explain/tls-explanation.js';
import {
  JSON_FORM,
  type ResourceKind,
  type Resources,
  type ResponseForm,
  TYPE_URLS,
  V3_TYPE_URLS,
} from '../../compile/output/response.js';
import { type ResponseWriter, responseWriter } from '../../compile/output/writer.js';
import { COMPATS, type Compat } from '../../compile/pilot/context/compat.js';
import type { Dataplane } from '../../compile/pilot/context/dataplane.js';
import { whichIstio } from '../../compile/which-istio.js';
import type { Api } from '../../envoy/detect.js';
import type { Finding } from '../../finding/finding.js';
import type { Istio } from '../../mesh/istio-api.js';
import { readNetworks, readSettings } from '../../mesh/istiod/settings.js';
import type { ProxyFile } from '../../mesh/proxy-description.js';
import { type CompileSummary, compileSummary } from '../../report/compile-summary.js';
import { findingText, PLAIN } from '../../report/finding-text.js';
import { tlsExplanationText } from '../../report/tls-explanation.js';
import { dataplaneFor } from '../dataplane-flag.js';
import { EXIT, Failure } from '../exit.js';
import { readFlag } from '../flag-file.js';
import { type Input, readInputs } from '../inputs.js';
import { type Output, writeManyOutputs, writeOutputs, writeStandardOutput } from '../outputs.js';
import { type Progress, progressBar } from '../progress.js';
import { withProject } from '../project-file.js';
import { readMeshFlag, readProxyFlag, versionOf } from '../proxy-flags.js';
import { tell } from '../tell.js';
import { paintFor, say } from '../terminal.js';
import { tellReport } from '../told.js';

/** The command's options as they were given. */
export interface CompileFlags {
  readonly proxy: string;
  readonly mesh?: string;
  readonly meshNetworks?: string;
  /** By default what the inputs show. */
  readonly istio?: Istio;
  readonly config?: string | boolean;
  readonly pilotEnv: { readonly [name: string]: string };
  readonly output?: string;
  readonly explain?: string;
  readonly emit: readonly ResourceKind[];
  readonly compat: Compat;
  /** By default that of the release. */
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
  const proxy = flags.proxy === ALL ? undefined : readProxyFlag(flags.proxy, findings);
  if (proxy === undefined && flags.explain !== undefined)
    throw new Failure('--explain takes one proxy, not --proxy all');
  const { inputs, findings: unread } = await readInputs(paths, {
    stdinFilename: flags.stdinFilename,
    output: flags.output,
  });
  findings.push(...unread);
  const { istio, findings: chosen } = whichIstio(inputs, {
    ...(flags.istio !== undefined && { given: flags.istio }),
    proxyVersion: versionOf(proxy),
  });
  findings.push(...chosen);
  const task: Task = { inputs, proxy, flags, findings };
  return istio === '1.1' ? runPilot(task) : runIstiod(task);
}

/** What is to be compiled. */
interface Task {
  readonly inputs: readonly Input[];
  /** Undefined for all proxies. */
  readonly proxy: ProxyFile | string | undefined;
  readonly flags: CompileFlags;
  readonly findings: Finding[];
}

/** What Pilot 1.1 would send. */
async function runPilot({ inputs, proxy, flags, findings }: Task): Promise<number> {
  if (flags.meshNetworks !== undefined) throw new Failure('--mesh-networks is for Istio 1.29');
  const settings = readMeshFlag(flags.mesh, findings);
  const options: MeshOptions = {
    ...(settings !== undefined && { settings }),
    environment: flags.pilotEnv,
    compat: flags.compat,
    dataplane: dataplaneFor(flags.api ?? 'v2', flags.dataplane),
    leavesOutLater: flags.istio === '1.1',
  };
  const form = await formOf(flags);
  const written: Written = { flags, istio: '1.1', form, typeUrls: TYPE_URLS };
  if (proxy === undefined) {
    const result = compileAllInputs(inputs, options);
    const status = tell([...findings, ...result.findings]);
    if (status === EXIT.done) await writeAll(result, written);
    return status;
  }
  const result = compileInputs(inputs, { ...options, proxy });
  if (flags.explain !== undefined) return explainOne(flags.explain, findings, result, explainTls);
  const status = tell([...findings, ...result.findings]);
  if (status === EXIT.done) writeOne(idOf(proxy), result, written);
  return status;
}

/** What istiod 1.29 would send. */
async function runIstiod({ inputs, proxy, flags, findings }: Task): Promise<number> {
  if (flags.api === 'v2') throw new Failure('--api v2 cannot be combined with Istio 1.29, which only has v3');
  if (flags.compat !== COMPATS[0])
    findings.push({ code: 'no-effect', level: 'note', message: '--compat has no effect with Istio 1.29' });
  const settings = flags.mesh === undefined ? undefined : readFlag(flags.mesh, readSettings, findings)?.value;
  const networks =
    flags.meshNetworks === undefined
      ? undefined
      : readFlag(flags.meshNetworks, readNetworks, findings)?.value;
  const options: IstiodOptions = {
    ...(settings !== undefined && { settings }),
    ...(networks !== undefined && { networks }),
    environment: flags.pilotEnv,
    dataplane: flags.dataplane ?? 'istio',
  };
  const form = await formOf({ ...flags, api: 'v2' });
  const written: Written = { flags, istio: '1.29', form, typeUrls: V3_TYPE_URLS };
  if (proxy === undefined) {
    const result = compileAllIstiodInputs(inputs, options);
    const status = tell([...findings, ...result.findings]);
    if (status === EXIT.done) await writeAll(result, written);
    return status;
  }
  const result = compileIstiodInputs(inputs, { ...options, proxy });
  if (flags.explain !== undefined) return explainOne(flags.explain, findings, result, explainIstiodTls);
  const status = tell([...findings, ...result.findings]);
  if (status === EXIT.done) writeOne(idOf(proxy), result, written);
  return status;
}

function idOf(proxy: ProxyFile | string): string {
  return typeof proxy === 'string' ? proxy : proxy.description.id;
}

/** Explains a cluster or listener in place of writing; warnings about other things would only hide it. */
function explainOne<Context, Compiled>(
  name: string,
  findings: readonly Finding[],
  result: {
    readonly context: Context | undefined;
    readonly compiled: Compiled | undefined;
    readonly findings: readonly Finding[];
  },
  explain: (context: Context, compiled: Compiled, name: string) => TlsExplanation | Finding,
): number {
  const { context, compiled } = result;
  const errors = [...findings, ...result.findings].filter(({ level }) => level === 'error');
  if (errors.length > 0 || context === undefined || compiled === undefined) return tell(errors);
  const explanation = explain(context, compiled, name);
  if ('code' in explanation) return tell([explanation]);
  tellReport(tlsExplanationText(explanation, paintFor(process.stdout)));
  return EXIT.done;
}

/** How results are written. */
interface Written {
  readonly flags: CompileFlags;
  readonly istio: Istio;
  readonly form: ResponseForm;
  readonly typeUrls: typeof TYPE_URLS;
}

/** What is written of a proxy. */
type Configuration = Resources & { readonly findings: readonly Finding[] };

/** A form in which output is written; that of YAML is loaded only for it. */
async function formOf({ format, api }: CompileFlags): Promise<ResponseForm> {
  const form = format === 'yaml' ? (await import('../../compile/output/yaml-form.js')).YAML_FORM : JSON_FORM;
  return api === 'v3' ? (await import('../../compile/output/v3-form.js')).inV3(form) : form;
}

/** Writes a proxy's responses: a file for each kind, or one object. */
function writeOne(
  id: string,
  result: Pick<CompileSummary, 'ignored'> & { readonly compiled: Configuration | undefined },
  written: Written,
): void {
  const { compiled } = result;
  if (compiled === undefined) return;
  const { form, typeUrls, flags } = written;
  const { emit, output } = flags;
  const writer = responseWriter(form, output === undefined ? 1 : 0, false, typeUrls);
  if (output !== undefined) writeOutputs(files(form, writer, compiled, output, flags));
  else writeStandardOutput([...writer.proxy(compiled, emit), form.end]);
  summarise({ ...result, proxies: [{ id, type: 'sidecar' }], withoutSidecar: undefined }, writer, written);
}

/** The configurations of all proxies. */
type All = Pick<CompileSummary, 'proxies' | 'withoutSidecar' | 'ignored'> & {
  readonly compiled:
    | Iterable<{ readonly proxy: { readonly id: string }; readonly compiled: Configuration }>
    | undefined;
};

/** Writes the responses of all proxies: a folder for each, or one object keyed by proxy. */
async function writeAll(result: All, written: Written): Promise<void> {
  if (result.compiled === undefined) return;
  const { form, typeUrls, flags } = written;
  const { emit, output } = flags;
  const writer = responseWriter(form, output === undefined ? 2 : 0, true, typeUrls);
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
        // To wait for the disk thousands of times takes longer than all the rest.
        { isDurable: false },
      );
    }
  } finally {
    progress.end();
  }
  tell([...lost.values()]);
  summarise(result, writer, written);
}

/** A file for each kind in a folder. */
function* files(
  form: ResponseForm,
  writer: ResponseWriter,
  compiled: Resources,
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
function* counted<T extends { readonly compiled: Configuration }>(
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
  { flags, istio }: Written,
): void {
  const { emit, output } = flags;
  say(`${compileSummary({ ...result, counts, kinds: emit, output, istio }, paintFor(process.stderr))}\n`);
}
