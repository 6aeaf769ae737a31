// The files in which Citadel's secret reaches a workload (Istio 1.1: security/pkg/nodeagent and the sidecar
// injector mount `istio.<account>` there).

/** The folder that the secret is mounted at. */
export const WORKLOAD_FOLDER = '/etc/certs';
/** The workload's certificate chain. */
export const WORKLOAD_CHAIN = `${WORKLOAD_FOLDER}/cert-chain.pem`;
/** The workload's private key. */
export const WORKLOAD_KEY = `${WORKLOAD_FOLDER}/key.pem`;
/** The root certificate that the workload trusts. */
export const WORKLOAD_ROOT = `${WORKLOAD_FOLDER}/root-cert.pem`;
