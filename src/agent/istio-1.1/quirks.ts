// What Istio 1.1's node agent does that is unusual for an SDS server, measured on 1.1.7. `--like istio-1.1`
// reproduces all of it; without that, the server does what the second column says.

/** A quirk. */
export interface Quirk {
  readonly name: string;
  /** What the node agent does. */
  readonly nodeAgent: string;
  /** What the server does otherwise. */
  readonly otherwise: string;
}

/** All quirks that are reproduced. */
export const QUIRKS: readonly Quirk[] = [
  {
    name: 'v2-only',
    nodeAgent: 'v2 streams and fetches only; a current Envoy gets 12, unknown service',
    otherwise: 'v3 and v2; deltas in v3',
  },
  {
    name: 'open-socket',
    nodeAgent:
      'one socket for all workloads, mode 0666; replaced at startup even if another process serves it',
    otherwise: "one socket for each workload, mode 0600; another process's socket is left alone",
  },
  {
    name: 'bearer-token',
    nodeAgent: 'a valid token is accepted from any client; the CA checks tokens, the agent does not',
    otherwise: "a token is checked, and is good only on its workload's socket",
  },
  {
    name: 'token-headers',
    nodeAgent:
      'istio_sds_credentail_header-bin, else authorization; without: 2, no credential token is found',
    otherwise: 'also istio_sds_credential_header-bin; without: 16',
  },
  {
    name: 'bad-token-status',
    nodeAgent: '16 with Citadel, 2 with Vault',
    otherwise: '16',
  },
  {
    name: 'one-name',
    nodeAgent: 'exactly one name in a request; others get 2, has invalid resourceNames',
    otherwise: 'up to 100 names',
  },
  {
    name: 'any-name',
    nodeAgent: "any name but ROOTCA is the workload's own certificate",
    otherwise: '3 for unknown names',
  },
  {
    name: 'open-root',
    nodeAgent: 'ROOTCA is given to any token, even a bad one; before the first certificate 2 after 1.1 s',
    otherwise: 'ROOTCA needs a good token; before the first certificate one is issued',
  },
  {
    name: 'root-not-pushed',
    nodeAgent: 'ROOTCA is never pushed',
    otherwise: 'roots are pushed when they change, before certificates that lead to them',
  },
  {
    name: 'certificate-per-stream',
    nodeAgent: 'each stream has a key and a certificate of its own',
    otherwise: 'the streams of a workload share them',
  },
  {
    name: 'time-as-version',
    nodeAgent: 'version and nonce are the same Go time text',
    otherwise: 'the version is a digest of what is public, the nonce a counter',
  },
  {
    name: 'nack-at-once',
    nodeAgent: 'a NACK is answered with a new certificate at once, again and again',
    otherwise: 'after a pause that doubles up to a minute',
  },
  {
    name: 'node-in-every-request',
    nodeAgent:
      'a stream request without node: 2; a fetch without node ends the agent, and all streams with it',
    otherwise: 'only the first request of a stream needs a node',
  },
  {
    name: 'root-in-chain',
    nodeAgent: 'the certificate chain holds the root',
    otherwise: 'the chain ends before the root',
  },
  {
    name: 'rotation-job',
    nodeAgent:
      'a job every 10 minutes renews certificates older than their lifetime less an hour; with VALID_TOKEN=false it closes the stream with 2 instead',
    otherwise: 'each certificate is renewed at half of its lifetime',
  },
  {
    name: 'ca-down-status',
    nodeAgent: '14 after 3 s of retries with Citadel, 2 at once with Vault',
    otherwise: '14 or 4 after --ca-timeout',
  },
];
