// Which version of Kubernetes serves which API: the release notes and the deprecation guide of Kubernetes, as
// far as manifests here depend on them.

/** Kinds and features of Kubernetes whose versions matter here. */
export type Served =
  | 'PodSecurityPolicy'
  | 'ValidatingAdmissionPolicy'
  | 'projected service account token'
  | 'recursive read-only mount';

interface Range {
  readonly apiVersion: string;
  /** Minor versions of Kubernetes 1, both served. */
  readonly from: number;
  readonly to?: number;
  /** Whether a cluster has it only where somebody has switched it on. */
  readonly off?: true;
}

const SERVED: Readonly<Record<Served, readonly Range[]>> = {
  PodSecurityPolicy: [{ apiVersion: 'policy/v1beta1', from: 10, to: 24 }],
  ValidatingAdmissionPolicy: [
    { apiVersion: 'admissionregistration.k8s.io/v1alpha1', from: 26, to: 27, off: true },
    { apiVersion: 'admissionregistration.k8s.io/v1beta1', from: 28, to: 29, off: true },
    { apiVersion: 'admissionregistration.k8s.io/v1', from: 30 },
  ],
  'projected service account token': [{ apiVersion: 'v1', from: 12 }],
  'recursive read-only mount': [{ apiVersion: 'v1', from: 31 }],
};

/** The oldest version for which there are manifests: the first with policy/v1beta1. */
export const OLDEST_MINOR = 10;

/** The version that is meant where none is given: the first with ValidatingAdmissionPolicy in v1. */
export const DEFAULT_MINOR = 30;

/** The minor version in `1.30`, `v1.30` or `1.30.2`; undefined where the text is no version of Kubernetes 1. */
export function kubernetesMinor(text: string): number | undefined {
  const minor = /^v?1\.(\d{1,3})(?:\.\d+)?\+?(?:-\S*)?$/.exec(text)?.[1];
  return minor === undefined ? undefined : Number(minor);
}

/** How a version of Kubernetes serves something; undefined where it does not. */
export function servedBy(what: Served, minor: number): Range | undefined {
  return SERVED[what].find(({ from, to }) => from <= minor && (to === undefined || minor <= to));
}
