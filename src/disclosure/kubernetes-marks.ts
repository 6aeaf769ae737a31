// What of Kubernetes objects may be shown: names, images, ports, paths and the like, by the names of their
// fields; of Istio's resources the fields of their specs. Annotations, the environment, arguments and data of
// ConfigMaps and Secrets hold whatever somebody put there.

import { message as messageType } from '../envoy/api-table.js';
import { holdsSecret } from '../secrecy/looks-secret.js';
import { isHarmlessValue } from '../secrecy/quoted.js';
import { mayNameSecret } from '../secrecy/secret-names.js';
import { visible } from '../secrecy/visible.js';
import type { Document } from '../source/document.js';
import { Kind } from '../source/tape.js';
import { EnvoyMarks } from './envoy-marks.js';
import { KUBERNETES_NAMES } from './kubernetes-names.js';
import type { Marks } from './marks.js';
import { markUntyped } from './untyped-marks.js';

/** Marks a Kubernetes object, or a list of them. */
export function markKubernetes(document: Document, marks: Marks): void {
  object(document, marks, 0);
}

function object(document: Document, marks: Marks, at: number): void {
  const { tape } = marks;
  const node = tape.resolve(at);
  if (tape.kind(node) !== Kind.Map) {
    marks.deny(node);
    return;
  }
  const [kind, version] = [textAt(marks, node, 'kind'), textAt(marks, node, 'apiVersion')];
  const spec = specType(kind, version);
  for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) {
    const name = tape.name(key);
    const value = tape.resolve(key + 1);
    marks.key(key);
    if (name === 'items' && kind.endsWith('List') && tape.kind(value) === Kind.List) {
      for (let item = value + 1; item < (tape.links[value] as number); item = tape.next(item))
        object(document, marks, item);
    } else if (name === 'spec' && spec !== undefined) new EnvoyMarks(document, marks).root(spec, key + 1);
    else if (
      /secret/i.test(kind) &&
      name !== 'metadata' &&
      name !== 'kind' &&
      name !== 'apiVersion' &&
      name !== 'type'
    )
      marks.deny(key + 1);
    else if (name !== 'metadata' && name !== 'kind' && name !== 'apiVersion' && !isCore(version))
      markUntyped(marks, key + 1, name);
    else field(marks, name, key + 1);
  }
}

/** Whether a group of the API is Kubernetes' own: the names of its fields say what they hold. */
function isCore(version: string): boolean {
  const group = version.includes('/') ? version.slice(0, version.indexOf('/')) : '';
  return !group.includes('.') || group.endsWith('.k8s.io');
}

function textAt({ tape }: Marks, node: number, name: string): string {
  const value = tape.get(node, name);
  return value >= 0 && tape.kind(value) === Kind.String ? tape.string(value) : '';
}

/** Kinds whose spec is the message of another name. */
const SPECS: Readonly<Record<string, string>> = { MeshPolicy: 'Policy', ClusterRbacConfig: 'RbacConfig' };

/** The message that an Istio resource's spec is: `networking.istio.io/v1alpha3` is of `istio.networking.v1alpha3`. */
function specType(kind: string, version: string) {
  const [, group] = /^(\w+)\.istio\.io\//.exec(version) ?? [];
  if (group === undefined) return undefined;
  const name = SPECS[kind] ?? kind;
  const own = messageType(`istio.${group}.${version.slice(version.indexOf('/') + 1)}.${name}`);
  return (
    own ?? messageType(`istio.${group}.v1alpha3.${name}`) ?? messageType(`istio.${group}.v1alpha1.${name}`)
  );
}

/** Maps whose keys and values are names that people chose to select by. */
const LABELS = new Set(['labels', 'matchLabels', 'selector', 'nodeSelector', 'podSelector']);

/** What holds anything at all. */
const ANYTHING = new Set(['data', 'stringData', 'binaryData', 'args', 'command', 'parameters']);

function field(marks: Marks, name: string, at: number): void {
  const { tape } = marks;
  const node = tape.resolve(at);
  if (ANYTHING.has(name)) marks.deny(node);
  else if (name === 'annotations') annotations(marks, node);
  else if (name === 'env') environment(marks, node);
  else if (LABELS.has(name) && tape.kind(node) === Kind.Map) labels(marks, node);
  else if (tape.kind(node) === Kind.Map)
    for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) {
      marks.key(key);
      field(marks, tape.name(key), key + 1);
    }
  else if (tape.kind(node) === Kind.List)
    for (let item = node + 1; item < (tape.links[node] as number); item = tape.next(item))
      field(marks, name, item);
  else if (tape.kind(node) === Kind.String)
    marks.mark(node, KUBERNETES_NAMES.has(name) && isName(tape.string(node)));
  else marks.mark(node, KUBERNETES_NAMES.has(name) || !mayNameSecret(name));
}

/** Names of pods have hashes in them, so that only what is more random than these is no name. */
function isName(text: string): boolean {
  return text.length <= NAME_LENGTH && visible(text) === text && !holdsSecret(text);
}

/** The longest that Kubernetes takes as a name. */
const NAME_LENGTH = 253;

function labels(marks: Marks, node: number): void {
  const { tape } = marks;
  for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) {
    const value = tape.resolve(key + 1);
    marks.key(key);
    if (tape.kind(value) === Kind.Map) labels(marks, value);
    else if (tape.kind(value) >= Kind.Map) marks.deny(value);
    else marks.mark(value, !mayNameSecret(tape.name(key)) && isName(tape.string(value)));
  }
}

/** Istio's annotations are settings; those of others, as kubectl's copy of the whole object, may be anything. */
function annotations(marks: Marks, node: number): void {
  const { tape } = marks;
  if (tape.kind(node) !== Kind.Map) {
    marks.deny(node);
    return;
  }
  for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) {
    const value = tape.resolve(key + 1);
    marks.key(key);
    if (tape.kind(value) >= Kind.Map) marks.deny(value);
    else
      marks.mark(
        value,
        /(?:^|\.)istio\.io\//.test(tape.name(key)) &&
          isHarmlessValue(tape.string(value)) &&
          !/[\s{]/.test(tape.string(value)),
      );
  }
}

/** Variables: their names are shown, and where they come from. */
function environment(marks: Marks, node: number): void {
  const { tape } = marks;
  if (tape.kind(node) !== Kind.List) {
    marks.deny(node);
    return;
  }
  for (let item = node + 1; item < (tape.links[node] as number); item = tape.next(item)) {
    const variable = tape.resolve(item);
    if (tape.kind(variable) !== Kind.Map) marks.deny(item);
    else
      for (let key = variable + 1; key < (tape.links[variable] as number); key = tape.next(key + 1)) {
        marks.key(key);
        if (tape.name(key) === 'value') marks.deny(key + 1);
        else field(marks, tape.name(key), key + 1);
      }
  }
}
