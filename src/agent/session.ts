// What all calls of the service share: who asks, which names mean what, and how a call ends.

import { status } from '@grpc/grpc-js';
import { CaError } from '../ca/authority.js';
import type { Authenticate, Caller, ServedSocket } from './authenticate.js';
import type { Method, Observer } from './events.js';
import type { Api } from './protocol.js';
import { internalError, Refusal } from './refusal.js';
import type { NamedSecret } from './secrets.js';
import type { SecretStore } from './store.js';
import type { Workload } from './workload.js';

/** What a call is served with. */
export interface Service {
  readonly api: Api;
  readonly store: SecretStore;
  readonly authenticate: Authenticate;
  readonly socket: ServedSocket;
  readonly names: SecretNames;
  readonly observe: Observer;
}

/** Under which names secrets are served. */
export interface SecretNames {
  /** Of the workload's certificate; its SPIFFE ID is another one. */
  readonly certificate: string;
  /** Of the roots; the SPIFFE ID of the trust domain is another one. */
  readonly roots: string;
}

/** Names that a request may have. */
const MOST_NAMES = 100;

/** Whether the name is that of the roots. */
export function isRoots(name: string, { roots }: SecretNames, { identity }: Workload): boolean {
  return name === roots || name === `spiffe://${identity.trustDomain}`;
}

/**
 * The secret of a name; undefined where there is none.
 *
 * @throws a CaError
 */
export async function secretOf(
  name: string,
  workload: Workload,
  { store, names }: Service,
): Promise<NamedSecret | undefined> {
  if (isRoots(name, names, workload)) return store.roots(workload, name);
  if (name === names.certificate || name === workload.id) return store.certificate(workload, name);
  return undefined;
}

/**
 * The secrets of names, and the refusal of those that there are not.
 *
 * @throws the Refusal where there is none at all
 */
export async function secretsOf(
  requested: Iterable<string>,
  workload: Workload,
  service: Service,
): Promise<{ readonly secrets: readonly NamedSecret[]; readonly refusal: Refusal | undefined }> {
  const all = [...requested];
  const found = await Promise.all(all.map((name) => secretOf(name, workload, service)));
  const secrets = found.filter((secret) => secret !== undefined);
  const unknown = all.filter((_, i) => found[i] === undefined);
  if (unknown.length === 0) return { secrets, refusal: undefined };
  const refusal = unknownNames(unknown, workload, service);
  if (secrets.length === 0) throw refusal;
  return { secrets, refusal };
}

/** Says which names would have been known. */
export function unknownNames(unknown: readonly string[], workload: Workload, { names }: Service): Refusal {
  return new Refusal(
    status.INVALID_ARGUMENT,
    `unknown secret ${unknown.map((name) => JSON.stringify(name.slice(0, 100))).join(', ')}; ${workload.id} has "${names.certificate}" and "${names.roots}"`,
  );
}

/** Checks what every request has to fulfil. */
export function checkRequest(typeUrl: string, names: readonly string[], { api }: Service): void {
  if (typeUrl !== '' && typeUrl !== api.form.typeUrl)
    throw new Refusal(
      status.INVALID_ARGUMENT,
      `the type is ${JSON.stringify(typeUrl.slice(0, 200))}; expected ${api.form.typeUrl}`,
    );
  if (names.length > MOST_NAMES)
    throw new Refusal(status.INVALID_ARGUMENT, `${names.length} names in one request; at most ${MOST_NAMES}`);
}

/** Checks that the sender says which node it is. */
export function checkNode(node: { readonly id: string } | undefined): void {
  if (node === undefined)
    throw new Refusal(status.INVALID_ARGUMENT, 'the first request of a stream has no node');
}

/** Checks that the caller's token has not expired since it was checked. */
export function checkExpiry({ expires }: Caller): void {
  if (expires !== undefined && expires <= Date.now())
    throw new Refusal(status.UNAUTHENTICATED, 'the token has expired; connect again with a new one');
}

/** The workload of a caller, which from now on asks the CA with the caller's token. */
export function workloadOf({ identity, token }: Caller, { store }: Service): Workload {
  const workload = store.workload(identity);
  if (token !== undefined) workload.token = token;
  return workload;
}

/** Reports a refusal. */
export function reportRefusal({ code, message }: Refusal, { observe, socket }: Service): void {
  observe({ kind: 'refused', code, reason: message, socket: socket.path });
}

/** The status that a call ends with, reported where it is a refusal. */
export function endingOf(
  error: unknown,
  service: Service,
): { readonly code: status; readonly details: string } {
  if (error instanceof Refusal) {
    reportRefusal(error, service);
    return { code: error.code, details: error.message };
  }
  if (error instanceof CaError) return { code: error.code, details: error.message };
  // One call ends; the others go on.
  service.observe({ kind: 'warning', message: internalError(error) });
  return { code: status.INTERNAL, details: 'internal error' };
}

/** Reports a call's beginning, and gives what reports its end, once. */
export function opened(method: Method, { api, observe }: Pick<Service, 'api' | 'observe'>): () => void {
  const { version } = api;
  observe({ kind: 'opened', api: version, method });
  let isOpen = true;
  return () => {
    if (isOpen) observe({ kind: 'closed', api: version, method });
    isOpen = false;
  };
}
