// The certificate authority behind the node agent: which one, who asks it, and the environment that says so
// (Istio 1.1's node agent, its chart's values, and the three ways of integration that its authors describe).

import type { Finding } from '../finding/finding.js';
import { nearName } from '../finding/near-name.js';
import { quoted } from '../secrecy/quoted.js';

/** Ways to use a CA that is not Citadel itself. */
export const INTEGRATIONS = ['signing-key', 'citadel', 'node-agent'] as const;
export type Integration = (typeof INTEGRATIONS)[number];

/** A CA as it is asked for. */
export interface CaOptions {
  /** `citadel`, `vault`, or the name that an agent's own CA client has. */
  readonly ca: string;
  readonly address: string | undefined;
  /** Who asks an external CA; by default the node agent. */
  readonly integration: Integration | undefined;
  /** Environment of the CA's client; wins over what is set for it otherwise. */
  readonly env: { readonly [name: string]: string };
}

/** A CA, and the environment of those who ask it. */
export interface CertificateAuthority {
  /** As `CA_PROVIDER` names it. */
  readonly provider: string;
  /** The node agent's. */
  readonly env: { readonly [name: string]: string };
  /** Citadel's, where it is Citadel that asks an external CA. */
  readonly citadelEnv: { readonly [name: string]: string };
  readonly integration: Integration | undefined;
  /** Who has which private key. */
  readonly keys: readonly string[];
}

/** A CA, or findings of level error that say why there is none. */
export interface ResolvedCa {
  readonly authority: CertificateAuthority | undefined;
  readonly findings: readonly Finding[];
}

const PROVIDERS: Readonly<Record<string, string>> = { citadel: 'Citadel', vault: 'VaultCA' };

const CITADEL_ADDRESS = 'istio-citadel:8060';

/** What Istio 1.1's own example says of a Vault. */
const VAULT_ENV = {
  VAULT_AUTH_PATH: 'auth/kubernetes/login',
  VAULT_ROLE: 'istio-cert',
  VAULT_SIGN_CSR_PATH: 'istio_ca/sign/istio-pki-role',
};

/** The environment that the agent knows, for misspelled names. */
const KNOWN_ENV = [
  'CA_ADDR',
  'CA_PROVIDER',
  'VALID_TOKEN',
  'VAULT_ADDR',
  'VAULT_AUTH_PATH',
  'VAULT_ROLE',
  'VAULT_SIGN_CSR_PATH',
  'VAULT_TLS_ROOT_CERT',
  'Trust_Domain',
  'SECRET_TTL',
  'SECRET_REFRESH_GRACE_DURATION',
  'SECRET_JOB_RUN_INTERVAL',
  'SECRET_EVICTION_DURATION',
  'STALED_CONNECTION_RECYCLE_RUN_INTERVAL',
  'INITIAL_BACKOFF_MSEC',
  'GKE_CLUSTER_URL',
] as const;

