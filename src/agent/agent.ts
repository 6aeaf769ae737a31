// The agent as a whole: who is served on which sockets, how callers are known, which CA signs.

import type { JSONWebKeySet } from 'jose';
import type { CertificateAuthority } from '../ca/authority.js';
import type { KeyType } from '../ca/key-types.js';
import { OwnAuthority } from '../ca/own.js';
import {
  type Authenticate,
  bySocket,
  byToken,
  byUnverifiedToken,
  type ServedSocket,
} from './authenticate.js';
import type { Observer } from './events.js';
import type { Identity } from './identity.js';
import { Issuer } from './issuer.js';
import { NodeAgent } from './istio-1.1/node-agent.js';
import { TokenReviewing } from './istio-1.1/token-review.js';
import { SdsServer } from './sds-server.js';
import { addNodeAgent, addSecretDiscovery } from './services.js';
import type { SecretNames } from './session.js';
import { SecretStore } from './store.js';
import { TokenFiles } from './token-files.js';
import { TokenIssuer } from './token-issuer.js';
import { tokenCheck } from './tokens.js';

/** How callers are known. */
export type Authentication =
  | {
      readonly by: 'token';
      readonly headers: readonly string[];
      readonly audiences: readonly string[];
      readonly issuers: readonly string[] | undefined;
      readonly legacy: boolean;
      /** The public keys of those who issue tokens; the agent's own issuer is one of them. */
      readonly keys: JSONWebKeySet | undefined;
    }
  | {
      readonly by: 'socket';
      /** Reads the token that the CA gets. */
      readonly tokenOf: (identity: Identity) => Promise<string | undefined>;
    };

/** How Istio 1.1's node agent is set up. */
export interface NodeAgentSettings {
  readonly validToken: boolean;
  /** Milliseconds. */
  readonly grace: number;
  readonly jobInterval: number;
}

/** An agent. */
export interface AgentOptions {
  readonly trustDomain: string;
  /** Identities to serve. If there are none, a shared socket serves all. */
  readonly identities: readonly Identity[];
  readonly sockets: readonly ServedSocket[];
  readonly socketMode: number;
  readonly authentication: Authentication;
  readonly names: SecretNames;
  readonly ca: CertificateAuthority;
  readonly keyType: KeyType;
  /** The requested lifetime of certificates in seconds. */
  readonly lifetime: number;
  /** For one certificate, in milliseconds. */
  readonly timeout: number;
  /** PEM of roots to use where the CA sends none. */
  readonly roots: readonly string[];
  /** Milliseconds between rotations; absent: at half of the lifetime. */
  readonly rotateEvery: number | undefined;
  /** Milliseconds. */
  readonly rootSettle: number;
  readonly rootOverlap: number;
  /** Issues tokens that the agent believes; one with a new key where absent. */
  readonly tokenIssuer: TokenIssuer | undefined;
  /** Tokens that the agent issues into files. */
  readonly tokens: { readonly folder: string; readonly lifetime: number } | undefined;
  /** Reproduces the node agent of Istio 1.1. */
  readonly nodeAgent: NodeAgentSettings | undefined;
  readonly observe: Observer;
}

/** An agent that runs. */
export interface Agent {
  /** The issuer of tokens that the agent believes. */
  readonly tokenIssuer: TokenIssuer;
  /** Renews all certificates in use. */
  rotate(): Promise<void>;
  /** Changes the CA's keys and then all certificates; undefined where the CA is not the agent's own. */
  readonly renewAuthority: (() => Promise<void>) | undefined;
  /** Ends all streams and removes all files. */
  close(): void;
}

/**
 * Starts an agent.
 *
 * @throws a SocketError where a socket cannot be made
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const tokenIssuer = options.tokenIssuer ?? (await TokenIssuer.create());
  const tokens = await tokenFiles(options, tokenIssuer);
  const parts =
    options.nodeAgent === undefined
      ? strict(options, tokenIssuer)
      : likeNodeAgent(options, tokenIssuer, options.nodeAgent);
  const { sockets, socketMode, nodeAgent, ca, observe } = options;
  try {
    const server = await SdsServer.start({
      sockets,
      socketMode,
      replaceSockets: nodeAgent !== undefined,
      addServices: parts.addServices,
      observe,
      files: tokens?.files ?? [],
      folders: tokens?.folders ?? [],
    });
    parts.started(server);
    return {
      tokenIssuer,
      rotate: parts.rotate,
      renewAuthority:
        ca instanceof OwnAuthority
          ? async () => {
              await ca.renew();
              await parts.rotate();
            }
          : undefined,
      close: () => {
        parts.close();
        server.close();
        tokens?.close();
      },
    };
  } catch (error) {
    parts.close();
    tokens?.close();
    throw error;
  }
}

/** How long the node agent tries to reach its CA, in milliseconds. */
const NODE_AGENT_TIMEOUT = 3000;

