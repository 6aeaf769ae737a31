// Which Istio a resource is for, by its API version.

import { eachObject } from '../kubernetes/objects.js';
import type { Document } from '../source/document.js';

/** The releases whose control planes are reproduced. */
export const ISTIOS = ['1.1', '1.29'] as const;
export type Istio = (typeof ISTIOS)[number];

/** The release that an API version is of; undefined where both have it, or where it is none of Istio's. */
export function istioOf(apiVersion: string): Istio | undefined {
  const slash = apiVersion.indexOf('/');
  const version = apiVersion.slice(slash + 1);
  switch (slash < 0 ? '' : apiVersion.slice(0, slash)) {
    case 'authentication.istio.io':
    case 'rbac.istio.io':
      return '1.1';
    case 'security.istio.io':
    case 'telemetry.istio.io':
    case 'extensions.istio.io':
      return '1.29';
    case 'networking.istio.io':
      return version === 'v1alpha3' ? undefined : '1.29';
    default:
      return undefined;
  }
}

/** Whether an API version is one of Istio's. */
export function isIstioVersion(apiVersion: string): boolean {
  return /^[a-z]+\.istio\.io\//.test(apiVersion);
}

/** A resource that shows which Istio it is for. */
export interface IstioResource {
  readonly document: Document;
  readonly node: number;
  readonly kind: string;
  readonly apiVersion: string;
}

/** The first resource that is for each release. */
export function firstOfEachIstio(documents: readonly Document[]): ReadonlyMap<Istio, IstioResource> {
  const found = new Map<Istio, IstioResource>();
  for (const document of documents) {
    eachObject(document.tape, 0, (node, kind, apiVersion) => {
      const istio = istioOf(apiVersion);
      if (istio !== undefined && !found.has(istio)) found.set(istio, { document, node, kind, apiVersion });
    });
  }
  return found;
}
