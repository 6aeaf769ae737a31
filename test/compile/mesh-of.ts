// A mesh and a proxy from a few lines of YAML, for tests that say their input in place.

import type { Compiled } from '../../src/compile/compiled.js';
import type { Compat } from '../../src/compile/pilot/context/compat.js';
import { contextFor, pilotEnvironment } from '../../src/compile/pilot/context/context.js';
import type { Dataplane } from '../../src/compile/pilot/context/dataplane.js';
import { compile } from '../../src/compile/pilot/proxy-configuration.js';
import { readMeshConfig } from '../../src/mesh/mesh-config.js';
import { type ProxyDescription, resolveProxy } from '../../src/mesh/proxy.js';
import { readMesh } from '../../src/mesh/read-mesh.js';
import { readSource } from '../../src/source/document.js';

/** A service of the namespace `shop`, one with a port and a selector for pods of its name. */
export function service(name: string, port: number, protocol = 'http', namespace = 'shop'): string {
  return `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec: {clusterIP: 10.0.0.${name.length}, selector: {app: ${name}}, ports: [{name: ${protocol}, port: ${port}}]}`;
}

/** A pod with the label `app`. */
export function pod(app: string, ip: string, namespace = 'shop'): string {
  return `apiVersion: v1
kind: Pod
metadata: {name: ${app}-1, namespace: ${namespace}, labels: {app: ${app}}}
spec: {containers: [{name: main}]}
status: {podIP: ${ip}}`;
}

/** An Istio resource with its spec in one line of YAML. */
export function istio(kind: string, name: string, spec: string, namespace = 'shop'): string {
  const group =
    {
      Policy: 'authentication',
      MeshPolicy: 'authentication',
      ClusterRbacConfig: 'rbac',
      ServiceRole: 'rbac',
      ServiceRoleBinding: 'rbac',
    }[kind] ?? 'networking';
  const version = group === 'networking' ? 'v1alpha3' : 'v1alpha1';
  return `apiVersion: ${group}.istio.io/${version}
kind: ${kind}
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${spec}`;
}

/** What may differ from a sidecar of Istio 1.1 in the namespace `shop`. */
export interface Setting {
  readonly proxy?: Partial<ProxyDescription>;
  readonly mesh?: string;
  readonly environment?: { readonly [name: string]: string };
  readonly routes?: readonly string[];
  readonly compat?: Compat;
  readonly dataplane?: Dataplane;
}

/** Compiles resources for a proxy. */
export function compileFor(resources: readonly string[], setting: Setting = {}): Compiled {
  const { settings } = readMeshConfig(
    'mesh.yaml',
    setting.mesh ?? 'enableTracing: false\naccessLogFile: ""\n',
  );
  if (settings === undefined) throw new Error('no mesh settings');
  const { mesh, findings } = readMesh(
    readSource('input.yaml', resources.join('\n---\n')).documents,
    settings,
    { separate: setting.compat === 'none' },
  );
  const errors = findings.filter(({ level }) => level === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  const proxy = resolveProxy(mesh, {
    type: 'sidecar',
    ip: '10.1.0.1',
    id: 'client-1.shop',
    domain: 'shop.svc.cluster.local',
    locality: undefined,
    ...setting.proxy,
    metadata: { ISTIO_PROXY_VERSION: '1.1.7', CONFIG_NAMESPACE: 'shop', ...setting.proxy?.metadata },
  });
  const environment = pilotEnvironment(setting.environment ?? {});
  return compile(
    contextFor(mesh, proxy, environment, setting.compat, setting.dataplane),
    setting.routes ?? [],
  );
}
