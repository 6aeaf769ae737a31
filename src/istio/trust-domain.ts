// The domain that Istio and Kubernetes use unless they are told another.

/** The default trust domain, and the default suffix of the names of a cluster's services. */
export const DEFAULT_DOMAIN = 'cluster.local';
