// The fields of Kubernetes objects that are read, what their values must be, and the names beside them that
// are no slips of theirs (Kubernetes' API reference, core/v1, apps/v1 and batch/v1).

/** What a value must be. */
export type Leaf = 'text' | 'port' | 'portOrName' | 'ip' | 'clusterIP' | 'protocol' | 'texts';

/** A map with the fields that are read. */
export interface Shape {
  readonly read: { readonly [field: string]: Leaf | Shape | readonly [Shape] };
  /** Fields without which the object means nothing. */
  readonly required?: readonly string[];
  /** Other fields that there are, as far as their names are near to those that are read. */
  readonly others?: readonly string[];
}

const METADATA: Shape = {
  read: {
    name: 'text',
    namespace: 'text',
    labels: 'texts',
    annotations: 'texts',
    creationTimestamp: 'text',
    ownerReferences: [{ read: { kind: 'text', name: 'text' } }],
  },
  others: ['generateName', 'deletionTimestamp'],
};

const PROBE: Shape = {
  read: {
    httpGet: { read: { path: 'text', port: 'portOrName' }, required: ['port'], others: ['host'] },
    tcpSocket: { read: { port: 'portOrName' }, required: ['port'], others: ['host'] },
  },
};

const POD_SPEC: Shape = {
  read: {
    serviceAccountName: 'text',
    nodeName: 'text',
    containers: [
      {
        read: {
          name: 'text',
          ports: [
            {
              read: { name: 'text', containerPort: 'port', protocol: 'protocol' },
              required: ['containerPort'],
              others: ['hostPort'],
            },
          ],
          livenessProbe: PROBE,
          readinessProbe: PROBE,
        },
      },
    ],
  },
  others: ['serviceAccount', 'initContainers', 'hostname'],
};

const SERVICE: Shape = {
  read: {
    metadata: METADATA,
    spec: {
      read: {
        type: 'text',
        clusterIP: 'clusterIP',
        externalName: 'text',
        selector: 'texts',
        ports: [
          {
            read: { name: 'text', port: 'port', protocol: 'protocol', targetPort: 'portOrName' },
            required: ['port'],
            others: ['nodePort', 'appProtocol'],
          },
        ],
      },
      others: ['clusterIPs', 'externalIPs', 'externalTrafficPolicy', 'internalTrafficPolicy'],
    },
  },
  required: ['spec'],
};

const ADDRESSES = [{ read: { ip: 'ip' }, required: ['ip'] }] as const;

const ENDPOINTS: Shape = {
  read: {
    metadata: METADATA,
    subsets: [
      {
        read: {
          addresses: ADDRESSES,
          notReadyAddresses: ADDRESSES,
          ports: [
            {
              read: { name: 'text', port: 'port', protocol: 'protocol' },
              required: ['port'],
              others: ['appProtocol'],
            },
          ],
        },
      },
    ],
  },
};

const POD: Shape = {
  read: {
    metadata: METADATA,
    spec: POD_SPEC,
    status: { read: { podIP: 'ip', phase: 'text' }, others: ['podIPs'] },
  },
};

const TEMPLATE: Shape = {
  read: { metadata: { read: { labels: 'texts', annotations: 'texts' } }, spec: POD_SPEC },
};

const WORKLOAD: Shape = {
  read: { metadata: METADATA, spec: { read: { template: TEMPLATE }, required: ['template'] } },
};

const SHAPES: ReadonlyMap<string, Shape> = new Map([
  ['Service', SERVICE],
  ['Endpoints', ENDPOINTS],
  ['Pod', POD],
  ['Node', { read: { metadata: METADATA } }],
  ['ServiceAccount', { read: { metadata: METADATA } }],
  [
    'CronJob',
    {
      read: {
        metadata: METADATA,
        spec: { read: { jobTemplate: { read: { spec: WORKLOAD.read.spec as Shape } } } },
      },
    },
  ],
]);

/** The shape of a kind that is read: that of what makes Pods where it has none of its own. */
export function shapeOf(kind: string): Shape {
  return SHAPES.get(kind) ?? WORKLOAD;
}
