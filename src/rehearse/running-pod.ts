// A pod that runs on the loopback: its proxy's configuration as compiled and as written, its Envoy, its application.

import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CompileInput } from '../compile/compile.js';
import type { NormalValue } from '../envoy/normal-value.js';
import { NODE_AGENT_SOCKET, withoutUnixScheme } from '../istio/sockets.js';
import { ISTIO_TOKEN, KUBERNETES_TOKEN } from '../istio/tokens.js';
import { WORKLOAD_FOLDER } from '../istio/workload-files.js';
import type { MeshSettings } from '../mesh/model.js';
import { Application } from './application.js';
import { type Pod, proxyOf } from './cluster.js';
import {
  BOOTSTRAP_FILE,
  CLUSTERS_FILE,
  CONFIG_FOLDER,
  compileProxy,
  type Delivery,
  fileText,
  LISTENERS_FILE,
  type ProxyFiles,
} from './compiled.js';
import { type Credentials, writeMountedFiles } from './credentials.js';
import { type Address, EnvoyProcess, type Held } from './envoy-process.js';
import { RehearsalError } from './failure.js';
import { type Loopback, type LoopbackNames, rewrite } from './loopback.js';
import type { ClusterService } from './members.js';

/** What a pod needs of the stage. */
export interface Surroundings {
  readonly loopback: Loopback;
  readonly settings: MeshSettings;
  readonly services: readonly ClusterService[];
  /** The path of an Envoy. */
  readonly envoy: string;
  /** A folder of the pod's own. */
  readonly folder: string;
  /** Where its identity is served, and the token that it shows there. */
  readonly socket: string;
  readonly token: string;
}

/** What a pod is made with. */
export interface PodMounts {
  /** The agent's socket. */
  readonly socket: boolean;
  /** The secret with the workload's certificate. */
  readonly secret: boolean;
}

/** How long an Envoy has for its start, in milliseconds: it waits 15 s for its first secrets. */
const START = 30_000;

/** A pod. */
export class RunningPod {
  readonly name: string;
  /** Its own configuration as it was compiled; empty without a proxy. */
  compiled: ProxyFiles = new Map();
  /** The same on the loopback. */
  rewritten: ProxyFiles = new Map();
  names: LoopbackNames | undefined;
  envoy: EnvoyProcess | undefined;
  private application: Application | undefined;
  private arguments: readonly string[] = [];
  private readonly texts = new Map<string, string>();

  constructor(
    readonly pod: Pod,
    readonly seat: number,
    /** Where its identity comes from; what changes is seen when it is configured again. */
    public delivery: Delivery,
    readonly mounts: PodMounts,
    private readonly around: Surroundings,
  ) {
    this.name = pod.member.name;
  }

  /** The folder of mounted certificates. */
  get mountedFolder(): string {
    return join(this.around.folder, 'certs');
  }

  get folder(): string {
    return this.around.folder;
  }

  /**
   * Compiles its configuration, and writes what changed so that its Envoy sees it.
   *
   * @throws a RehearsalError where it cannot be compiled
   */
  configure(inputs: readonly CompileInput[]): void {
    const { member } = this.pod;
    if (!member.hasProxy) return;
    const { loopback, settings } = this.around;
    const made = compileProxy(inputs, proxyOf(this.pod), settings, this.delivery);
    const wrong = made.findings.find(({ level }) => level === 'error');
    if (wrong !== undefined) throw new RehearsalError(`${this.name} cannot be compiled: ${wrong.message}`);
    this.arguments = made.arguments;
    this.compiled = made.files;
    const { seat: number, pod } = this;
    this.names = loopback.namesFor({ number, ip: pod.ip, paths: this.paths }, made.files);
    const { names } = this;
    this.rewritten = new Map([...made.files].map(([path, content]) => [path, rewrite(content, names)]));
    for (const [path, content] of this.rewritten) this.write(path, fileText(content));
  }

  /** Gives it the files of a mounted secret. */
  mount(credentials: Credentials): void {
    writeMountedFiles(this.mountedFolder, credentials);
  }

  /**
   * Starts application and Envoy, and waits until it serves.
   *
   * @throws a RehearsalError where that fails
   */
  async start(watch: (pid: number) => void): Promise<void> {
    const { loopback, envoy: binary } = this.around;
    const { hasProxy, isGateway, name } = this.pod.member;
    const host = hasProxy ? loopback.localAddress(this.seat) : loopback.podAddress(this.seat);
    if (!isGateway) this.application = await Application.start(name, host, this.applicationPorts());
    if (!hasProxy) return;
    const bootstrap = this.rewritten.get(BOOTSTRAP_FILE);
    this.envoy = new EnvoyProcess({
      binary,
      bootstrap: join(this.configFolder, BOOTSTRAP_FILE),
      arguments: this.arguments,
      admin: adminOf(bootstrap),
      name,
    });
    if (this.envoy.pid !== undefined) watch(this.envoy.pid);
    await this.envoy.ready(START);
  }

