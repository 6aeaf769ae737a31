// What `xdsc bootstrap` does: reads the inputs, makes the proxy's bootstrap, writes it and says what was wrong.

import { join } from 'node:path';
import { type BootstrapResult, bootstrap } from '../../compile/bootstrap/bootstrap.js';
import { BUILT_IN_TEMPLATE } from '../../compile/bootstrap/built-in-template.js';
import { istiodBootstrap } from '../../compile/bootstrap/istiod-bootstrap.js';
import { readProxyConfig } from '../../compile/bootstrap/proxy-config.js';
import type { ControlPlaneTls, Discovery } from '../../compile/bootstrap/values.js';
import { jsonText } from '../../compile/output/json-text.js';
import type { Compat } from '../../compile/pilot/context/compat.js';
import type { Dataplane } from '../../compile/pilot/context/dataplane.js';
import { whichIstio } from '../../compile/which-istio.js';
import type { Api } from '../../envoy/detect.js';
import type { OnUnknown } from '../../envoy/upgrade/subject.js';
import type { Finding } from '../../finding/finding.js';
import type { Istio } from '../../mesh/istio-api.js';
import { readNetworks, readSettings } from '../../mesh/istiod/settings.js';
import type { ProxyFile } from '../../mesh/proxy-description.js';
import { dataplaneFor } from '../dataplane-flag.js';
import { EXIT, Failure } from '../exit.js';
import { readFlag } from '../flag-file.js';
import { type Input, readInputs } from '../inputs.js';
import { type Output, writeOutputs, writeStandardOutput } from '../outputs.js';
import { withProject } from '../project-file.js';
import { readMeshFlag, readProxyFlag, versionOf } from '../proxy-flags.js';
import { tell } from '../tell.js';
import { yamlText } from '../yaml-text.js';

/** The command's options as they were given. */
export interface BootstrapFlags {
  readonly proxy?: string;
  readonly mesh?: string;
  readonly meshNetworks?: string;
  /** By default what the inputs show. */
  readonly istio?: Istio;
  readonly config?: string | boolean;
  readonly proxyConfig?: string;
  readonly annotation: Settings;
  readonly discovery: Discovery;
  /** By default v2. */
  readonly api?: Api;
  readonly onUnknown?: OnUnknown;
  readonly folder?: string;
  readonly pilotSan?: readonly string[];
  readonly controlPlaneTls?: ControlPlaneTls;
  readonly runtime: Settings;
  readonly maxHeap?: number;
  readonly template?: string;
  readonly printTemplate?: boolean;
  readonly pilotEnv: Settings;
  readonly compat: Compat;
  readonly dataplane?: Dataplane;
  readonly output?: string;
  readonly format: 'json' | 'yaml';
  readonly stdinFilename: string;
}

type Settings = { readonly [name: string]: string };

/** Prints the built-in template. */
export function printTemplate(): void {
  writeStandardOutput([BUILT_IN_TEMPLATE]);
}

/** Runs the command and gives the exit status. */
export async function runBootstrap(
  given: readonly string[],
  own: BootstrapFlags & { readonly proxy: string },
): Promise<number> {
  const { discovery, output, format } = own;
  if (own.proxy === 'all') throw new Failure('bootstrap takes one proxy, not --proxy all');
  if (discovery === 'files' && output === undefined)
    throw new Failure('--discovery files writes several files; add -o DIR');
  if (discovery === 'files' && format !== 'json')
    throw new Failure(
      '--format yaml cannot be combined with --discovery files, because Envoy reads these files as JSON',
    );
  const findings: Finding[] = [];
  // What a control plane sends need not be compiled.
  const { paths, flags } = withProject(given, own, findings, discovery !== 'ads');
  const proxy = readProxyFlag(flags.proxy, findings);
  const { inputs, findings: unread } = await readInputs(paths, {
    stdinFilename: flags.stdinFilename,
    output,
  });
  findings.push(...unread);
  const { istio, findings: chosen } = whichIstio(inputs, {
    ...(flags.istio !== undefined && { given: flags.istio }),
    proxyVersion: versionOf(proxy),
  });
  // Where there are no resources there is nothing that a note could be about.
  if (inputs.length > 0) findings.push(...chosen);
  if (istio === '1.29') return runIstiod(inputs, proxy, flags, findings);
  const { api = 'v2' } = flags;
  const dataplane = dataplaneFor(api, flags.dataplane);
  const settings = readMeshFlag(flags.mesh, findings);
  const config = flags.proxyConfig && readFlag(flags.proxyConfig, readProxyConfig, findings)?.config;
  const template = flags.template && readFlag(flags.template, asTemplate, findings);
  const result = bootstrap(inputs, {
    ...(settings !== undefined && { settings }),
    ...(config && { config }),
    ...(template && { template }),
    ...(flags.folder !== undefined && { folder: flags.folder }),
    ...(flags.pilotSan !== undefined && { pilotSans: flags.pilotSan }),
    ...(flags.controlPlaneTls !== undefined && { controlPlaneTls: flags.controlPlaneTls }),
    ...(flags.onUnknown !== undefined && { onUnknown: flags.onUnknown }),
    ...(flags.maxHeap !== undefined && { maxHeapBytes: flags.maxHeap }),
    proxy,
    annotations: flags.annotation,
    discovery,
    api,
    runtime: typed(flags.runtime),
    environment: flags.pilotEnv,
    compat: flags.compat,
    dataplane,
  });
  const status = tell([...findings, ...result.findings]);
  if (status === EXIT.done && result.bootstrap !== undefined) write(result, flags);
  return status;
}

