// The fields of Kubernetes objects that are read, what their values must be, and the names beside them that
// are no slips of theirs (Kubernetes' API reference, core/v1, apps/v1 and batch/v1).

/** What a value must be. */
export type Leaf = 'text' | 'port' | 'portOrName' | 'ip' | 'clusterIP' | 'protocol' | 'texts';

/** A map with the fields that are read. */
export interface KindShape {
  readonly read: ReadonlyMap<string, Leaf | KindShape | readonly [KindShape]>;
  /** Fields without which the object means nothing. */
  readonly required?: readonly string[];
  /** Other fields that there are, as far as their names are near to those that are read. */
  readonly others?: readonly string[];
}

function fields(read: {
  readonly [field: string]: Leaf | KindShape | readonly [KindShape];
}): KindShape['read'] {
  return new Map(Object.entries(read));
}

const METADATA: KindShape = {
  read: fields({
    name: 'text',
    namespace: 'text',
    labels: 'texts',
    annotations: 'texts',
    creationTimestamp: 'text',
    ownerReferences: [{ read: fields({ kind: 'text', name: 'text' }) }],
  }),
  others: ['generateName', 'deletionTimestamp'],
};

const PROBE: KindShape = {
  read: fields({
    httpGet: { read: fields({ path: 'text', port: 'portOrName' }), required: ['port'], others: ['host'] },
    tcpSocket: { read: fields({ port: 'portOrName' }), required: ['port'], others: ['host'] },
  }),
};

const POD_SPEC: KindShape = {
  read: fields({
    serviceAccountName: 'text',
    nodeName: 'text',
    containers: [
      {
        read: fields({
          name: 'text',
          ports: [
            {
              read: fields({ name: 'text', containerPort: 'port', protocol: 'protocol' }),
              required: ['containerPort'],
              others: ['hostPort'],
            },
          ],
          livenessProbe: PROBE,
          readinessProbe: PROBE,
        }),
      },
    ],
  }),
  others: ['serviceAccount', 'initContainers', 'hostname'],
};

const SERVICE: KindShape = {
  read: fields({
    metadata: METADATA,
    spec: {
      read: fields({
        type: 'text',
        clusterIP: 'clusterIP',
        externalName: 'text',
        selector: 'texts',
        ports: [
          {
            read: fields({ name: 'text', port: 'port', protocol: 'protocol', targetPort: 'portOrName' }),
            required: ['port'],
            others: ['nodePort', 'appProtocol'],
          },
        ],
      }),
      others: ['clusterIPs', 'externalIPs', 'externalTrafficPolicy', 'internalTrafficPolicy'],
    },
  }),
  required: ['spec'],
};

const ADDRESSES = [{ read: fields({ ip: 'ip' }), required: ['ip'] }] as const;

const ENDPOINTS: KindShape = {
  read: fields({
    metadata: METADATA,
    subsets: [
      {
        read: fields({
          addresses: ADDRESSES,
          notReadyAddresses: ADDRESSES,
          ports: [
            {
              read: fields({ name: 'text', port: 'port', protocol: 'protocol' }),
              required: ['port'],
              others: ['appProtocol'],
            },
          ],
        }),
      },
    ],
  }),
};

const POD: KindShape = {
  read: fields({
    metadata: METADATA,
    spec: POD_SPEC,
    status: { read: fields({ podIP: 'ip', phase: 'text' }), others: ['podIPs'] },
  }),
};

const TEMPLATE: KindShape = {
  read: fields({ metadata: { read: fields({ labels: 'texts', annotations: 'texts' }) }, spec: POD_SPEC }),
};

const WORKLOAD_SPEC: KindShape = { read: fields({ template: TEMPLATE }), required: ['template'] };

const WORKLOAD: KindShape = { read: fields({ metadata: METADATA, spec: WORKLOAD_SPEC }) };

const SHAPES: ReadonlyMap<string, KindShape> = new Map([
  ['Service', SERVICE],
  ['Endpoints', ENDPOINTS],
  ['Pod', POD],
  ['Node', { read: fields({ metadata: METADATA }) }],
  ['ServiceAccount', { read: fields({ metadata: METADATA }) }],
  [
    'CronJob',
    {
      read: fields({
        metadata: METADATA,
        spec: { read: fields({ jobTemplate: { read: fields({ spec: WORKLOAD_SPEC }) } }) },
      }),
    },
  ],
]);

/** The shape of a kind that is read: that of what makes Pods where it has none of its own. */
export function kindShape(kind: string): KindShape {
  return SHAPES.get(kind) ?? WORKLOAD;
}