  /** What its proxy presents and trusts; nothing where it has none, or does not answer. */
  async held(): Promise<Held> {
    return (await this.envoy?.certificates().catch(() => undefined)) ?? { presented: [], trusted: [] };
  }

  /** Where its proxy listens for an address of the cluster; undefined where it does not. */
  listener(ip: string, port: number): Address | undefined {
    const { loopback } = this.around;
    const listening = new Set(socketAddresses(this.compiled.get(LISTENERS_FILE)).map(addressText));
    const host = [ip, '0.0.0.0'].find((one) => listening.has(addressText({ host: one, port })));
    return host === undefined
      ? undefined
      : { host: loopback.addressAt(this.seat, host), port: loopback.port(port) };
  }

  /** Where one of its ports is, as peers reach it. */
  port(port: number): Address {
    const { loopback } = this.around;
    return { host: loopback.podAddress(this.seat), port: loopback.port(port) };
  }

  /** Ends it; what it still serves is cut off. */
  async stop(): Promise<void> {
    await this.envoy?.stop();
    this.application?.close();
    rmSync(this.around.folder, { recursive: true, force: true });
  }

  private get configFolder(): string {
    return join(this.around.folder, 'config');
  }

  private get paths(): ReadonlyMap<string, string> {
    const { settings, socket, token } = this.around;
    return new Map([
      [CONFIG_FOLDER, this.configFolder],
      [WORKLOAD_FOLDER, this.mountedFolder],
      [
        withoutUnixScheme(settings.sds_uds_path || NODE_AGENT_SOCKET),
        this.mounts.socket ? socket : join(this.around.folder, 'not-mounted'),
      ],
      [ISTIO_TOKEN, token],
      [KUBERNETES_TOKEN, token],
    ]);
  }

  /** The ports to which its own proxy leads, or services where there is none. */
  private applicationPorts(): number[] {
    const { services, loopback } = this.around;
    const { member } = this.pod;
    const own = member.hasProxy
      ? inboundPorts(this.compiled.get(CLUSTERS_FILE))
      : services.flatMap(({ ports }) => ports.flatMap(({ targets }) => targets.get(member.name) ?? []));
    return own.map((port) => loopback.port(port));
  }

  private write(path: string, text: string): void {
    if (this.texts.get(path) === text) return;
    this.texts.set(path, text);
    const file = join(this.configFolder, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // Envoy looks at a file when it is moved to its place.
    writeFileSync(`${file}.new`, text, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
}

type Fields = { readonly [name: string]: NormalValue };

function fieldsOf(value: NormalValue | undefined): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function resourcesOf(response: NormalValue | undefined): Fields[] {
  const { resources } = fieldsOf(response);
  return Array.isArray(resources) ? resources.map(fieldsOf) : [];
}

function socketAddress(value: NormalValue | undefined): Address | undefined {
  const { address, port_value: port } = fieldsOf(fieldsOf(value).socket_address);
  return typeof address === 'string' && typeof port === 'number' ? { host: address, port } : undefined;
}

/** The addresses of listeners. */
function socketAddresses(response: NormalValue | undefined): Address[] {
  return resourcesOf(response).flatMap(({ address }) => socketAddress(address) ?? []);
}

function addressText({ host, port }: Address): string {
  return `${host}:${port}`;
}

/** The ports of the application, by the clusters that lead to it. */
function inboundPorts(response: NormalValue | undefined): number[] {
  return resourcesOf(response)
    .filter(({ name }) => typeof name === 'string' && name.startsWith('inbound|'))
    .flatMap(({ load_assignment: assignment }) => {
      const { endpoints } = fieldsOf(assignment);
      return (Array.isArray(endpoints) ? endpoints : []).flatMap((group: NormalValue) => {
        const { lb_endpoints: members } = fieldsOf(group);
        return (Array.isArray(members) ? members : []).flatMap((member: NormalValue) => {
          const { address } = fieldsOf(fieldsOf(member).endpoint);
          return socketAddress(address)?.port ?? [];
        });
      });
    });
}

function adminOf(bootstrap: NormalValue | undefined): Address {
  const admin = socketAddress(fieldsOf(fieldsOf(bootstrap).admin).address);
  if (admin === undefined) throw new RehearsalError('the bootstrap has no admin interface');
  return admin;
}
