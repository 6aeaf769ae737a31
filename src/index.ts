// The library: the verbs of the command line as functions. Nothing here touches files, the environment or
// the terminal.

export {
  type BesideFile,
  type BootstrapOptions,
  type BootstrapResult,
  bootstrap,
} from './compile/bootstrap/bootstrap.js';
export { readProxyConfig } from './compile/bootstrap/proxy-config.js';
export type { Template } from './compile/bootstrap/template.js';
export type { ControlPlaneTls, Discovery } from './compile/bootstrap/values.js';
export {
  type CompileAllResult,
  type CompileInput,
  type CompileOptions,
  type CompileResult,
  compileAllInputs as compileAll,
  compileInputs as compile,
  type MeshOptions,
} from './compile/compile.js';
export type { Compiled } from './compile/compiled.js';
export { explainTls } from './compile/explain/explain.js';
export type { Reason, TlsExplanation, TlsOutcome } from './compile/explain/tls-explanation.js';
export {
  type DiscoveryResponse,
  discoveryResponse,
  RESOURCE_KINDS,
  type ResourceKind,
} from './compile/output/response.js';
export type { Compat } from './compile/pilot/context/compat.js';
export {
  type ConvertedFile,
  type ConvertInput,
  type ConvertOptions,
  type ConvertResult,
  convert,
  type SecretOutcome,
} from './convert/convert.js';
export {
  type Delivery,
  type DeliveryOptions,
  deliver,
} from './convert/delivery.js';
export { type ReadMeshSettings, readMeshSettings } from './convert/mesh-settings.js';
export type { ContextOutcome, ContextState } from './convert/outcome.js';
export { type PodDeliveryOptions, podDelivery } from './convert/pod-delivery.js';
export { type ReadSecretNames, readSecretNames } from './convert/secrets-file.js';
export { type DiffInput, type DiffOptions, type DiffResult, diff } from './diff/diff.js';
export { type ReadRenames, type Renames, readRenames } from './diff/renames.js';
export { type Change, changeRegion, type TlsClass, type TlsDifference } from './diff/tls/change.js';
export { type Verdict, verdictText } from './diff/verdict.js';
export { type Explanation, explain, type Unexplained } from './envoy/schema/explain.js';
export {
  type JsonSchema,
  jsonSchema,
  type NamedSchema,
  type SchemaFile,
  schemaFiles,
} from './envoy/schema/json-schema.js';
export type { Finding, Level, Region } from './finding/finding.js';
export type { WorkloadOutcome, WorkloadState } from './kubernetes/convert-pods.js';
export { type AgentValues, type ReadValues, readHelmValues } from './kubernetes/helm-values.js';
export { type AgentRequest, type AgentText, sdsAgentManifests } from './kubernetes/manifests.js';
export type { PodDelivery } from './kubernetes/pod-sds.js';
export { readMeshConfig } from './mesh/mesh-config.js';
export { readProxyFile } from './mesh/proxy-description.js';
export { type Plan, type PlanOptions, type PlanResult, plan } from './plan/plan.js';
export {
  type HtmlReport,
  type ReportInput,
  type ReportOptions,
  reportHtml,
} from './report/html/report-html.js';
export { planMarkdown } from './report/plan-markdown.js';
export type { MeshSdsSettings, Transport } from './tls/providers/descriptor.js';
export type { Provider, SecretFile } from './tls/providers/provider.js';
export type { ProviderName } from './tls/providers/providers.js';
export type { IstioVersion } from './tls/sds-source.js';
export type { SecretNames } from './tls/secret-names.js';
export type { ValidateInput } from './validate/reading.js';
export type { RuleText } from './validate/rule.js';
export { RULE_TEXTS as rules } from './validate/rules/index.js';
export {
  type ValidatedFile,
  type ValidateOptions,
  type ValidateResult,
  validate,
} from './validate/validate.js';
