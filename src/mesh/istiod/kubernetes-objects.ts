// Kubernetes objects as values: the fields that istiod 1.29 reads of each kind.

import { textAt } from '../../kubernetes/objects.js';
import { templateOf } from '../../kubernetes/workload.js';
import type { Document } from '../../source/document.js';
import { Kind, type Tape } from '../../source/tape.js';
import { isSaid, itemsAt, portOrName, textsAt } from '../fields.js';
import { creationTimeOf } from '../kubernetes-objects.js';
import type { Labels } from '../model.js';
import type { TargetPort } from './model.js';

/** An object's metadata, and where it is. */
export interface ObjectMeta {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly creationTime: number;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly document: Document;
  /** The map of the whole object. */
  readonly node: number;
}

export interface KubernetesService extends ObjectMeta {
  readonly type: string;
  /** An IP address or `None`; '' where it does not say. */
  readonly clusterIp: string;
  readonly clusterIps: readonly string[];
  readonly externalName: string;
  readonly externalIps: readonly string[];
  /** Addresses of its load balancer. */
  readonly ingress: readonly string[];
  readonly selector: Labels | undefined;
  readonly internalTrafficPolicy: string;
  readonly trafficDistribution: string;
  readonly publishNotReadyAddresses: boolean;
  readonly ports: readonly (TargetPort & { readonly appProtocol: string | undefined })[];
}

export interface SliceEndpoint {
  readonly addresses: readonly string[];
  /** Undefined where it is not said, which counts as true. */
  readonly ready: boolean | undefined;
  readonly serving: boolean | undefined;
  readonly terminating: boolean | undefined;
  /** The pod that it is, as `namespace/name`; '' where it names none. */
  readonly pod: string;
}

export interface EndpointSlice extends ObjectMeta {
  /** The name of its service. */
  readonly service: string;
  readonly addressType: string;
  readonly endpoints: readonly SliceEndpoint[];
  readonly ports: readonly { readonly name: string; readonly port: number }[];
}

/** A Pod, or the template of one under the name of what makes Pods of it. */
export interface KubernetesPod extends ObjectMeta {
  readonly account: string;
  readonly nodeName: string;
  readonly ip: string;
  readonly phase: string;
  readonly isReady: boolean;
  readonly isDeleted: boolean;
  readonly hasStatus: boolean;
  /** Whether its name was generated. */
  readonly isGenerated: boolean;
  /** What made it. */
  readonly controller: { readonly kind: string; readonly name: string } | undefined;
  /** The map that describes it; -1 where there is none. */
  readonly podSpec: number;
}

/** Reads an object's metadata. */
export function readMeta(document: Document, node: number, kind: string, labelled = node): ObjectMeta {
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
  };
}

/** Reads a Service. */
export function readService(document: Document, node: number): KubernetesService {
  const { tape } = document;
  const spec = tape.get(node, 'spec');
  const balancer = tape.get(tape.get(node, 'status'), 'loadBalancer');
  return {
    ...readMeta(document, node, 'Service'),
    type: textAt(tape, spec, 'type') || 'ClusterIP',
    clusterIp: textAt(tape, spec, 'clusterIP'),
    clusterIps: scalars(tape, spec, 'clusterIPs'),
    externalName: textAt(tape, spec, 'externalName'),
    externalIps: scalars(tape, spec, 'externalIPs'),
    ingress: itemsAt(
      tape,
      balancer,
      'ingress',
      (item) => textAt(tape, item, 'ip') || textAt(tape, item, 'hostname'),
    ).filter((address) => address !== ''),
    selector: isSaid(tape, tape.get(spec, 'selector')) ? textsAt(tape, spec, 'selector') : undefined,
    internalTrafficPolicy: textAt(tape, spec, 'internalTrafficPolicy'),
    trafficDistribution: textAt(tape, spec, 'trafficDistribution'),
    publishNotReadyAddresses: flagAt(tape, spec, 'publishNotReadyAddresses') ?? false,
    ports: itemsAt(tape, spec, 'ports', (port) => ({
      name: textAt(tape, port, 'name'),
      port: Number(textAt(tape, port, 'port')),
      transport: textAt(tape, port, 'protocol') || 'TCP',
      // Kubernetes sets what is absent to the port itself.
      target: portOrName(tape, port, isSaid(tape, tape.get(port, 'targetPort')) ? 'targetPort' : 'port'),
      appProtocol: isSaid(tape, tape.get(port, 'appProtocol'))
        ? textAt(tape, port, 'appProtocol')
        : undefined,
    })),
  };
}

