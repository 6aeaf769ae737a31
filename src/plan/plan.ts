// The migration plan: waves that the simulation has found to keep every connection, with commands, checks and
// ways back; or the connections that no order keeps, and what would make one possible.

import type { Finding } from '../finding/finding.js';
import { DEFAULT_MINOR, kubernetesMinor, servedBy } from '../kubernetes/api-versions.js';
import type { PodDelivery } from '../kubernetes/pod-sds.js';
import type { MeshSettings } from '../mesh/model.js';
import type { Provider } from '../tls/providers/provider.js';
import { type Steps, stepsOf } from './commands.js';
import type { PlanModel, PlanWorkload } from './model.js';
import { type Blocker, type PlanInput, type ReadModel, readModel } from './read-model.js';
import { type Simulation, simulate, type Violation } from './simulate.js';
import { type Wave, type WaveOptions, wavesOf } from './waves.js';

/** How to plan. */
export interface PlanOptions {
  readonly settings?: MeshSettings;
  readonly provider: Provider;
  /** What the provider means for pods that keep the secret for now. */
  readonly pods: PodDelivery;
  /** The CA behind SDS, as `manifests sds-agent --ca` takes it. */
  readonly ca: string;
  readonly caAddress?: string;
  /** Whether its root is that of the mounted certificates. */
  readonly root: 'same' | 'new';
  /** Whether both roots can be trusted at once; default `both`. */
  readonly trust?: 'both' | 'one';
  /** By default `workload` where the inputs hold Envoy configurations that name files, else `mesh`. */
  readonly switch?: 'mesh' | 'workload';
  /** Let mTLS give way to plain text for a while where nothing else helps. */
  readonly allowPlaintext?: boolean;
  readonly waveSize?: number;
  /** `1.30` and its like. */
  readonly kubernetes?: string;
  /** Names of files, for commands. */
  readonly meshFile?: string;
}

/** A wave as it is shown. */
export interface PlannedWave extends Steps {
  readonly number: number;
  readonly phase: Wave['phase'];
  readonly title: string;
  readonly workloads: readonly string[];
}

/** A plan. */
export interface Plan {
  /** `moved` where there is nothing to do. */
  readonly result: 'plan' | 'no-order' | 'moved';
  readonly options: WaveOptions & { readonly ca: string; readonly root: 'same' | 'new' };
  readonly workloads: readonly PlanWorkload[];
  readonly blockers: readonly Blocker[];
  readonly waves: readonly PlannedWave[];
  /** Workloads whose secret stays, and why. */
  readonly keeps: readonly { readonly id: string; readonly why: string }[];
  readonly simulation: {
    readonly connections: number;
    readonly mutual: number;
    readonly checked: number;
    /** Connections that do not work today. */
    readonly broken: readonly {
      readonly client: string;
      readonly server: string;
      readonly hosts: readonly string[];
    }[];
  };
  /** Without an order: what breaks, and what would make an order possible. */
  readonly violations: readonly PlannedViolation[];
  readonly ways: readonly string[];
}

/** A connection that the best order found would break. */
export interface PlannedViolation {
  readonly client: string;
  readonly server: string;
  readonly hosts: readonly string[];
  readonly phase: Wave['phase'];
  readonly was: Violation['was'];
  readonly now: Violation['now'];
  readonly changed: Violation['changed'];
}

/** A plan, or findings of level error that say why there is none. */
export interface PlanResult {
  readonly plan: Plan | undefined;
  readonly findings: readonly Finding[];
}

const DEFAULT_WAVE_SIZE = 20;

