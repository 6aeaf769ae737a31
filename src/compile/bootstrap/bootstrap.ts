// A proxy's bootstrap from Kubernetes and Istio resources: what `bootstrap` does, without files, environment
// or terminal.

import type { Api } from '../../envoy/detect.js';
import type { ProxyConfig } from '../../envoy/generated/types/mesh/v1alpha1/proxy.js';
import type { OnUnknown } from '../../envoy/upgrade/subject.js';
import type { Finding } from '../../finding/finding.js';
import { type CompileInput, type CompileOptions, compileInputs } from '../compile.js';
import type { Compiled } from '../compiled.js';
import type { Context } from '../pilot/context/context.js';
import { annotatedConfig, checkAnnotations } from './annotations.js';
import { asResponse, type OrderedMessage, type Target } from './as-message.js';
import { BUILT_IN_TEMPLATE } from './built-in-template.js';
import { checkOutput } from './check-output.js';
import { discoveryFiles } from './discovery-files.js';
import { envoyArguments } from './envoy-arguments.js';
import { serviceCluster } from './node.js';
import { type FullProxyConfig, fullProxyConfig } from './proxy-config.js';
import { staticResources } from './static-resources.js';
import { renderTemplate, type Template } from './template.js';
import { unreadSettings } from './unread-settings.js';
import { type BootstrapSettings, bootstrapValues, type Discovery } from './values.js';

/** How a bootstrap is made. */
export interface BootstrapOptions extends BootstrapSettings {
  /** The version of Envoy's API; by default v2, which Istio 1.1 speaks. */
  readonly api?: Api;
  /** What becomes of what v3 has no counterpart for; by default it is an error. */
  readonly onUnknown?: OnUnknown;
  /** By default the bootstrap holds everything. */
  readonly discovery?: Discovery;
  /** Settings that win over the mesh's `defaultConfig`. */
  readonly config?: ProxyConfig;
  /** Annotations beside those of the proxy's pod, which they win over. */
  readonly annotations?: { readonly [name: string]: string };
  /** By default the built-in one. */
  readonly template?: Template;
  /** The folder in which Envoy finds bootstrap and files; by default the ProxyConfig's `configPath`. */
  readonly folder?: string;
}

/** A bootstrap and what belongs to it; no bootstrap where findings of level error say why. */
export interface BootstrapResult {
  readonly bootstrap: OrderedMessage | undefined;
  /** Files beside the bootstrap, for discovery from files. */
  readonly files: readonly BesideFile[];
  /** What Envoy is started with beside the bootstrap. */
  readonly arguments: readonly string[];
  readonly findings: readonly Finding[];
}

/** A discovery response in a file. */
export interface BesideFile {
  /** Below the bootstrap's folder. */
  readonly path: string;
  readonly content: OrderedMessage;
}

/** Makes a proxy's bootstrap; the order of inputs and documents does not matter. */
export function bootstrap(
  inputs: readonly CompileInput[],
  options: CompileOptions & BootstrapOptions,
): BootstrapResult {
  const { compiled, context, findings } = compileInputs(inputs, options);
  if (compiled === undefined || context === undefined)
    return { bootstrap: undefined, files: [], arguments: [], findings };
  const result = bootstrapOf(compiled, context, options);
  return { ...result, findings: [...findings, ...result.findings] };
}

/** The bootstrap of a proxy that is compiled already. */
function bootstrapOf(compiled: Compiled, context: Context, options: BootstrapOptions): BootstrapResult {
  const { discovery = 'static', template = BUILT_IN } = options;
  const target: Target = { api: options.api ?? 'v2', onUnknown: options.onUnknown ?? 'fail' };
  const findings: Finding[] = [];
  const annotations = annotationsOf(context, options.annotations ?? {});
  checkAnnotations(annotations, findings);
  const config = configOf(context, options.config, annotatedConfig(annotations, findings));
  findings.push(...unreadSettings(config));
  const beside =
    discovery === 'files' ? discoveryFiles(compiled, options.folder ?? config.config_path) : undefined;
  const values = bootstrapValues(
    {
      context,
      config,
      annotations,
      settings: options,
      discovery,
      resources: discovery === 'static' ? staticResources(compiled) : { clusters: [], listeners: [] },
      files: beside?.paths,
    },
    findings,
  );
  const failed = (): BootstrapResult => ({ bootstrap: undefined, files: [], arguments: [], findings });
  if (findings.some(isError)) return failed();
  const rendered = renderTemplate(template, values);
  if ('code' in rendered) {
    findings.push(rendered);
    return failed();
  }
  const checked = checkOutput(template, rendered, target);
  findings.push(...checked.findings);
  const files = (beside?.files ?? []).flatMap(({ path, response }): BesideFile[] => {
    const content = asResponse(response, path, target, findings);
    return content === undefined ? [] : [{ path, content }];
  });
  if (findings.some(isError)) return failed();
  return { bootstrap: checked.bootstrap, files, arguments: envoyArguments(config), findings };
}

const BUILT_IN: Template = { name: 'the built-in template', text: BUILT_IN_TEMPLATE, isBuiltIn: true };

/** What kubectl keeps for itself: the whole manifest, secrets included. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

function annotationsOf(
  { proxy: { workload } }: Context,
  given: { readonly [name: string]: string },
): { readonly [name: string]: string } {
  const { [LAST_APPLIED]: _, ...own } = workload?.annotations ?? {};
  return { ...own, ...given };
}

/** The mesh's cluster name is for proxies of which nothing more is known. */
function configOf(
  { mesh, proxy }: Context,
  given: ProxyConfig | undefined,
  annotated: ProxyConfig,
): FullProxyConfig {
  const cluster = serviceCluster(proxy);
  const own = cluster === undefined ? undefined : { service_cluster: cluster };
  return fullProxyConfig(mesh.settings.default_config, own, given, annotated);
}

function isError({ level }: Finding): boolean {
  return level === 'error';
}
