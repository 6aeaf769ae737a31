// The flags of `xdsc sds-server`, read and checked: what is wrong with them is said before anything is served.

import type { JSONWebKeySet } from 'jose';
import type { AgentOptions, Authentication, NodeAgentSettings } from '../../agent/agent.js';
import { type ServedSocket, TOKEN_HEADERS } from '../../agent/authenticate.js';
import { type Identity, readIdentity } from '../../agent/identity.js';
import type { KeyType } from '../../ca/key-types.js';
import { parseDuration } from '../../mesh/duration.js';
import { quoted } from '../../secrecy/quoted.js';
import { Failure } from '../exit.js';
import { readText } from '../inputs.js';

/** The command's options as they were given. */
export interface SdsServerFlags {
  readonly identity: readonly string[];
  readonly trustDomain: string;
  readonly socket: string;
  readonly socketMode?: string;
  readonly sharedSocket?: boolean;
  readonly auth: 'token' | 'socket';
  readonly tokenHeader: readonly string[];
  readonly tokens?: string;
  readonly tokenTtl: string;
  readonly jwks?: string;
  readonly issuer: readonly string[];
  readonly audience: readonly string[];
  readonly legacyTokens?: boolean;
  readonly tokenFile?: string;
  readonly key: KeyType;
  readonly ttl: string;
  readonly rotateEvery?: string;
  readonly certificateName: string;
  readonly rootName: string;
  readonly rootOverlap: string;
  readonly ca: 'own' | 'citadel' | 'istiod' | 'vault' | 'command';
  readonly intermediate?: boolean;
  readonly caAddress?: string;
  readonly caRoot?: string;
  readonly caServerName?: string;
  readonly caTrust?: string;
  readonly caCommand?: string;
  readonly caTimeout: string;
  readonly option: { readonly [name: string]: string };
  readonly like?: 'istio-1.1';
  readonly metrics?: string;
}

/** Between sending a new root and the first certificate that leads to it, in milliseconds. */
const ROOT_SETTLE = 2000;

/** What the flags say of the agent, without its CA and without who observes it. */
export function agentOptions(flags: SdsServerFlags): Omit<AgentOptions, 'ca' | 'observe'> {
  const { trustDomain } = flags;
  const identities = flags.identity.map((text) => identityOf(text, trustDomain));
  return {
    trustDomain,
    identities,
    sockets: socketsOf(flags, identities),
    socketMode: modeOf(flags),
    authentication: authenticationOf(flags),
    names: { certificate: flags.certificateName, roots: flags.rootName },
    keyType: flags.key,
    lifetime: milliseconds('--ttl', flags.ttl) / 1000,
    timeout: milliseconds('--ca-timeout', flags.caTimeout),
    roots: flags.caTrust === undefined ? [] : pemFile('--ca-trust', flags.caTrust),
    rotateEvery:
      flags.rotateEvery === undefined ? undefined : milliseconds('--rotate-every', flags.rotateEvery),
    rootSettle: ROOT_SETTLE,
    rootOverlap: milliseconds('--root-overlap', flags.rootOverlap),
    tokenIssuer: undefined,
    tokens: tokensOf(flags, identities),
    nodeAgent: nodeAgentOf(flags),
  };
}

/** The milliseconds of a duration that is more than nothing. */
export function milliseconds(flag: string, text: string): number {
  const nanoseconds = parseDuration(text);
  if (nanoseconds === undefined || nanoseconds <= 0n)
    throw new Failure(`${flag}: ${quoted(text)} is not a duration such as 90s, 10m or 24h`);
  return Number(nanoseconds / 1_000_000n);
}

/** The certificates in a file that a flag names. */
export function pemFile(flag: string, path: string): string[] {
  const text = textFile(flag, path);
  // As Istio's ConfigMap istio-security has it: base64 of PEM.
  const decoded = text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString();
  const found = decoded.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g);
  if (found === null) throw new Failure(`${flag}: ${path} holds no certificate in PEM`);
  return found.map((pem) => `${pem}\n`);
}

function textFile(flag: string, path: string): string {
  const read = readText(path, path);
  if ('code' in read) throw new Failure(`${flag}: ${path}: ${read.message}`);
  return read.text;
}

function identityOf(text: string, trustDomain: string): Identity {
  const identity = readIdentity(text, trustDomain);
  if (identity === undefined)
    throw new Failure(
      `--identity: ${quoted(text)} is neither NAMESPACE/ACCOUNT nor spiffe://DOMAIN/ns/NAMESPACE/sa/ACCOUNT`,
    );
  return identity;
}

/** A path with an identity in the place of its placeholders. */
function pathFor(template: string, { namespace, account }: Identity): string {
  return template.replaceAll('{namespace}', namespace).replaceAll('{account}', account);
}

