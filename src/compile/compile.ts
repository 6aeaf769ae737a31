// Texts to the configuration of a proxy or of all: what `compile` does, without files, environment or
// terminal.

import type { Finding } from '../finding/finding.js';
import { checkMesh } from '../mesh/check-mesh.js';
import { fleetOf } from '../mesh/fleet.js';
import { DEFAULT_MESH_SETTINGS, withDefaults } from '../mesh/mesh-config.js';
import type { Mesh, MeshSettings } from '../mesh/model.js';
import { type ProxyDescription, resolveProxy } from '../mesh/proxy.js';
import { describeWorkload, type ProxyFile, workloadNamed } from '../mesh/proxy-description.js';
import { readMesh } from '../mesh/read-mesh.js';
import { saidSettings, settingsDocument } from '../mesh/said-settings.js';
import { configMapEntries } from '../source/config-map.js';
import type { Document } from '../source/document.js';
import type { Compiled } from './compiled.js';
import { COMPATS, type Compat, hasQuirk } from './pilot/context/compat.js';
import { type Context, contextFor, contextsIn, pilotEnvironment } from './pilot/context/context.js';
import type { Dataplane } from './pilot/context/dataplane.js';
import { missingAddresses } from './pilot/missing-addresses.js';
import { missingCounterparts } from './pilot/missing-counterparts.js';
import { compile } from './pilot/proxy-configuration.js';
import { type CompileInput, documentsOf } from './sources.js';
import { noProxies, noSuchProxy, unfitIds } from './which-proxies.js';

export type { CompileInput };

/** How the resources of a mesh are compiled. */
export interface MeshOptions {
  /** The mesh's settings; without them those of the `istio` ConfigMap among the inputs, else Pilot's defaults. */
  readonly settings?: MeshSettings;
  /** Settings of Pilot's environment; they win over those of the proxy's file. */
  readonly environment?: { readonly [name: string]: string };
  /** Whether what is odd in Pilot 1.1 is reproduced; by default it is. */
  readonly compat?: Compat;
  /** Whose proxy is configured; by default Istio's. */
  readonly dataplane?: Dataplane;
  /** Whether resources that only later releases have are reported and ignored; by default they are read. */
  readonly leavesOutLater?: boolean;
}

/** How the resources are compiled for a proxy. */
export interface CompileOptions extends MeshOptions {
  /** The proxy as a file describes it, or `NAME.NAMESPACE` of a workload among the inputs. */
  readonly proxy: ProxyFile | string;
}

/** Findings about the resources, whether or not they were compiled. */
interface Outcome {
  readonly findings: readonly Finding[];
  /** Kinds of resources that do not matter here, with their numbers. */
  readonly ignored: ReadonlyMap<string, number>;
}

/** A proxy's configuration, or none where findings of level error say why. */
export interface CompileResult extends Outcome {
  readonly compiled: Compiled | undefined;
  /** What it was compiled from. */
  readonly context: Context | undefined;
}

/** The configurations of all proxies, or none where findings of level error say why. */
export interface CompileAllResult extends Outcome {
  /** The proxies, by namespace and name. */
  readonly proxies: readonly ProxyDescription[];
  /** How many workloads have no proxy, since they are not to be injected. */
  readonly withoutSidecar: number;
  /**
   * The configuration of each proxy, made when it is asked for, so that never all are in memory. Resources
   * that proxies have in common are the same objects.
   */
  readonly compiled: Iterable<{ readonly proxy: ProxyDescription; readonly compiled: Compiled }> | undefined;
}

/** Compiles a proxy's configuration from resources; the order of inputs and documents does not matter. */
export function compileInputs(inputs: readonly CompileInput[], options: CompileOptions): CompileResult {
  const { mesh, findings, ignored } = meshOf(inputs, options);
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

/** Compiles the configurations of all proxies of a mesh: of the sidecar of each workload, and of gateways. */
export function compileAllInputs(inputs: readonly CompileInput[], options: MeshOptions): CompileAllResult {
  const { mesh, findings, ignored } = meshOf(inputs, options);
  const { proxies, withoutSidecar } = fleetOf(mesh);
  findings.push(...unfitIds(proxies));
  if (proxies.length === 0) findings.push(noProxies(withoutSidecar));
  const result = { proxies, withoutSidecar, findings, ignored };
  if (findings.some(isError)) return { ...result, compiled: undefined };
  const contextOf = contextsIn(
    mesh,
    pilotEnvironment(options.environment ?? {}),
    options.compat,
    options.dataplane,
  );
  return {
    ...result,
    compiled: {
      *[Symbol.iterator]() {
        for (const proxy of proxies)
          yield { proxy, compiled: compile(contextOf(resolveProxy(mesh, proxy)), []) };
      },
    },
  };
}

/** The mesh that texts describe, and what is wrong with it. */
function meshOf(
  inputs: readonly CompileInput[],
  options: MeshOptions,
): { readonly mesh: Mesh; readonly findings: Finding[]; readonly ignored: ReadonlyMap<string, number> } {
  const findings: Finding[] = [];
  const documents = documentsOf(inputs, findings);
  const settings = options.settings ?? settingsAmong(documents, findings);
  const {
    mesh,
    findings: wrong,
    ignored,
  } = readMesh(
    documents,
    settings,
    { separate: !hasQuirk(options.compat ?? COMPATS[0], 'rules-merged-across-namespaces') },
    options.leavesOutLater,
  );
  findings.push(...wrong);
  // What is wrong in itself need not fit the rest.
  if (!findings.some(isError)) {
    findings.push(...checkMesh(mesh), ...missingAddresses(mesh, options.dataplane ?? 'istio'));
    if (options.dataplane === 'envoy')
      findings.push(...missingCounterparts(mesh, options.compat ?? 'istio-1.1'));
  }
  return { mesh, findings, ignored };
}

/** The settings of the ConfigMap `istio`, which Helm writes; else Pilot's own. */
export function settingsAmong(documents: readonly Document[], findings: Finding[]): MeshSettings {
  for (const document of documents) {
    const entry = configMapEntries(document).find(
      ({ configMap, key }) => configMap === 'istio' && key === 'mesh',
    );
    const found = entry && settingsDocument(document, findings);
    const said = found && saidSettings(found, findings);
    if (said !== undefined) return withDefaults(said);
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
  const names = mesh.workloads.map(({ name, owner, namespace }) => `${owner || name}.${namespace}`);
  findings.push(noSuchProxy(names, proxy));
  return undefined;
}