/** Finds the CA that is asked for. */
export function certificateAuthority(options: CaOptions): ResolvedCa {
  const findings: Finding[] = envFindings(options.env);
  const { integration, address } = options;
  const known = Object.keys(PROVIDERS).find(
    (name) => name === options.ca.toLowerCase() || PROVIDERS[name] === options.ca,
  );
  const provider = known === undefined ? options.ca : (PROVIDERS[known] as string);
  if (known === undefined) {
    const suggestion = nearName(options.ca, Object.keys(PROVIDERS));
    if (suggestion !== undefined)
      findings.push({
        code: 'unknown-ca',
        level: 'warning',
        message: `unknown CA ${quoted(options.ca)}: the agent gets it as the name of a custom CA`,
        suggestion,
      });
  }
  if (known === 'citadel' && integration !== undefined)
    findings.push(
      error(
        'ca-integration',
        '--integration requires a CA other than Citadel',
        'another --ca, or no --integration',
      ),
    );
  // Whose signing key is injected does not matter to anything that runs.
  const asked =
    integration === 'signing-key' ? '' : (address ?? options.env.CA_ADDR ?? options.env.VAULT_ADDR ?? '');
  if (known === 'vault' && asked !== '' && !/^https:\/\/[^/]/.test(asked))
    findings.push(
      error(
        'ca-address',
        `Vault's address ${quoted(asked)} is not an https URL`,
        'a URL such as https://vault:8200',
      ),
    );
  else if (known !== 'citadel' && asked === '' && integration !== 'signing-key')
    findings.push(error('ca-address', `the address of ${options.ca} is missing`, '--ca-address'));
  if (known === 'vault' && integration !== 'signing-key' && options.env.VAULT_TLS_ROOT_CERT === undefined)
    findings.push({
      code: 'vault-root',
      level: 'warning',
      message:
        "without VAULT_TLS_ROOT_CERT the client checks Vault's certificate against the CAs of its image",
      expected: "the PEM of the CA that signed Vault's own certificate",
      remedy: 'set it with --option VAULT_TLS_ROOT_CERT=@FILE',
    });
  if (findings.some(({ level }) => level === 'error')) return { authority: undefined, findings };
  const byCitadel = known === 'citadel' || integration === 'signing-key' || integration === 'citadel';
  const client = known === 'vault' ? { VAULT_ADDR: asked, ...VAULT_ENV } : {};
  const external = { CA_PROVIDER: provider, CA_ADDR: asked, ...client, ...options.env };
  const viaCitadel = {
    CA_PROVIDER: 'Citadel',
    CA_ADDR: known === 'citadel' && asked !== '' ? asked : CITADEL_ADDRESS,
    VALID_TOKEN: 'true',
    ...(known === 'citadel' && options.env),
  };
  return {
    authority: {
      provider,
      env: byCitadel ? viaCitadel : { VALID_TOKEN: 'true', ...external },
      citadelEnv: integration === 'citadel' ? external : {},
      integration: known === 'citadel' ? undefined : (integration ?? 'node-agent'),
      keys: keysOf(options.ca, known === 'citadel' ? 'own' : (integration ?? 'node-agent')),
    },
    findings,
  };
}

/** Who sees which key; a workload's own is made by the agent of its node in every case. */
function keysOf(ca: string, integration: Integration | 'own'): string[] {
  const workload =
    "The agent of a node creates the private keys of its workloads; only the agent and the workload's Envoy have a key.";
  switch (integration) {
    case 'own':
      return ["Citadel has the signing key. It checks an account's token, then signs.", workload];
    case 'signing-key':
      return [
        `${ca} issues a signing key once; an operator copies it to Citadel, and both see it. ${ca} keeps its own.`,
        'The signing key is not renewed automatically; the operator renews it.',
        workload,
      ];
    case 'citadel':
      return [
        `${ca} alone has the signing key. Citadel checks an account's token, then requests the certificate from ${ca} with its own token.`,
        'Citadel sees requests and certificates, but no private key.',
        workload,
      ];
    case 'node-agent':
      return [
        `${ca} alone has the signing key. The agent passes the account's token to ${ca}, which checks it.`,
        'Citadel is not involved.',
        workload,
      ];
  }
}

function envFindings(env: { readonly [name: string]: string }): Finding[] {
  return Object.entries(env).flatMap(([name, value]): Finding[] => {
    if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(value))
      return [
        error(
          'secret-in-env',
          `${name} contains a private key`,
          'no secrets in the environment of a DaemonSet',
        ),
      ];
    if (!/^[A-Za-z_][\w.-]*$/.test(name))
      return [
        error(
          'env-name',
          `${quoted(name)} is not a valid name for an environment variable`,
          'letters, digits and _',
        ),
      ];
    const suggestion = (KNOWN_ENV as readonly string[]).includes(name)
      ? undefined
      : nearName(name, KNOWN_ENV);
    if (suggestion === undefined) return [];
    return [
      { code: 'unknown-option', level: 'warning', message: `the agent does not read ${name}`, suggestion },
    ];
  });
}

function error(code: string, message: string, expected: string): Finding {
  return { code, level: 'error', message, expected };
}
