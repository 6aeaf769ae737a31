// Kubernetes objects as values: the fields that are read of each kind. An object is read once, where it is
// in the text; what is made of many of them is made in another order.

import { textAt } from '../kubernetes/objects.js';
import { templateOf } from '../kubernetes/workload.js';
import type { Document } from '../source/document.js';
import type { Tape } from '../source/tape.js';
import { isSaid, itemsAt, portOrName, textsAt } from './fields.js';
import type {
  EndpointSubset,
  Labels,
  MeshContainer,
  ProbeTarget,
  ServicePortTarget,
  Workload,
} from './model.js';

/** An object's fields and its position. */
export interface KubernetesObject<Spec = unknown> {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly creationTime: number;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly document: Document;
  /** The map of the whole object. */
  readonly node: number;
  /** What its kind says beside its metadata. */
  readonly spec: Spec;
}

export interface ServiceSpec {
  /** An IP address or `None`; '' where it does not say. */
  readonly clusterIp: string;
  /** The name that an ExternalName service stands for, or ''. */
  readonly externalName: string;
  /** Undefined where the service selects no pods. */
  readonly selector: Labels | undefined;
  readonly ports: readonly (ServicePortTarget & { readonly port: number })[];
}

interface EndpointsSpec {
  readonly subsets: readonly EndpointSubset[];
}

/** A Pod, or the template of one; containers and owners, which most are never asked for, are read by themselves. */
export interface PodSpec {
  /** The name of its service account; '' where it names none. */
  readonly account: string;
  readonly nodeName: string;
  /** The map that describes it; -1 where there is none. */
  readonly podSpec: number;
  /** Whether a cluster has run it or is about to: it has a status. */
  readonly hasStatus: boolean;
  readonly phase: string;
  /** '' where it is not known. */
  readonly ip: string;
}

/** The kinds of Kubernetes' core that are read. */
export interface CoreSpecs {
  readonly Service: ServiceSpec;
  readonly Endpoints: EndpointsSpec;
  readonly Pod: PodSpec;
  readonly Node: undefined;
  readonly ServiceAccount: undefined;
}
export type CoreKind = keyof CoreSpecs;

/** How the spec of each kind is read. */
const SPEC_READERS: { readonly [Kind in CoreKind]: (tape: Tape, node: number) => CoreSpecs[Kind] } = {
  Service: readService,
  Endpoints: readEndpoints,
  Pod: readPod,
  Node: () => undefined,
  ServiceAccount: () => undefined,
};

/** The kinds of Kubernetes' core that are read. */
export const CORE_KINDS: readonly string[] = Object.keys(SPEC_READERS);

export function isCoreKind(kind: string): kind is CoreKind {
  return Object.hasOwn(SPEC_READERS, kind);
}

/** Reads an object of Kubernetes' core. */
export function readCore<Kind extends CoreKind>(
  document: Document,
  node: number,
  kind: Kind,
): KubernetesObject<CoreSpecs[Kind]> {
  return readObject(document, node, kind, node, SPEC_READERS[kind](document.tape, node));
}

/** The template of a workload as the Pod that would be made of it, under the workload's own name. */
export function readTemplate(document: Document, node: number, kind: string): KubernetesObject<PodSpec> {
  const { tape } = document;
  const template = templateOf({ kind, document, node });
  const spec = readPod(tape, template);
  const account = spec.account || textAt(tape, tape.get(template, 'spec'), 'serviceAccount');
  return readObject(document, node, kind, template, { ...spec, account });
}

/** When an object was made, in milliseconds; `-Infinity` where it is not known. */
export function creationTimeOf(tape: Tape, metadata: number): number {
  const text = textAt(tape, metadata, 'creationTimestamp');
  const time = text === '' ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time;
}

