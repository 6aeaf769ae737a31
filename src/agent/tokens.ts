// Service account tokens: what they say, and whether it is true.

import { status } from '@grpc/grpc-js';
import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import { type Identity, identityOfSubject } from './identity.js';
import { Refusal } from './refusal.js';

/** Which tokens are believed. */
export interface TokenRules {
  /** The public keys of the issuer. */
  readonly keys: JSONWebKeySet;
  readonly trustDomain: string;
  /** One of these has to be a token's audience. */
  readonly audiences: readonly string[];
  /** The issuers that tokens may have; all where absent. */
  readonly issuers: readonly string[] | undefined;
  /** Whether tokens of secrets are believed, which have no audience and never expire. */
  readonly legacy: boolean;
}

/** What a token says. */
export interface TokenClaims {
  readonly identity: Identity;
  /** Milliseconds since 1970; absent where it never expires. */
  readonly expires: number | undefined;
}

/** Checks a token, or throws a Refusal. */
export type TokenCheck = (token: string) => Promise<TokenClaims>;

/** The issuer that tokens of secrets name. */
export const LEGACY_ISSUER = 'kubernetes/serviceaccount';

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** How far the clocks of the issuer and of this machine may be apart, in seconds. */
const CLOCK_TOLERANCE = 5;

/** Checks tokens by signature, expiry, audience, issuer and subject. */
export function tokenCheck(rules: TokenRules): TokenCheck {
  const keys = createLocalJWKSet(rules.keys);
  return async (token) => {
    const payload = await verified(token, () =>
      jwtVerify(token, keys, { algorithms: ALGORITHMS, clockTolerance: CLOCK_TOLERANCE }),
    );
    const isLegacy = payload.iss === LEGACY_ISSUER && payload.aud === undefined;
    if (isLegacy && !rules.legacy)
      throw refused('the token is one of a secret, without an audience; --legacy-tokens accepts such tokens');
    if (!isLegacy) checkClaims(payload, rules);
    return claimsOf(payload, rules.trustDomain);
  };
}

/** Reads a token without checking it: what is in it is decided by the CA. */
export function unverifiedClaims(token: string, trustDomain: string): TokenClaims | undefined {
  try {
    return claimsOf(decodeJwt(token), trustDomain);
  } catch {
    return undefined;
  }
}

async function verified(
  token: string,
  verify: () => Promise<{ readonly payload: JWTPayload }>,
): Promise<JWTPayload> {
  try {
    const { payload } = await verify();
    return payload;
  } catch (error) {
    throw refused(reasonOf(error, token));
  }
}

function reasonOf(error: unknown, token: string): string {
  if (error instanceof errors.JWTExpired) return `the token expired ${ago(error.payload.exp)}`;
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf')
    return `the token becomes valid ${ago(error.payload.nbf)}; check the clocks of this machine and of the token's issuer`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return "the token's signature is wrong";
  if (error instanceof errors.JWKSNoMatchingKey) return 'the token is signed with an unknown key';
  if (error instanceof errors.JOSEAlgNotAllowed) return "the token's algorithm is not accepted";
  if (token.split('.').length !== 3) return 'the token is not a JWT';
  return 'the token is not a valid JWT';
}

/** How long ago, or in how much time, something is. */
function ago(seconds: number | undefined): string {
  const difference = Math.round(Date.now() / 1000 - (seconds ?? 0));
  return difference >= 0 ? `${difference} s ago` : `in ${-difference} s`;
}

function checkClaims({ aud, iss, exp }: JWTPayload, { audiences, issuers }: TokenRules): void {
  const given = aud === undefined ? [] : [aud].flat();
  if (!given.some((one) => audiences.includes(one)))
    throw refused(`the token's audience is ${list(given)}; expected ${list(audiences)}`);
  if (issuers !== undefined && !issuers.includes(iss ?? ''))
    throw refused(`the token's issuer is ${JSON.stringify(iss ?? '')}; expected ${list(issuers)}`);
  if (exp === undefined) throw refused('the token does not expire');
}

function claimsOf({ sub = '', exp }: JWTPayload, trustDomain: string): TokenClaims {
  const identity = identityOfSubject(sub, trustDomain);
  if (identity === undefined) throw refused("the token's subject is not a service account");
  return { identity, expires: exp === undefined ? undefined : exp * 1000 };
}

function list(texts: readonly string[]): string {
  return texts.length === 0 ? 'missing' : texts.map((text) => JSON.stringify(text)).join(' or ');
}

function refused(reason: string): Refusal {
  return new Refusal(status.UNAUTHENTICATED, reason);
}