function socketsOf(flags: SdsServerFlags, identities: readonly Identity[]): ServedSocket[] {
  const { socket, like, sharedSocket } = flags;
  const isTemplate = /\{(?:namespace|account)\}/.test(socket);
  const unknown = socket.match(/\{(?!namespace\}|account\})[^}]*\}/)?.[0];
  if (unknown !== undefined)
    throw new Failure(`--socket: ${unknown} is not a placeholder; {namespace} and {account} are`);
  if (like !== undefined) {
    if (isTemplate)
      throw new Failure('--like istio-1.1 has one socket; leave {namespace} and {account} out of --socket');
    return [{ path: socket, identity: undefined }];
  }
  if (isTemplate) {
    if (identities.length === 0) throw new Failure('--socket has placeholders, but there is no --identity');
    const sockets = identities.map((identity) => ({ path: pathFor(socket, identity), identity }));
    if (new Set(sockets.map(({ path }) => path)).size < sockets.length)
      throw new Failure('--socket: two workloads have the same path; use {namespace} and {account}');
    return sockets;
  }
  if (identities.length === 1) return identities.map((identity) => ({ path: socket, identity }));
  if (sharedSocket === true && flags.auth === 'token') return [{ path: socket, identity: undefined }];
  throw new Failure(
    flags.auth === 'socket'
      ? '--auth socket needs one socket for each workload: put {namespace} and {account} into --socket, and name each --identity'
      : 'a token is bound to the socket of its workload: name each --identity, and put {namespace} and {account} into --socket; --shared-socket does without',
  );
}

function modeOf({ socketMode, like }: SdsServerFlags): number {
  if (socketMode === undefined) return like === undefined ? 0o600 : 0o666;
  if (!/^0?[0-7]{3}$/.test(socketMode))
    throw new Failure(`--socket-mode: ${quoted(socketMode)} is not a mode such as 600 or 666`);
  return Number.parseInt(socketMode, 8);
}

function authenticationOf(flags: SdsServerFlags): Authentication {
  const { auth, jwks, tokens, like, tokenFile, ca } = flags;
  if (auth === 'socket') {
    if (like !== undefined)
      throw new Failure('--like istio-1.1 knows callers by their tokens, not by sockets');
    if (tokenFile === undefined && (ca === 'citadel' || ca === 'istiod' || ca === 'vault'))
      throw new Failure(
        `${ca} knows workloads by their tokens: with --auth socket, name them with --token-file`,
      );
    return {
      by: 'socket',
      tokenOf: async (identity) =>
        tokenFile === undefined ? undefined : textFile('--token-file', pathFor(tokenFile, identity)).trim(),
    };
  }
  if (tokenFile !== undefined) throw new Failure('--token-file is for --auth socket');
  // The node agent itself checks no token; a CA of its own does.
  const isChecked = like === undefined || ca === 'own';
  if (isChecked && jwks === undefined && tokens === undefined)
    throw new Failure(
      'tokens cannot be checked: issue them with --tokens DIR, or give the public keys of your cluster with --jwks FILE (kubectl get --raw /openid/v1/jwks)',
    );
  const defaults = like === undefined ? TOKEN_HEADERS : ['istio_sds_credentail_header-bin', 'authorization'];
  return {
    by: 'token',
    headers: flags.tokenHeader.length > 0 ? flags.tokenHeader.map((name) => name.toLowerCase()) : defaults,
    audiences: flags.audience.length > 0 ? flags.audience : [flags.trustDomain],
    issuers: flags.issuer.length > 0 ? flags.issuer : undefined,
    legacy: flags.legacyTokens ?? false,
    keys: jwks === undefined ? undefined : keysIn(jwks),
  };
}

function keysIn(path: string): JSONWebKeySet {
  const text = textFile('--jwks', path);
  try {
    const keys: unknown = JSON.parse(text);
    if (typeof keys === 'object' && keys !== null && 'keys' in keys && Array.isArray(keys.keys))
      return keys as JSONWebKeySet;
  } catch {
    // Said below.
  }
  throw new Failure(`--jwks: ${path} is not a JSON object with the list "keys"`);
}

function tokensOf(
  { tokens, tokenTtl }: SdsServerFlags,
  identities: readonly Identity[],
): AgentOptions['tokens'] {
  if (tokens === undefined) return undefined;
  if (identities.length === 0)
    throw new Failure('--tokens issues a token for each --identity, and there is none');
  return { folder: tokens, lifetime: milliseconds('--token-ttl', tokenTtl) / 1000 };
}

function nodeAgentOf({ like, option }: SdsServerFlags): NodeAgentSettings | undefined {
  if (like === undefined) return undefined;
  return {
    validToken: (option.VALID_TOKEN ?? 'true') === 'true',
    grace: milliseconds('SECRET_GRACE_DURATION', option.SECRET_GRACE_DURATION ?? '1h'),
    jobInterval: milliseconds('SECRET_JOB_RUN_INTERVAL', option.SECRET_JOB_RUN_INTERVAL ?? '10m'),
  };
}