/** Flags that say what only Istio 1.1's bootstrap has. */
const ONLY_PILOT: readonly (keyof BootstrapFlags)[] = [
  'template',
  'folder',
  'pilotSan',
  'controlPlaneTls',
  'onUnknown',
  'maxHeap',
  'proxyConfig',
];

/** What a proxy of istiod 1.29 starts from. */
function runIstiod(
  inputs: readonly Input[],
  proxy: ProxyFile | string,
  flags: BootstrapFlags,
  findings: Finding[],
): number {
  if (flags.api === 'v2') throw new Failure('--api v2 cannot be combined with Istio 1.29, which only has v3');
  if (flags.discovery === 'files') throw new Failure('--discovery files only supports Istio 1.1');
  const others = ONLY_PILOT.filter((name) => flags[name] !== undefined);
  if (others.length > 0 || Object.keys({ ...flags.annotation, ...flags.runtime }).length > 0)
    throw new Failure(
      'for Istio 1.29, bootstrap only takes --mesh, --mesh-networks, --pilot-env, --dataplane and --discovery',
    );
  const settings = flags.mesh === undefined ? undefined : readFlag(flags.mesh, readSettings, findings)?.value;
  const networks =
    flags.meshNetworks === undefined
      ? undefined
      : readFlag(flags.meshNetworks, readNetworks, findings)?.value;
  const result = istiodBootstrap(inputs, {
    ...(settings !== undefined && { settings }),
    ...(networks !== undefined && { networks }),
    ...(flags.dataplane !== undefined && { dataplane: flags.dataplane }),
    environment: flags.pilotEnv,
    discovery: flags.discovery,
    proxy,
  });
  const status = tell([...findings, ...result.findings]);
  const { bootstrap: made } = result;
  if (status !== EXIT.done || made === undefined) return status;
  const { output, format } = flags;
  const text = format === 'yaml' ? yamlText(made) : jsonFile(made);
  if (output === undefined) writeStandardOutput([text]);
  else writeOutputs([{ path: join(output, `bootstrap.${format}`), chunks: [text] }]);
  return status;
}

function asTemplate(name: string, text: string) {
  return { name, text, findings: [] };
}

/** Envoy's runtime tells numbers and bools from texts. */
function typed(settings: Settings): { readonly [name: string]: string | number | boolean } {
  return Object.fromEntries(
    Object.entries(settings).map(([name, text]) => [
      name,
      text === 'true' || text === 'false'
        ? text === 'true'
        : /^-?\d+(\.\d+)?$/.test(text)
          ? Number(text)
          : text,
    ]),
  );
}

function write(result: BootstrapResult, { output, format }: BootstrapFlags): void {
  const text = format === 'yaml' ? yamlText(result.bootstrap ?? {}) : jsonFile(result.bootstrap);
  if (output === undefined) {
    writeStandardOutput([text]);
    return;
  }
  writeOutputs([
    { path: join(output, `bootstrap.${format}`), chunks: [text] },
    { path: join(output, 'arguments.txt'), chunks: [`${result.arguments.join(' ')}\n`] },
    ...result.files.map(
      ({ path, content }): Output => ({ path: join(output, path), chunks: [jsonFile(content)] }),
    ),
  ]);
}

function jsonFile(value: unknown): string {
  return `${jsonText(value, 0)}\n`;
}
