// An agent for a test: its own CA and token issuer, sockets in a folder of its own, and what it reported.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Agent, type AgentOptions, startAgent } from '../../src/agent/agent.js';
import { TOKEN_HEADERS } from '../../src/agent/authenticate.js';
import type { AgentEvent } from '../../src/agent/events.js';
import { type Identity, readIdentity } from '../../src/agent/identity.js';
import { TokenIssuer } from '../../src/agent/token-issuer.js';
import { OwnAuthority } from '../../src/ca/own.js';
import { SdsClient } from './client.js';

const TRUST_DOMAIN = 'cluster.local';
export const spiffe = (workload: string): string =>
  `spiffe://${TRUST_DOMAIN}/ns/${workload.replace('/', '/sa/')}`;

/** An identity by its short form. */
export function identity(workload: string): Identity {
  const read = readIdentity(workload, TRUST_DOMAIN);
  if (read === undefined) throw new Error(`${workload} is not an identity`);
  return read;
}

/** One for all tests of a file: making its key takes long. */
let issuer: Promise<TokenIssuer> | undefined;

function tokenIssuer(): Promise<TokenIssuer> {
  issuer ??= TokenIssuer.create();
  return issuer;
}

/** What a test changes. */
export interface AgentSettings extends Partial<Omit<AgentOptions, 'identities'>> {
  readonly workloads?: readonly string[];
  readonly shared?: boolean;
  readonly legacy?: boolean;
  readonly headers?: readonly string[];
}

/** An agent that runs. */
export class TestAgent {
  private readonly clients: SdsClient[] = [];

  private constructor(
    readonly folder: string,
    readonly own: OwnAuthority,
    private readonly agent: Agent,
    readonly events: readonly AgentEvent[],
    private readonly shared: boolean,
  ) {}

  static async start(settings: AgentSettings = {}): Promise<TestAgent> {
    const { workloads = ['foo/sleep', 'bar/httpbin'], shared = false, legacy = false, ...others } = settings;
    const folder = mkdtempSync(join(tmpdir(), 'xdsc-sds-'));
    const own = await OwnAuthority.create({
      trustDomain: TRUST_DOMAIN,
      keyType: 'ec-p256',
      intermediate: false,
      maxLifetime: 86_400,
    });
    const events: AgentEvent[] = [];
    const agent = await startAgent({
      trustDomain: TRUST_DOMAIN,
      identities: workloads.map(identity),
      sockets: shared
        ? [{ path: socketIn(folder, ''), identity: undefined }]
        : workloads.map((workload) => ({ path: socketIn(folder, workload), identity: identity(workload) })),
      socketMode: 0o600,
      authentication: {
        by: 'token',
        headers: settings.headers ?? TOKEN_HEADERS,
        audiences: [TRUST_DOMAIN],
        issuers: undefined,
        legacy,
        keys: undefined,
      },
      names: { certificate: 'default', roots: 'ROOTCA' },
      ca: own,
      keyType: 'ec-p256',
      lifetime: 3600,
      timeout: 5000,
      roots: [],
      rotateEvery: undefined,
      rootSettle: 50,
      rootOverlap: 500,
      tokenIssuer: await tokenIssuer(),
      tokens: undefined,
      nodeAgent: undefined,
      observe: (event) => events.push(event),
      ...others,
    });
    return new TestAgent(folder, own, agent, events, shared);
  }

  /** The issuer of its tokens. */
  get tokens(): TokenIssuer {
    return this.agent.tokenIssuer;
  }

  /** Renews all certificates in use. */
  rotate(): Promise<void> {
    return this.agent.rotate();
  }

  /** Changes the CA's keys. */
  async renewAuthority(): Promise<void> {
    await this.agent.renewAuthority?.();
  }

  /** The path of a workload's socket. */
  socket(workload: string): string {
    return socketIn(this.folder, this.shared ? '' : workload);
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
    this.agent.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function socketIn(folder: string, workload: string): string {
  return join(folder, workload.replace('/', '.'), 'uds_path');
}
