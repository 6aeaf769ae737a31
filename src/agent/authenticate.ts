// Who asks: known by the token that its headers hold, or by the socket that it came in on.

import { type Metadata, status } from '@grpc/grpc-js';
import { type Identity, spiffeId } from './identity.js';
import { Refusal } from './refusal.js';
import type { TokenCheck, TokenClaims } from './tokens.js';
import { unverifiedClaims } from './tokens.js';

/** Istio 1.1's header, with its misspelling; its bytes are the token. */
export const ISTIO_TOKEN_HEADER = 'istio_sds_credentail_header-bin';

/** Headers that hold a token: Istio 1.1's with its misspelling, the corrected name, and the usual one. */
export const TOKEN_HEADERS = [
  ISTIO_TOKEN_HEADER,
  'istio_sds_credential_header-bin',
  'authorization',
] as const;

/** A caller. */
export interface Caller {
  readonly identity: Identity;
  readonly token: string | undefined;
  /** When its token expires, in milliseconds since 1970. */
  readonly expires: number | undefined;
}

/** A socket, and the identity of those who can reach it; absent where several workloads share it. */
export interface ServedSocket {
  readonly path: string;
  readonly identity: Identity | undefined;
}

/** Finds out who asks, or throws a Refusal. */
export type Authenticate = (headers: Metadata, socket: ServedSocket) => Promise<Caller>;

/** How callers are known. */
export interface AuthenticationRules {
  /** The names of headers, in the order in which they count. */
  readonly headers: readonly string[];
  readonly check: TokenCheck;
  /** The identities that are served on a shared socket; all where absent. */
  readonly identities: readonly Identity[] | undefined;
}

/** Callers are known by a token that was checked. A token is good only on the socket of its workload. */
export function byToken({ headers: names, check, identities }: AuthenticationRules): Authenticate {
  const served = identities === undefined ? undefined : new Set(identities.map(spiffeId));
  return async (headers, socket) => {
    const token = tokenIn(headers, names);
    if (token === undefined) throw new Refusal(status.UNAUTHENTICATED, `no token in ${names.join(', ')}`);
    const claims = await check(token);
    const id = spiffeId(claims.identity);
    if (socket.identity !== undefined && id !== spiffeId(socket.identity))
      throw new Refusal(
        status.PERMISSION_DENIED,
        `the token of ${id} was used on the socket of ${spiffeId(socket.identity)}`,
      );
    if (served !== undefined && !served.has(id))
      throw new Refusal(status.PERMISSION_DENIED, `${id} is not served here`);
    return { ...claims, token };
  };
}

/** Callers are known by their socket. */
export function bySocket(tokenOf: (identity: Identity) => Promise<string | undefined>): Authenticate {
  return async (_headers, { path, identity }) => {
    if (identity === undefined)
      throw new Refusal(status.PERMISSION_DENIED, `${path} does not belong to one workload`);
    return { identity, token: await tokenOf(identity), expires: undefined };
  };
}

/** A token is passed on to the CA, which decides; what it says of itself is believed until then. */
export function byUnverifiedToken(trustDomain: string, names: readonly string[]): Authenticate {
  return async (headers) => {
    const token = tokenIn(headers, names);
    if (token === undefined) throw new Refusal(status.UNKNOWN, 'no credential token is found');
    const claims: TokenClaims = unverifiedClaims(token, trustDomain) ?? {
      identity: { trustDomain, namespace: '', account: '' },
      expires: undefined,
    };
    return { ...claims, token };
  };
}

/** The token of the first header that is there, with or without `Bearer `. */
function tokenIn(headers: Metadata, names: readonly string[]): string | undefined {
  for (const name of names) {
    const [value] = headers.get(name);
    if (value === undefined) continue;
    const text = value.toString().trim();
    return text.startsWith('Bearer ') ? text.slice('Bearer '.length).trim() : text;
  }
  return undefined;
}
