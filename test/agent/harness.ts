// An agent for a test: its own CA and token issuer, sockets in a folder of its own, and what it reported.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authenticate, byToken, TOKEN_HEADERS } from '../../src/agent/authenticate.js';
import type { AgentEvent } from '../../src/agent/events.js';
import { type Identity, readIdentity } from '../../src/agent/identity.js';
import { SdsServer } from '../../src/agent/sds-server.js';
import { SecretStore, type StoreOptions } from '../../src/agent/store.js';
import { TokenIssuer } from '../../src/agent/token-issuer.js';
import { tokenCheck } from '../../src/agent/tokens.js';
import { OwnAuthority } from '../../src/ca/own.js';
import { SdsClient } from './client.js';

export const TRUST_DOMAIN = 'cluster.local';
export const spiffe = (workload: string): string =>
  `spiffe://${TRUST_DOMAIN}/ns/${workload.replace('/', '/sa/')}`;

/** An identity by its short form. */
export function identity(workload: string): Identity {
  const read = readIdentity(workload, TRUST_DOMAIN);
  if (read === undefined) throw new Error(`${workload} is not an identity`);
  return read;
}

/** What a test changes. */
export interface AgentSettings {
  readonly workloads?: readonly string[];
  readonly shared?: boolean;
  readonly store?: Partial<StoreOptions>;
  readonly legacy?: boolean;
  readonly authenticate?: Authenticate;
}

/** An agent that runs. */
export class TestAgent {
  events: AgentEvent[] = [];
  private readonly clients: SdsClient[] = [];

  private constructor(
    readonly folder: string,
    readonly tokens: TokenIssuer,
    readonly own: OwnAuthority,
    readonly store: SecretStore,
    private readonly server: { value?: SdsServer },
    private readonly shared: boolean,
  ) {}

  static async start(settings: AgentSettings = {}): Promise<TestAgent> {
    const { workloads = ['foo/sleep', 'bar/httpbin'], shared = false } = settings;
    const folder = mkdtempSync(join(tmpdir(), 'xdsc-sds-'));
    const tokens = await TokenIssuer.create();
    const own = await OwnAuthority.create({
      trustDomain: TRUST_DOMAIN,
      keyType: 'ec-p256',
      intermediate: false,
      maxLifetime: 86_400,
    });
    const holder: { value?: SdsServer } = {};
    const events: AgentEvent[] = [];
    const store = new SecretStore(
      {
        ca: own,
        keyType: 'ec-p256',
        lifetime: 3600,
        timeout: 5000,
        roots: [],
        every: undefined,
        settle: 50,
        overlap: 500,
        ...settings.store,
      },
      (event) => events.push(event),
    );
    const agent = new TestAgent(folder, tokens, own, store, holder, shared);
    agent.events = events;
    holder.value = await SdsServer.start({
      sockets: shared
        ? [{ path: agent.socket(''), identity: undefined }]
        : workloads.map((workload) => ({ path: agent.socket(workload), identity: identity(workload) })),
      socketMode: 0o600,
      replaceSockets: false,
      store,
      authenticate:
        settings.authenticate ??
        byToken({
          headers: TOKEN_HEADERS,
          check: tokenCheck({
            keys: tokens.keys,
            trustDomain: TRUST_DOMAIN,
            audiences: [TRUST_DOMAIN],
            issuers: undefined,
            legacy: settings.legacy ?? false,
          }),
          identities: shared ? workloads.map(identity) : undefined,
        }),
      names: { certificate: 'default', roots: 'ROOTCA' },
      observe: (event) => events.push(event),
    });
    return agent;
  }

  /** The path of a workload's socket. */
  socket(workload: string): string {
    return join(this.folder, this.shared ? 'uds_path' : `${workload.replace('/', '.')}/uds_path`);
  }

  /** A client on a workload's socket. */
  connect(workload: string): SdsClient {
    const client = new SdsClient(this.socket(workload));
    this.clients.push(client);
    return client;
  }

  /** A token as a projected volume has it. */
  token(workload: string, { audience = TRUST_DOMAIN, lifetime = 600 } = {}): Promise<string> {
    return this.tokens.projected(identity(workload), { audience, lifetime });
  }

  /** The events of a kind. */
  of<K extends AgentEvent['kind']>(kind: K): Extract<AgentEvent, { kind: K }>[] {
    return this.events.filter((event): event is Extract<AgentEvent, { kind: K }> => event.kind === kind);
  }

  close(): void {
    for (const client of this.clients) client.close();
    this.server.value?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
