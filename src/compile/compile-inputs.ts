// Texts to a proxy's configuration: what `compile` does, without files, environment or terminal.

import type { Finding } from '../finding/finding.js';
import { nearName } from '../finding/near-name.js';
import { checkMesh } from '../mesh/check-mesh.js';
import { compareText } from '../mesh/host.js';
import { DEFAULT_MESH_SETTINGS, meshDocument, settingsOf } from '../mesh/mesh-config.js';
import type { Mesh, MeshSettings } from '../mesh/model.js';
import { resolveProxy } from '../mesh/proxy.js';
import { describeWorkload, type ProxyFile, workloadNamed } from '../mesh/proxy-description.js';
import { readMesh } from '../mesh/read-mesh.js';
import { configMapEntries } from '../source/config-map.js';
import { type Document, readSource } from '../source/document.js';
import type { Compat } from './compat.js';
import { type Compiled, compile } from './compile.js';
import { type Context, contextFor, pilotEnvironment } from './context.js';
import type { Dataplane } from './dataplane.js';
import { missingAddresses } from './missing-addresses.js';
import { missingCounterparts } from './missing-counterparts.js';

/** A text with Kubernetes and Istio resources. */
export interface CompileInput {
  readonly name: string;
  readonly text: string;
}

/** How the resources are compiled. */
export interface CompileOptions {
  /** The mesh's settings; without them those of the `istio` ConfigMap among the inputs, else Pilot's defaults. */
  readonly settings?: MeshSettings;
  /** The proxy as a file describes it, or `NAME.NAMESPACE` of a workload among the inputs. */
  readonly proxy: ProxyFile | string;
  /** Settings of Pilot's environment; they win over those of the proxy's file. */
  readonly environment?: { readonly [name: string]: string };
  /** Whether what is odd in Pilot 1.1 is reproduced; by default it is. */
  readonly compat?: Compat;
  /** Whose proxy is configured; by default Istio's. */
  readonly dataplane?: Dataplane;
}

/** A proxy's configuration, or none where findings of level error say why. */
export interface CompileResult {
  readonly compiled: Compiled | undefined;
  /** What it was compiled from. */
  readonly context: Context | undefined;
  readonly findings: readonly Finding[];
  /** Kinds of resources that do not matter here, with their numbers. */
  readonly ignored: ReadonlyMap<string, number>;
}

/** Compiles a proxy's configuration from resources; the order of inputs and documents does not matter. */
export function compileInputs(inputs: readonly CompileInput[], options: CompileOptions): CompileResult {
  const findings: Finding[] = [];
  const documents = inputs.flatMap(({ name, text }) => {
    const source = readSource(name, text);
    // A file that holds only comments is no mistake among others.
    findings.push(...source.findings.filter(({ code }) => code !== 'empty'));
    return source.documents;
  });
  const settings = options.settings ?? settingsAmong(documents, findings);
  const { mesh, findings: wrong, ignored } = readMesh(documents, settings);
  findings.push(...wrong);
  // What is wrong in itself need not fit the rest.
  if (!findings.some(isError)) findings.push(...checkMesh(mesh));
  if (options.dataplane === 'envoy') findings.push(...missingCounterparts(mesh));
  findings.push(...missingAddresses(mesh, options.dataplane ?? 'istio'));
  const file = proxyFile(mesh, options.proxy, findings);
  if (file === undefined || findings.some(isError))
    return { compiled: undefined, context: undefined, findings, ignored };
  const environment = pilotEnvironment({ ...file.environment, ...options.environment });
  const context = contextFor(
    mesh,
    resolveProxy(mesh, file.description),
    environment,
    options.compat,
    options.dataplane,
  );
  const compiled = compile(context, file.routes);
  findings.push(...compiled.findings);
  return { compiled, context, findings, ignored };
}

/** The settings of the ConfigMap `istio`, which Helm writes; else Pilot's own. */
function settingsAmong(documents: readonly Document[], findings: Finding[]): MeshSettings {
  for (const document of documents) {
    const entry = configMapEntries(document).find(
      ({ configMap, key }) => configMap === 'istio' && key === 'mesh',
    );
    const found = entry && meshDocument(document, findings);
    if (found !== undefined) return settingsOf(found, findings);
  }
  return DEFAULT_MESH_SETTINGS;
}

function isError({ level }: Finding): boolean {
  return level === 'error';
}

function proxyFile(mesh: Mesh, proxy: CompileOptions['proxy'], findings: Finding[]): ProxyFile | undefined {
  if (typeof proxy !== 'string') return proxy;
  const workload = workloadNamed(mesh, proxy);
  if (workload !== undefined)
    return { description: describeWorkload(mesh, workload), environment: {}, routes: [] };
  findings.push(noSuchProxy(mesh, proxy));
  return undefined;
}

/** How many names are shown where none is near. */
const SHOWN = 8;

function noSuchProxy({ workloads }: Mesh, proxy: string): Finding {
  const names = [
    ...new Set(workloads.map(({ name, owner, namespace }) => `${owner || name}.${namespace}`)),
  ].sort(compareText);
  const suggestion = nearName(proxy, names);
  const shown = names.length > SHOWN ? [...names.slice(0, SHOWN), '…'] : names;
  return {
    code: 'no-such-proxy',
    level: 'error',
    message: `there is no workload ${JSON.stringify(proxy)} among the inputs`,
    expected:
      names.length === 0
        ? 'a Pod, Deployment, StatefulSet or DaemonSet among the inputs, or a file that describes the proxy'
        : `one of ${shown.join(', ')}, or a file that describes the proxy`,
    ...(suggestion !== undefined && { suggestion }),
  };
}
