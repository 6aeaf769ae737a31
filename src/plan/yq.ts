// Edits of YAML in commands: expressions of yq 4 (https://mikefarah.gitbook.io/yq), which keeps comments and
// does not touch text that only looks like a field.

import type { PlanWorkload } from './model.js';
import { word } from './shell.js';

/**
 * Saves objects of the cluster so that they can be applied again later: an object with the resourceVersion of
 * a former state is a conflict.
 * @param objects as `kubectl get` takes them
 */
export function saved(objects: string, file: string): string {
  const found = objects.includes('--all-namespaces') ? '.items[].metadata' : '.metadata';
  const remove = `del(${found}.resourceVersion, ${found}.uid)`;
  return `kubectl get ${objects} -o yaml | yq ${word(remove)} > ${file}`;
}

/** Sets fields of the mesh's settings, a YAML text in the ConfigMap of Istio. */
export function withMeshFields(fields: Readonly<Record<string, string | true>>): string {
  const set = Object.entries(fields).map(([name, value]) => `.${name} = ${JSON.stringify(value)}`);
  return `yq ${word(`.data.mesh |= (from_yaml | ${set.join(' | ')} | to_yaml)`)}`;
}

/** Policies of Istio 1.1 that demand mTLS take plaintext as well. */
export const PERMISSIVE_POLICIES = `yq ${word(
  '(.items[] | select(.spec.peers) | .spec.peers[] | select(has("mtls")) | .mtls.mode) = "PERMISSIVE"',
)}`;

/** Destination rules with the mesh's own mTLS send plaintext. */
export const PLAIN_RULES = `yq ${word(
  '(.items[] | .. | select(tag == "!!map" and .mode == "ISTIO_MUTUAL") | .mode) = "DISABLE"',
)}`;

/** The path of the pod spec in an object of a kind. */
function podSpecPath(kind: string): string {
  switch (kind) {
    case 'Pod':
      return '.spec';
    case 'CronJob':
      return '.spec.jobTemplate.spec.template.spec';
    default:
      return '.spec.template.spec';
  }
}

const BOOTSTRAP_FOLDER = '/etc/istio/bootstrap';

/**
 * Makes a workload's proxy start with a whole bootstrap from a ConfigMap. The annotation
 * sidecar.istio.io/bootstrapOverride cannot do so: Envoy merges that ConfigMap into the bootstrap of Istio's
 * agent, appends its lists, and rejects clusters whose names are there already.
 */
export function withBootstrap({ kind, name, namespace }: PlanWorkload, configMap: string): string {
  const text = JSON.stringify;
  const isIt = `tag == "!!map" and .kind == ${text(kind)} and .metadata.name == ${text(name)} and (.metadata.namespace // "default") == ${text(namespace)}`;
  const args = text(['--customConfigFile', `${BOOTSTRAP_FOLDER}/bootstrap.json`]);
  const mount = text([{ name: 'bootstrap', mountPath: BOOTSTRAP_FOLDER, readOnly: true }]);
  const volume = text([{ name: 'bootstrap', configMap: { name: configMap } }]);
  const proxy = `(.containers[] | select(.name == "istio-proxy")) |= (.args = ((.args // []) - ${args}) + ${args} | ${added('volumeMounts', mount)})`;
  return word(`(.. | select(${isIt}) | ${podSpecPath(kind)}) |= (${proxy} | ${added('volumes', volume)})`);
}

/** Adds items to a list, once however often the command is run. */
function added(list: string, items: string): string {
  return `.${list} = (.${list} + ${items} | unique_by(.name))`;
}
