// Texts to the configuration of a proxy or of all, as istiod 1.29 sends it: what `compile --istio 1.29` does,
// without files, environment or terminal.

import type { MeshNetworks } from '../envoy/generated/types/mesh/v1/network.js';
import type { Finding } from '../finding/finding.js';
import { describeWorkload, fleetOf, workloadNamed, workloadTitle } from '../mesh/istiod/fleet.js';
import type { Mesh, Settings } from '../mesh/istiod/model.js';
import { type NodeDescription, resolveProxy } from '../mesh/istiod/proxy.js';
import { readIstiodMesh } from '../mesh/istiod/read-mesh.js';
import { DEFAULT_SETTINGS, networksAmong, settingsAmong } from '../mesh/istiod/settings.js';
import type { ProxyFile } from '../mesh/proxy-description.js';
import { type Compiled, compileIstiod } from './istiod/compile.js';
import { type Context, contextFor } from './istiod/context/context.js';
import { type Features, istiodFeatures } from './istiod/context/features.js';
import { upstreamCluster, upstreamListener } from './istiod/dataplane.js';
import { meshRemarks } from './istiod/remarks.js';
import type { Dataplane } from './pilot/context/dataplane.js';
import { type CompileInput, documentsOf } from './sources.js';
import { noProxies, noSuchProxy, unfitIds } from './which-proxies.js';

/** How the resources of a mesh are compiled. */
export interface IstiodOptions {
  /** The mesh's settings; without them those of the `istio` ConfigMap among the inputs, else istiod's defaults. */
  readonly settings?: Settings;
  /** Its networks; without them those of the same ConfigMap. */
  readonly networks?: MeshNetworks;
  /** Settings of istiod's environment; they win over those of the proxy's file. */
  readonly environment?: { readonly [name: string]: string };
  /** Whose proxy is configured; by default Istio's. */
  readonly dataplane?: Dataplane;
}

/** Findings about the resources, whether or not they were compiled. */
interface Outcome {
  readonly findings: readonly Finding[];
  /** Kinds of resources that do not matter here, with their numbers. */
  readonly ignored: ReadonlyMap<string, number>;
}

/** A proxy's configuration, or none where findings of level error say why. */
export interface IstiodResult extends Outcome {
  readonly compiled: Compiled | undefined;
  /** What it was compiled from. */
  readonly context: Context | undefined;
}

/** The configurations of all proxies, or none where findings of level error say why. */
export interface IstiodAllResult extends Outcome {
  /** The proxies, by namespace and name. */
  readonly proxies: readonly NodeDescription[];
  /** How many workloads have no proxy, since they are not to be injected. */
  readonly withoutSidecar: number;
  /** The configuration of each proxy, made when it is asked for. Shared resources are the same objects. */
  readonly compiled: Iterable<{ readonly proxy: NodeDescription; readonly compiled: Compiled }> | undefined;
}

/** Compiles a proxy's configuration; the order of inputs and documents does not matter. */
export function compileIstiodInputs(
  inputs: readonly CompileInput[],
  options: IstiodOptions & { readonly proxy: ProxyFile | string },
): IstiodResult {
  const { proxy, dataplane } = options;
  const environment = { ...(typeof proxy === 'string' ? {} : proxy.environment), ...options.environment };
  const features = istiodFeatures(environment);
  const { mesh, findings, ignored } = meshOf(inputs, options, features);
  const node = nodeOf(mesh, proxy, findings);
  if (node === undefined || findings.some(isError))
    return { compiled: undefined, context: undefined, findings, ignored };
  const context = contextFor(mesh, resolveProxy(mesh, node), features);
  const compiled = forDataplane(
    compileIstiod(context, typeof proxy === 'string' ? [] : proxy.routes),
    dataplane,
  );
  findings.push(...compiled.findings);
  return { compiled, context, findings, ignored };
}

/** Compiles the configurations of all proxies of a mesh: of the sidecar of each workload, and of gateways. */
export function compileAllIstiodInputs(
  inputs: readonly CompileInput[],
  options: IstiodOptions,
): IstiodAllResult {
  const features = istiodFeatures(options.environment ?? {});
  const { mesh, findings, ignored } = meshOf(inputs, options, features);
  const { proxies, withoutSidecar } = fleetOf(mesh);
  findings.push(...unfitIds(proxies));
  if (proxies.length === 0) findings.push(noProxies(withoutSidecar));
  const result = { proxies, withoutSidecar, findings, ignored };
  if (findings.some(isError)) return { ...result, compiled: undefined };
  return {
    ...result,
    compiled: {
      *[Symbol.iterator]() {
        for (const proxy of proxies) {
          const context = contextFor(mesh, resolveProxy(mesh, proxy), features);
          yield { proxy, compiled: forDataplane(compileIstiod(context, []), options.dataplane) };
        }
      },
    },
  };
}

function forDataplane(compiled: Compiled, dataplane: Dataplane = 'istio'): Compiled {
  if (dataplane === 'istio') return compiled;
  return {
    get clusters() {
      return compiled.clusters.map(upstreamCluster);
    },
    get listeners() {
      return compiled.listeners.map(upstreamListener);
    },
    get routes() {
      return compiled.routes;
    },
    get endpoints() {
      return compiled.endpoints;
    },
    findings: compiled.findings,
  };
}

/** The mesh that texts describe, and what is wrong with it. */
function meshOf(
  inputs: readonly CompileInput[],
  options: IstiodOptions,
  { clusterId }: Features,
): { readonly mesh: Mesh; readonly findings: Finding[]; readonly ignored: ReadonlyMap<string, number> } {
  const findings: Finding[] = [];
  const documents = documentsOf(inputs, findings);
  const settings = options.settings ?? settingsAmong(documents, findings) ?? DEFAULT_SETTINGS;
  const networks = options.networks ?? networksAmong(documents, findings);
  const { mesh, findings: wrong, ignored } = readIstiodMesh(documents, { settings, networks, clusterId });
  findings.push(...wrong);
  // What is wrong in itself need not fit the rest.
  if (!findings.some(isError)) findings.push(...meshRemarks(mesh));
  return { mesh, findings, ignored };
}

function isError({ level }: Finding): boolean {
  return level === 'error';
}

function nodeOf(mesh: Mesh, proxy: ProxyFile | string, findings: Finding[]): NodeDescription | undefined {
  if (typeof proxy === 'string') {
    const workload = workloadNamed(mesh, proxy);
    if (workload !== undefined) return describeWorkload(mesh, workload);
    findings.push(noSuchProxy(mesh.workloads.map(workloadTitle), proxy));
    return undefined;
  }
  const { type, ip, id, domain, locality } = proxy.description;
  return { type, ip, id, domain, metadata: proxy.metadata ?? {}, locality };
}
