// A pod spec: its containers with what they mount, and its volumes with what they hold, each with its place.

import type { Document } from '../source/document.js';
import { Kind, type Tape } from '../source/tape.js';
import { itemsOf, nodeAt, textAt } from './objects.js';

/** A pod's spec. */
export interface PodSpecText {
  readonly document: Document;
  /** The map of the spec. */
  readonly node: number;
  /** '' where it names none, which means `default`. */
  readonly serviceAccount: string;
  /** Of all kinds, in the order of the text within each. */
  readonly containers: readonly Container[];
  /** The list's node; -1 where there is none. */
  readonly volumeList: number;
  readonly volumes: readonly Volume[];
}

/** The lists that containers are in. */
const CONTAINER_LISTS = ['containers', 'initContainers', 'ephemeralContainers'] as const;

/** A container of any kind. */
export interface Container {
  readonly list: (typeof CONTAINER_LISTS)[number];
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly node: number;
  /** The list's node; -1 where there is none. */
  readonly mountList: number;
  readonly mounts: readonly Mount[];
  /** Secrets whose values it has in its environment. */
  readonly secretsInEnv: readonly { readonly name: string; readonly node: number }[];
}

/** A volume in a container. */
export interface Mount {
  /** The item as it is in the list; it may be an alias. */
  readonly node: number;
  readonly volume: string;
  readonly path: string;
  readonly subPath: string;
  readonly readOnly: boolean;
}

/** What a volume holds, as far as identity depends on it. */
type VolumeSource =
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'hostPath'; readonly path: string; readonly type: string }
  | {
      readonly kind: 'projected';
      readonly secrets: readonly string[];
      readonly tokens: readonly Token[];
      /** Whether it holds service account tokens alone, so that all of its files are known. */
      readonly tokensOnly: boolean;
    }
  | { readonly kind: 'other' };

/** A service account token in a projected volume. */
interface Token {
  readonly path: string;
  readonly audience: string;
}

/** A volume of a pod. */
export interface Volume {
  /** The item as it is in the list; it may be an alias. */
  readonly node: number;
  readonly name: string;
  readonly source: VolumeSource;
}

/** Reads a pod spec; undefined where there is none at the node. */
export function readPodSpec(document: Document, node: number): PodSpecText | undefined {
  const { tape } = document;
  if (node < 0 || tape.kind(node) !== Kind.Map) return undefined;
  const volumeList = tape.get(node, 'volumes');
  return {
    document,
    node,
    serviceAccount: textAt(tape, node, 'serviceAccountName') || textAt(tape, node, 'serviceAccount'),
    containers: CONTAINER_LISTS.flatMap((list) =>
      itemsOf(tape, tape.get(node, list)).map((item) => containerAt(tape, list, tape.resolve(item))),
    ),
    volumeList,
    volumes: itemsOf(tape, volumeList).map((item) => volumeAt(tape, item)),
  };
}

function containerAt(tape: Tape, list: Container['list'], node: number): Container {
  const mountList = tape.get(node, 'volumeMounts');
  return {
    list,
    name: textAt(tape, node, 'name'),
    image: textAt(tape, node, 'image'),
    command: textsAt(tape, node, 'command'),
    args: textsAt(tape, node, 'args'),
    node,
    mountList,
    mounts: itemsOf(tape, mountList).map((item) => mountAt(tape, item)),
    secretsInEnv: secretsInEnv(tape, node),
  };
}

function textsAt(tape: Tape, node: number, field: string): string[] {
  return itemsOf(tape, tape.get(node, field)).map((item) => scalarText(tape, item));
}

function scalarText(tape: Tape, item: number): string {
  const node = tape.resolve(item);
  return tape.kind(node) > Kind.String ? '' : tape.string(node);
}

function mountAt(tape: Tape, item: number): Mount {
  const node = tape.resolve(item);
  return {
    node: item,
    volume: textAt(tape, node, 'name'),
    path: textAt(tape, node, 'mountPath'),
    subPath: textAt(tape, node, 'subPath') || textAt(tape, node, 'subPathExpr'),
    readOnly: textAt(tape, node, 'readOnly') === 'true',
  };
}

function secretsInEnv(tape: Tape, container: number): { name: string; node: number }[] {
  const references = [
    ...itemsOf(tape, tape.get(container, 'env')).map((item) =>
      nodeAt(tape, tape.resolve(item), 'valueFrom', 'secretKeyRef'),
    ),
    ...itemsOf(tape, tape.get(container, 'envFrom')).map((item) =>
      nodeAt(tape, tape.resolve(item), 'secretRef'),
    ),
  ];
  return references.flatMap((node) => {
    const name = textAt(tape, node, 'name');
    return name === '' ? [] : [{ name, node }];
  });
}

function volumeAt(tape: Tape, item: number): Volume {
  const node = tape.resolve(item);
  return { node: item, name: textAt(tape, node, 'name'), source: volumeSource(tape, node) };
}

function volumeSource(tape: Tape, volume: number): VolumeSource {
  const secret = tape.get(volume, 'secret');
  if (secret >= 0) return { kind: 'secret', secret: textAt(tape, secret, 'secretName') };
  const hostPath = tape.get(volume, 'hostPath');
  if (hostPath >= 0)
    return { kind: 'hostPath', path: textAt(tape, hostPath, 'path'), type: textAt(tape, hostPath, 'type') };
  const projected = tape.get(volume, 'projected');
  if (projected < 0) return { kind: 'other' };
  const sources = itemsOf(tape, tape.get(projected, 'sources')).map((item) => tape.resolve(item));
  const tokens = sources.flatMap((source) => {
    const token = nodeAt(tape, source, 'serviceAccountToken');
    return token < 0
      ? []
      : [{ path: textAt(tape, token, 'path'), audience: textAt(tape, token, 'audience') }];
  });
  return {
    kind: 'projected',
    secrets: sources.flatMap((source) => textAt(tape, nodeAt(tape, source, 'secret'), 'name') || []),
    tokens,
    tokensOnly: tokens.length === sources.length,
  };
}
