// Issues service account tokens as Kubernetes does, projected and legacy ones, for tests and rehearsals. The key is
// in memory; its public half is a JWKS.

import { randomUUID, type webcrypto } from 'node:crypto';
import { exportJWK, generateKeyPair, type JSONWebKeySet, type JWTPayload, SignJWT } from 'jose';
import { DEFAULT_DOMAIN } from '../istio/trust-domain.js';
import type { Identity } from './identity.js';
import { LEGACY_ISSUER } from './tokens.js';

const ALGORITHM = 'RS256';

/** The issuer that clusters name. */
const CLUSTER_ISSUER = `https://kubernetes.default.svc.${DEFAULT_DOMAIN}`;

/** What a projected token says besides its identity. */
export interface ProjectedToken {
  readonly audience: string;
  /** In seconds. */
  readonly lifetime: number;
  readonly pod?: string;
}

/** An issuer of tokens. */
export class TokenIssuer {
  private constructor(
    /** Its public keys. */
    readonly keys: JSONWebKeySet,
    private readonly privateKey: webcrypto.CryptoKey,
    private readonly keyId: string,
  ) {}

  /** An issuer with a new key. */
  static async create(): Promise<TokenIssuer> {
    const { publicKey, privateKey } = await generateKeyPair(ALGORITHM);
    const keyId = randomUUID();
    const jwk = await exportJWK(publicKey);
    return new TokenIssuer({ keys: [{ ...jwk, kid: keyId, alg: ALGORITHM, use: 'sig' }] }, privateKey, keyId);
  }

  /** A token as a projected volume has it. */
  projected(identity: Identity, { audience, lifetime, pod }: ProjectedToken): Promise<string> {
    const { namespace, account } = identity;
    const now = Math.floor(Date.now() / 1000);
    return this.sign({
      ...subject(identity),
      iss: CLUSTER_ISSUER,
      aud: [audience],
      iat: now,
      nbf: now,
      exp: now + lifetime,
      'kubernetes.io': {
        namespace,
        ...(pod !== undefined && { pod: { name: pod, uid: randomUUID() } }),
        serviceaccount: { name: account, uid: uidOf(identity) },
      },
    });
  }

  /** A token as a service account's secret has it: without an audience, and valid for ever. */
  legacy(identity: Identity): Promise<string> {
    const { namespace, account } = identity;
    return this.sign({
      ...subject(identity),
      iss: LEGACY_ISSUER,
      'kubernetes.io/serviceaccount/namespace': namespace,
      'kubernetes.io/serviceaccount/secret.name': `${account}-token`,
      'kubernetes.io/serviceaccount/service-account.name': account,
      'kubernetes.io/serviceaccount/service-account.uid': uidOf(identity),
    });
  }

  private sign(claims: JWTPayload): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, kid: this.keyId }).sign(this.privateKey);
  }
}

function subject({ namespace, account }: Identity): JWTPayload {
  return { sub: `system:serviceaccount:${namespace}:${account}` };
}

/** The same for the same account. */
function uidOf({ namespace, account }: Identity): string {
  const hex = Buffer.from(`${namespace}/${account}`).toString('hex').padEnd(32, '0').slice(0, 32);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
