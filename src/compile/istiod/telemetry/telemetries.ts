// The Telemetry resources for a proxy: of the mesh, of its namespace, of its workload (istiod 1.29's
// model/telemetry.go).

import type { MeshConfig_ExtensionProvider as Provider } from '../../../envoy/generated/types/mesh/v1/config.js';
import type {
  AccessLogging,
  Metrics,
  ProviderRef,
  Telemetry,
  Tracing,
} from '../../../envoy/generated/types/telemetry/v1/telemetry.js';
import type { Config, Settings } from '../../../mesh/istiod/model.js';
import { type Context, perContext } from '../context/context.js';
import { isForWorkload, targetsOf } from '../context/policies.js';
import type { ListenerClass } from '../context/proxy-headers.js';

/** What resources say, the most general first. */
export interface Telemetries {
  readonly metrics: readonly Metrics[];
  /** By resource. */
  readonly logging: readonly (readonly AccessLogging[])[];
  readonly tracing: readonly Tracing[];
}

/** The resources for a proxy. */
export const telemetriesOf: (context: Context) => Telemetries = perContext((context) => {
  const { mesh, proxy } = context;
  const { root_namespace } = mesh.settings;
  const all = mesh.configs.Telemetry;
  const whole = (namespace: string): readonly Config<Telemetry>[] => {
    const found = all.find((config) => config.namespace === namespace && isGeneral(config));
    return found === undefined ? [] : [found];
  };
  const configs = [
    ...whole(root_namespace),
    ...(proxy.namespace === root_namespace ? [] : whole(proxy.namespace)),
    ...all.filter(
      (config) =>
        config.namespace === proxy.namespace && !isGeneral(config) && isForWorkload(context, config),
    ),
  ];
  return {
    metrics: configs.flatMap(({ spec }) => spec.metrics ?? []),
    logging: configs.flatMap(({ spec }) => (spec.access_logging?.length ? [spec.access_logging] : [])),
    tracing: configs.flatMap(({ spec }) => spec.tracing ?? []),
  };
});

function isGeneral({ spec }: Config<Telemetry>): boolean {
  return Object.keys(spec.selector?.match_labels ?? {}).length === 0 && targetsOf(spec).length === 0;
}

/** A provider of the mesh by its name, in any case. */
export function providerOf({ extension_providers }: Settings, name: string): Provider | undefined {
  return extension_providers.find((provider) => (provider.name ?? '').toLowerCase() === name.toLowerCase());
}

/** The names of providers. */
export function namesOf(providers: readonly ProviderRef[] | undefined): readonly string[] {
  return (providers ?? []).map(({ name = '' }) => name);
}

/** Which side of a call a proxy is on: the server's or the client's. */
export function modeOf(kind: ListenerClass): 'SERVER' | 'CLIENT' {
  return kind === 'inbound' ? 'SERVER' : 'CLIENT';
}
