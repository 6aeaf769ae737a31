// A migration as a value: workloads with the state of each, the connections between them, and changes of
// state. What a plan says is made of these, and the simulation runs on them.
//
// The model's terms. A proxy presents a certificate of the root that its delivery has, and trusts the roots
// that its delivery hands it: `old` is the root of the mounted certificates, `new` that of the CA behind SDS
// where it is another. A delivery works if what it needs is in the pod. All state is the workload's own, since
// nothing in a cluster changes everywhere at once.

/** A root of trust. */
export type TrustRoot = 'old' | 'new';

/** Where an identity comes from. */
export type IdentitySource = 'files' | 'sds';

/** A workload's name: `namespace/name`. */
export type WorkloadId = string;

/** Something that runs a proxy. */
export interface PlanWorkload {
  readonly id: WorkloadId;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** The file of its manifest; undefined where it is not among the inputs. */
  readonly file: string | undefined;
  /** Whether the sidecar is in the manifest; otherwise the webhook adds it. */
  readonly injected: boolean;
  readonly gateway: boolean;
  readonly controlPlane: boolean;
  /** Why it cannot be given SDS; undefined where it can. */
  readonly blocked: string | undefined;
  /** Why its secret has to stay; undefined where it may go. */
  readonly keepsSecret: string | undefined;
}

/** What a workload is like at some time. */
export interface WorkloadStage {
  /** The secret is mounted. */
  readonly secret: boolean;
  /** The socket, and the token where it takes one, are mounted. */
  readonly socket: boolean;
  /** The agent runs on its nodes. */
  readonly agent: boolean;
  /** What its clusters and listeners name. */
  readonly config: IdentitySource;
  /** What its connection to the control plane names. */
  readonly bootstrap: IdentitySource;
  /** The roots that the mounted file holds. */
  readonly fileRoots: readonly TrustRoot[];
  /** The roots that the agent serves. */
  readonly sdsRoots: readonly TrustRoot[];
  /** Its services that demand mTLS take plain text as well for now. */
  readonly permissive: boolean;
  /** Its clients' side talks plain text for now. */
  readonly plain: boolean;
}

/** How a client begins: plain text, the mesh's mTLS, or mTLS with files that a rule names. */
export type ClientTls = 'plain' | 'istio' | 'files';

/** What a server takes. */
export type ServerMode = 'plain' | 'permissive' | 'strict';

/** That one workload may call another; all services that are alike between the two are one. */
export interface Connection {
  readonly client: WorkloadId;
  readonly server: WorkloadId;
  readonly purpose: 'service' | 'control plane';
  readonly tls: ClientTls;
  /** For `files`: whether they are those of the mounted secret. */
  readonly mountedFiles: boolean;
  readonly mode: ServerMode;
  /** `host:port` of each. */
  readonly hosts: readonly string[];
}

/** A mesh as the plan sees it. */
export interface PlanModel {
  /** By id. */
  readonly workloads: readonly PlanWorkload[];
  readonly connections: readonly Connection[];
  readonly initial: ReadonlyMap<WorkloadId, WorkloadStage>;
  /** The root of the certificates that SDS serves. */
  readonly sdsRoot: TrustRoot;
}

/** A change of some workloads' state; each may undergo it at a time of its own. */
export interface Transition {
  readonly workloads: readonly WorkloadId[];
  readonly set: Partial<WorkloadStage>;
}