/** What differs between the agent and its likeness to the node agent. */
interface Parts {
  readonly addServices: Parameters<typeof SdsServer.start>[0]['addServices'];
  readonly started: (server: SdsServer) => void;
  readonly rotate: () => Promise<void>;
  readonly close: () => void;
}

function strict(options: AgentOptions, tokenIssuer: TokenIssuer): Parts {
  const { observe, names, rotateEvery, rootSettle, rootOverlap } = options;
  const store = new SecretStore(
    { ...options, retries: true, every: rotateEvery, settle: rootSettle, overlap: rootOverlap },
    observe,
  );
  const authenticate = authentication(options, tokenIssuer);
  return {
    addServices: (server, socket) =>
      addSecretDiscovery(server, { store, authenticate, socket, names, observe }),
    started: () => {},
    rotate: () => store.rotateAll('signal'),
    close: () => store.close(),
  };
}

function likeNodeAgent(
  options: AgentOptions,
  tokenIssuer: TokenIssuer,
  { validToken, grace, jobInterval }: NodeAgentSettings,
): Parts {
  const { observe, trustDomain, ca, lifetime, rotateEvery, authentication: known } = options;
  let server: SdsServer | undefined;
  const reviewed = ca instanceof OwnAuthority ? new TokenReviewing(ca, checkOf(options, tokenIssuer)) : ca;
  const agent = new NodeAgent({
    issuer: new Issuer(
      {
        ...options,
        ca: reviewed,
        keyType: 'rsa-2048',
        timeout: NODE_AGENT_TIMEOUT,
        retries: ca.name !== 'Vault',
      },
      observe,
    ),
    authenticate: byUnverifiedToken(trustDomain, known.by === 'token' ? known.headers : []),
    observe,
    keepsStatus: ca.name !== 'Vault',
    validToken,
    lifetime: rotateEvery ?? lifetime * 1000,
    grace: rotateEvery === undefined ? grace : 0,
    jobInterval: Math.min(jobInterval, rotateEvery ?? jobInterval),
    crash: () => {
      observe({
        kind: 'warning',
        message: 'a fetch without node: the node agent ends here, and is started again',
      });
      agent.forget();
      void server?.restart();
    },
  });
  return {
    addServices: (grpc, socket) => addNodeAgent(grpc, agent, socket),
    started: (running) => {
      server = running;
    },
    rotate: () => agent.renewAll(),
    close: () => agent.close(),
  };
}

function authentication(options: AgentOptions, tokenIssuer: TokenIssuer): Authenticate {
  const { authentication: known, identities } = options;
  if (known.by === 'socket') return bySocket(known.tokenOf);
  return byToken({
    headers: known.headers,
    check: checkOf(options, tokenIssuer),
    identities: identities.length === 0 ? undefined : identities,
  });
}

function checkOf({ authentication: known, trustDomain }: AgentOptions, tokenIssuer: TokenIssuer) {
  const { audiences, issuers, legacy, keys } =
    known.by === 'token'
      ? known
      : { audiences: [trustDomain], issuers: undefined, legacy: true, keys: undefined };
  return tokenCheck({
    keys: { keys: [...tokenIssuer.keys.keys, ...(keys?.keys ?? [])] },
    trustDomain,
    audiences,
    issuers,
    legacy,
  });
}

async function tokenFiles(options: AgentOptions, issuer: TokenIssuer): Promise<TokenFiles | undefined> {
  const { tokens, identities, trustDomain, authentication: known, socketMode, observe } = options;
  if (tokens === undefined) return undefined;
  const audience = known.by === 'token' ? (known.audiences[0] ?? trustDomain) : trustDomain;
  // Who may use a socket may read its token.
  const mode = 0o600 | (socketMode & 0o044);
  return TokenFiles.start({ issuer, identities, audience, ...tokens, mode, observe });
}
