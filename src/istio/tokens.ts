// The service account tokens that proxies show to SDS servers in Istio 1.1 to 1.5.

/** The folder of the token that is projected for the node agent alone (`enableSdsTokenMount`). */
export const ISTIO_TOKEN_FOLDER = '/var/run/secrets/tokens';
/** Its file in there. */
export const ISTIO_TOKEN_FILE = 'istio-token';
/** The token that is projected for the node agent alone. */
export const ISTIO_TOKEN = `${ISTIO_TOKEN_FOLDER}/${ISTIO_TOKEN_FILE}`;
/** The token that every pod has (`sdsUseK8sSaJwt`). */
export const KUBERNETES_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
