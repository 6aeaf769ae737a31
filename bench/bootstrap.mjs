// The bootstrap that everything is measured with: clusters as Istio 1.1's Pilot makes them, each with the
// workload's certificate files at /etc/certs. 10,000 of them are 12 MB of JSON, and 40 MB once converted.

import { stringify } from 'yaml';

/** The bootstrap as a value, with `count` clusters. The same count gives the same value. */
export function bootstrap(count) {
  return { ...HEAD, static_resources: { clusters: Array.from({ length: count }, (_, i) => cluster(i)) } };
}

/** The bootstrap as JSON, indented by two spaces as people and `jq` do; cluster by cluster, so any count fits into memory. */
export function bootstrapJson(count) {
  const empty = JSON.stringify(bootstrap(0), null, 2);
  const at = empty.indexOf('[]', empty.indexOf('"clusters"'));
  const pieces = [];
  for (let i = 0; i < count; i++) {
    pieces.push(JSON.stringify(cluster(i), null, 2).replaceAll('\n', '\n      '));
  }
  return flat(`${empty.slice(0, at)}[\n      ${pieces.join(',\n      ')}\n    ]${empty.slice(at + 2)}\n`);
}

/** The bootstrap as YAML in block style. */
export function bootstrapYaml(count) {
  return flat(stringify(bootstrap(count), { aliasDuplicateObjects: false }));
}

/** The same text in one piece of memory, as it is after a file was read. */
function flat(text) {
  return Buffer.from(text).toString('utf8');
}

const HEAD = {
  node: {
    id: 'sidecar~10.40.2.17~productpage-v1-54d799c966-8w4jx.default~default.svc.cluster.local',
    cluster: 'productpage.default',
    metadata: { ISTIO_VERSION: '1.1.7', POD_NAME: 'productpage-v1-54d799c966-8w4jx' },
  },
  admin: {
    access_log_path: '/dev/null',
    address: { socket_address: { address: '127.0.0.1', port_value: 15000 } },
  },
};

const WORDS = ['cart', 'orders', 'payments', 'catalog', 'reviews', 'ratings', 'search', 'session'];

function cluster(i) {
  const service = `${WORDS[i % WORDS.length]}-${i}`;
  const namespace = `team-${i % 97}`;
  const host = `${service}.${namespace}.svc.cluster.local`;
  const port = [80, 443, 8080, 9080, 15010][i % 5];
  const name = `outbound|${port}||${host}`;
  return {
    name,
    type: 'EDS',
    eds_cluster_config: { eds_config: { ads: {} }, service_name: name },
    connect_timeout: '10s',
    circuit_breakers: { thresholds: [{ max_retries: 1024 }] },
    tls_context: {
      common_tls_context: {
        tls_certificates: [
          {
            certificate_chain: { filename: '/etc/certs/cert-chain.pem' },
            private_key: { filename: '/etc/certs/key.pem' },
          },
        ],
        validation_context: {
          trusted_ca: { filename: '/etc/certs/root-cert.pem' },
          verify_subject_alt_name: [`spiffe://cluster.local/ns/${namespace}/sa/${service}`],
        },
        alpn_protocols: ['istio'],
      },
      sni: `outbound_.${port}_._.${host}`,
    },
  };
}