/** @param labelled the map whose metadata has the labels and annotations: the object itself, or its template */
function readObject<Spec>(
  document: Document,
  node: number,
  kind: string,
  labelled: number,
  spec: Spec,
): KubernetesObject<Spec> {
  const { tape } = document;
  const metadata = tape.get(node, 'metadata');
  const labels = labelled === node ? metadata : tape.get(labelled, 'metadata');
  return {
    kind,
    name: textAt(tape, metadata, 'name'),
    namespace: textAt(tape, metadata, 'namespace') || 'default',
    creationTime: creationTimeOf(tape, metadata),
    labels: textsAt(tape, labels, 'labels'),
    annotations: textsAt(tape, labels, 'annotations'),
    document,
    node,
    spec,
  };
}

function readService(tape: Tape, node: number): ServiceSpec {
  const spec = tape.get(node, 'spec');
  const isExternal = textAt(tape, spec, 'type') === 'ExternalName';
  return {
    clusterIp: textAt(tape, spec, 'clusterIP'),
    externalName: isExternal ? textAt(tape, spec, 'externalName') : '',
    selector: isSaid(tape, tape.get(spec, 'selector')) ? textsAt(tape, spec, 'selector') : undefined,
    ports: itemsAt(tape, spec, 'ports', (port) => ({
      name: textAt(tape, port, 'name'),
      protocol: textAt(tape, port, 'protocol') || 'TCP',
      // Kubernetes sets what is absent to the port itself.
      target: portOrName(tape, port, isSaid(tape, tape.get(port, 'targetPort')) ? 'targetPort' : 'port'),
      port: Number(textAt(tape, port, 'port')),
    })),
  };
}

function readEndpoints(tape: Tape, node: number): EndpointsSpec {
  const ip = (address: number): string => textAt(tape, address, 'ip');
  return {
    subsets: itemsAt(tape, node, 'subsets', (subset) => ({
      addresses: itemsAt(tape, subset, 'addresses', ip),
      notReadyAddresses: itemsAt(tape, subset, 'notReadyAddresses', ip),
      ports: itemsAt(tape, subset, 'ports', (port) => ({
        name: textAt(tape, port, 'name'),
        port: Number(textAt(tape, port, 'port')),
      })),
    })),
  };
}

function readPod(tape: Tape, node: number): PodSpec {
  const spec = tape.get(node, 'spec');
  const status = tape.get(node, 'status');
  return {
    account: textAt(tape, spec, 'serviceAccountName'),
    nodeName: textAt(tape, spec, 'nodeName'),
    podSpec: spec,
    hasStatus: status >= 0,
    phase: textAt(tape, status, 'phase'),
    ip: textAt(tape, status, 'podIP'),
  };
}

/** What an object was made by, directly. */
export interface Owner {
  readonly kind: string;
  readonly name: string;
}

/** The owners of an object. */
export function ownersOf({ document: { tape }, node }: KubernetesObject): readonly Owner[] {
  return itemsAt(tape, tape.get(node, 'metadata'), 'ownerReferences', (owner) => ({
    kind: textAt(tape, owner, 'kind'),
    name: textAt(tape, owner, 'name'),
  }));
}

/** The containers of a pod. */
export function containersOf({
  document: { tape },
  podSpec,
}: Pick<Workload, 'document' | 'podSpec'>): readonly MeshContainer[] {
  return itemsAt(tape, podSpec, 'containers', (container) => ({
    ports: itemsAt(tape, container, 'ports', (port) => ({
      name: textAt(tape, port, 'name'),
      port: Number(textAt(tape, port, 'containerPort')),
      protocol: textAt(tape, port, 'protocol') || 'TCP',
    })),
    liveness: probeOf(tape, tape.get(container, 'livenessProbe')),
    readiness: probeOf(tape, tape.get(container, 'readinessProbe')),
  }));
}

function probeOf(tape: Tape, probe: number): ProbeTarget | undefined {
  const http = tape.get(probe, 'httpGet');
  if (isSaid(tape, http))
    return { kind: 'http', path: textAt(tape, http, 'path'), port: portOrName(tape, http, 'port') };
  const tcp = tape.get(probe, 'tcpSocket');
  return isSaid(tape, tcp) ? { kind: 'tcp', path: '', port: portOrName(tape, tcp, 'port') } : undefined;
}
