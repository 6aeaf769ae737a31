// Which statistics a proxy keeps: those that Istio 1.1 needs, or those that a pod's annotations ask for
// (pkg/bootstrap; suffixes and regular expressions since 1.2).

import { ANNOTATIONS } from './annotations.js';

/** What the names of statistics begin with, end with, or match. */
export interface Statistics {
  readonly prefixes: readonly string[];
  readonly suffixes: readonly string[];
  readonly regexes: readonly string[];
}

const DEFAULT_PREFIXES = [
  'cluster_manager',
  'listener_manager',
  'http_mixer_filter',
  'tcp_mixer_filter',
  'server',
  'cluster.xds-grpc',
];

/** The statistics that are kept; those that Istio needs, unless prefixes are given. */
export function statistics(annotations: { readonly [name: string]: string }): Statistics {
  const list = (name: keyof typeof ANNOTATIONS) => annotations[ANNOTATIONS[name]]?.split(',');
  return {
    prefixes: list('statsInclusionPrefixes') ?? DEFAULT_PREFIXES,
    suffixes: list('statsInclusionSuffixes') ?? [],
    regexes: list('statsInclusionRegexps') ?? [],
  };
}
