// Whose proxy is configured: Istio's own build of Envoy, which has filters that Pilot counts on, or an
// upstream Envoy, which has not.

export const DATAPLANES = ['istio', 'envoy'] as const;
export type Dataplane = (typeof DATAPLANES)[number];
