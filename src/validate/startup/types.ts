// The message types that several areas look at.

export const CLUSTER = 'envoy.config.cluster.v3.Cluster';