/** Plans the migration of what some texts describe. */
export function plan(inputs: readonly PlanInput[], options: PlanOptions): PlanResult {
  const read = readModel(inputs, { ...options, sdsRoot: options.root === 'same' ? 'old' : 'new' });
  if (read.model === undefined) return { plan: undefined, findings: read.findings };
  const { model } = read;
  const blockers = [...platformBlockers(options), ...read.blockers].sort(
    (a, b) => effectOrder(a) - effectOrder(b),
  );
  const waveOptions: WaveOptions = {
    switch: options.switch ?? (read.ownConfigs.length > 0 ? 'workload' : 'mesh'),
    trust: options.trust ?? 'both',
    throughPlaintext: false,
    waveSize: options.waveSize ?? DEFAULT_WAVE_SIZE,
  };
  const chosen = choose(model, waveOptions, options.allowPlaintext ?? false);
  const { waves, simulation } = chosen;
  const works = simulation.violations.length === 0;
  return {
    findings: read.findings,
    plan: {
      result: !works ? 'no-order' : waves.length === 0 ? 'moved' : 'plan',
      options: { ...chosen.options, ca: options.ca, root: options.root },
      workloads: model.workloads,
      blockers,
      waves: works ? tell(model, waves, options, read) : [],
      keeps: model.workloads.flatMap(({ id, blocked, keepsSecret }) => {
        const why = blocked ?? keepsSecret;
        return why === undefined ? [] : [{ id, why }];
      }),
      simulation: {
        connections: simulation.connections,
        mutual: simulation.mutual,
        checked: simulation.checked,
        broken: simulation.broken.map(({ client, server, hosts }) => ({ client, server, hosts })),
      },
      violations: simulation.violations.map(({ step, connection, was, now, changed }) => ({
        client: connection.client,
        server: connection.server,
        hosts: connection.hosts,
        phase: (waves[step] as Wave).phase,
        was,
        now,
        changed,
      })),
      ways: works ? [] : waysOut(model, waveOptions, options.allowPlaintext ?? false),
    },
  };
}

function effectOrder({ effect }: Blocker): number {
  return effect === 'blocks' ? 0 : 1;
}

interface Choice {
  readonly options: WaveOptions;
  readonly waves: readonly Wave[];
  readonly simulation: Simulation;
}

/** The waves that keep all connections; by way of plain text only where that is allowed and needed. */
function choose(model: PlanModel, options: WaveOptions, allowPlaintext: boolean): Choice {
  const attempt = (throughPlaintext: boolean): Choice => {
    const tried = { ...options, throughPlaintext };
    const waves = wavesOf(model, tried);
    return {
      options: tried,
      waves,
      simulation: simulate(model, waves, { allowPlaintext: throughPlaintext }),
    };
  };
  const first = attempt(false);
  if (first.simulation.violations.length === 0 || !allowPlaintext) return first;
  const second = attempt(true);
  return second.simulation.violations.length === 0 ? second : first;
}

/** What else might be chosen, as far as it gives an order. */
function waysOut(model: PlanModel, options: WaveOptions, allowPlaintext: boolean): string[] {
  const works = (change: Partial<WaveOptions>, plaintext: boolean): boolean =>
    choose(model, { ...options, ...change }, plaintext).simulation.violations.length === 0;
  const ways: string[] = [];
  if (options.switch === 'mesh' && works({ switch: 'workload' }, false))
    ways.push('switch configurations workload by workload instead of mesh-wide (--switch workload)');
  if (options.trust === 'one' && works({ trust: 'both' }, false))
    ways.push('trust both root CAs during the migration (--trust both)');
  if (!allowPlaintext && works({}, true))
    ways.push('allow a plaintext (PERMISSIVE) phase (--allow-plaintext)');
  return ways;
}

function platformBlockers({ kubernetes, pods }: PlanOptions): Blocker[] {
  const minor = kubernetes === undefined ? DEFAULT_MINOR : kubernetesMinor(kubernetes);
  const projected = 'sds' in pods && pods.sds.token.kind === 'projected';
  if (minor === undefined || !projected || servedBy('projected service account token', minor) !== undefined)
    return [];
  return [
    {
      code: 'no-projected-token',
      effect: 'blocks',
      message: `Kubernetes 1.${minor} does not project service account tokens, which proxies present to the agent`,
      remedy: "upgrade to 1.12 or later, or use the pod's regular service account token (--token kubernetes)",
    },
  ];
}

function tell(
  model: PlanModel,
  waves: readonly Wave[],
  options: PlanOptions,
  { ownConfigs, mutual }: Pick<ReadModel, 'ownConfigs' | 'mutual'>,
): PlannedWave[] {
  const keepingFiles = new Set(
    model.workloads.flatMap(({ file, blocked, keepsSecret }) =>
      file !== undefined && (blocked ?? keepsSecret) !== undefined ? [file] : [],
    ),
  );
  const byId = new Map(model.workloads.map((workload) => [workload.id, workload]));
  return waves.map((wave, index): PlannedWave => {
    const workloads = wave.workloads.map((id) => byId.get(id) as PlanWorkload);
    return {
      number: index + 1,
      phase: wave.phase,
      workloads: wave.workloads,
      ...stepsOf(wave.phase, workloads, { ...options, ownConfigs, mutual, keepingFiles }),
    };
  });
}