/** Reads an EndpointSlice. */
export function readSlice(document: Document, node: number): EndpointSlice {
  const { tape } = document;
  const meta = readMeta(document, node, 'EndpointSlice');
  return {
    ...meta,
    service: meta.labels['kubernetes.io/service-name'] ?? '',
    addressType: textAt(tape, node, 'addressType'),
    endpoints: itemsAt(tape, node, 'endpoints', (endpoint) => {
      const conditions = tape.get(endpoint, 'conditions');
      const target = tape.get(endpoint, 'targetRef');
      return {
        addresses: scalars(tape, endpoint, 'addresses'),
        ready: flagAt(tape, conditions, 'ready'),
        serving: flagAt(tape, conditions, 'serving'),
        terminating: flagAt(tape, conditions, 'terminating'),
        pod: podReference(tape, target),
      };
    }),
    ports: itemsAt(tape, node, 'ports', (port) => ({
      name: textAt(tape, port, 'name'),
      port: Number(textAt(tape, port, 'port') || '0'),
    })),
  };
}

function podReference(tape: Tape, target: number): string {
  if (target < 0 || textAt(tape, target, 'kind') !== 'Pod') return '';
  return `${textAt(tape, target, 'namespace')}/${textAt(tape, target, 'name')}`;
}

/** Reads an Endpoints object as the slices that Kubernetes mirrors it to. */
export function readEndpoints(document: Document, node: number): EndpointSlice[] {
  const { tape } = document;
  const meta = readMeta(document, node, 'Endpoints');
  const slices = itemsAt(tape, node, 'subsets', (subset): EndpointSlice => {
    const endpointsOf = (name: string, ready: boolean): readonly SliceEndpoint[] =>
      itemsAt(tape, subset, name, (address) => ({
        addresses: [textAt(tape, address, 'ip')],
        ready,
        serving: ready,
        terminating: false,
        pod: podReference(tape, tape.get(address, 'targetRef')),
      }));
    return {
      ...meta,
      service: meta.name,
      addressType: 'IPv4',
      endpoints: [...endpointsOf('addresses', true), ...endpointsOf('notReadyAddresses', false)],
      ports: itemsAt(tape, subset, 'ports', (port) => ({
        name: textAt(tape, port, 'name'),
        port: Number(textAt(tape, port, 'port')),
      })),
    };
  });
  return [...slices];
}

/** Reads a Pod. */
export function readPod(document: Document, node: number): KubernetesPod {
  return podAt(document, node, 'Pod', node);
}

/** Reads the template of a workload as the Pod that would be made of it, under the workload's own name. */
export function readTemplate(document: Document, node: number, kind: string): KubernetesPod {
  return podAt(document, node, kind, templateOf({ kind, document, node }));
}

function podAt(document: Document, node: number, kind: string, pod: number): KubernetesPod {
  const { tape } = document;
  const metadata = tape.get(node, 'metadata');
  const spec = tape.get(pod, 'spec');
  const status = tape.get(pod, 'status');
  const controller = itemsAt(tape, metadata, 'ownerReferences', (owner) => owner).find(
    (owner) => flagAt(tape, owner, 'controller') ?? false,
  );
  return {
    ...readMeta(document, node, kind, pod),
    account: textAt(tape, spec, 'serviceAccountName') || textAt(tape, spec, 'serviceAccount'),
    nodeName: textAt(tape, spec, 'nodeName'),
    ip: textAt(tape, status, 'podIP'),
    phase: textAt(tape, status, 'phase'),
    isReady: itemsAt(tape, status, 'conditions', (condition) => condition).some(
      (condition) =>
        textAt(tape, condition, 'type') === 'Ready' && textAt(tape, condition, 'status') === 'True',
    ),
    isDeleted: textAt(tape, metadata, 'deletionTimestamp') !== '',
    hasStatus: status >= 0,
    isGenerated: textAt(tape, metadata, 'generateName') !== '',
    controller:
      controller === undefined
        ? undefined
        : { kind: textAt(tape, controller, 'kind'), name: textAt(tape, controller, 'name') },
    podSpec: spec,
  };
}

/** The named ports of a pod's containers, those of sidecars among its init containers last. */
export function containerPorts({
  document: { tape },
  podSpec,
}: Pick<KubernetesPod, 'document' | 'podSpec'>): readonly {
  readonly name: string;
  readonly port: number;
  readonly transport: string;
}[] {
  const portsOf = (container: number) =>
    itemsAt(tape, container, 'ports', (port) => ({
      name: textAt(tape, port, 'name'),
      port: Number(textAt(tape, port, 'containerPort')),
      transport: textAt(tape, port, 'protocol') || 'TCP',
    }));
  const containers = itemsAt(tape, podSpec, 'containers', portsOf).flat();
  const sidecars = itemsAt(tape, podSpec, 'initContainers', (container) =>
    textAt(tape, container, 'restartPolicy') === 'Always' ? portsOf(container) : [],
  ).flat();
  return [...containers, ...sidecars];
}

function scalars(tape: Tape, map: number, name: string): readonly string[] {
  return itemsAt(tape, map, name, (item) => tape.string(item));
}

function flagAt(tape: Tape, map: number, name: string): boolean | undefined {
  const node = map < 0 ? -1 : tape.get(map, name);
  return node < 0 || tape.kind(node) !== Kind.Bool ? undefined : tape.string(node) === 'true';
}
