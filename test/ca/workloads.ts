// Workloads that ask a CA: their tokens, as a cluster issues them, and their requests.

import { readIdentity } from '../../src/agent/identity.js';
import { TokenIssuer } from '../../src/agent/token-issuer.js';
import { tokenCheck } from '../../src/agent/tokens.js';
import type { CertificateAuthority } from '../../src/ca/authority.js';
import { type Chain, checkChain } from '../../src/ca/chain.js';
import { type KeyPair, makeKeyPair } from '../../src/ca/key-pair.js';
import type { KeyType } from '../../src/ca/key-types.js';
import { signWithRetries } from '../../src/ca/retry.js';

const TRUST_DOMAIN = 'cluster.local';
export const SLEEP = 'spiffe://cluster.local/ns/foo/sa/sleep';
export const HTTPBIN = 'spiffe://cluster.local/ns/bar/sa/httpbin';

/** The tokens of a cluster. */
export class Cluster {
  private constructor(private readonly issuer: TokenIssuer) {}

  static async create(): Promise<Cluster> {
    return new Cluster(await TokenIssuer.create());
  }

  /** The token of a workload. */
  token(id: string, audience = TRUST_DOMAIN): Promise<string> {
    const identity = readIdentity(id, TRUST_DOMAIN);
    if (identity === undefined) throw new Error(`${id} is not an identity`);
    return this.issuer.projected(identity, { audience, lifetime: 600 });
  }

  /** What a TokenReview says: whose token it is; undefined where it is nobody's. */
  async review(token: string): Promise<{ readonly namespace: string; readonly account: string } | undefined> {
    const check = tokenCheck({
      keys: this.issuer.keys,
      trustDomain: TRUST_DOMAIN,
      audiences: [TRUST_DOMAIN, 'other'],
      issuers: undefined,
      legacy: true,
    });
    return check(token).then(
      ({ identity }) => identity,
      () => undefined,
    );
  }
}

/** Keys by their type and identity: making one takes long. */
const keys = new Map<string, Promise<KeyPair>>();

/** A key with its request. */
export function keyOf(identity: string, type: KeyType = 'rsa-2048'): Promise<KeyPair> {
  const name = `${type} ${identity}`;
  const known = keys.get(name) ?? makeKeyPair(type, identity);
  keys.set(name, known);
  return known;
}

/** What a test changes of a request. */
export interface Asked {
  readonly identity?: string;
  readonly token?: string | undefined;
  readonly lifetime?: number;
  readonly keyType?: KeyType;
  readonly csr?: string;
  readonly timeout?: number;
}

/** Has a certificate signed and checked, as the agent does. */
export async function sign(
  ca: CertificateAuthority,
  asked: Asked,
): Promise<Chain & { warnings: readonly string[] }> {
  const { identity = SLEEP, token, lifetime = 3600, keyType, timeout = 1500 } = asked;
  const key = await keyOf(identity, keyType);
  const reply = await signWithRetries(
    ca,
    { csr: asked.csr ?? key.csr, identity, token, lifetime },
    { timeout, retries: true },
  );
  const { publicKey } = key;
  const chain = checkChain(reply.certificates, {
    ca: ca.name,
    identity,
    publicKey,
    roots: [],
    now: Date.now(),
  });
  return { ...chain, warnings: reply.warnings };
}
