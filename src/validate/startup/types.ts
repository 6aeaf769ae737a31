// The message types that several areas look at.

export const CLUSTER = 'envoy.config.cluster.v3.Cluster';
export const LISTENER = 'envoy.config.listener.v3.Listener';
