// The move from mounted certificates to SDS, wave by wave as `xdsc plan` has it, with load on every connection. The
// switch of the configurations is rolled back once, and made again.

import { plural } from '../finding/plural.js';
import { Load, type Loaded } from './load.js';
import type { Proof } from './proof.js';
import type { RunningPod } from './running-pod.js';
import type { PodForm, Stage } from './stage.js';
import type { MigrationWave } from './waves.js';

/** Pods before the move. */
export const ON_FILES: PodForm = { delivery: 'files', mounts: { socket: false, secret: true } };

/** How many workloads are replaced at a time. */
const ROLLED = 5;
/** Between the last new connection to a pod and its end, in milliseconds: endpoints, then connections. */
const ENDPOINTS_GO = 1000;
const CONNECTIONS_GO = 3000;
/** How long load goes on after a step, in milliseconds. */
const AFTERWARDS = 1000;
const PERIOD = 50;

/** A step of the move. */
interface Step {
  readonly name: string;
  readonly detail: string;
  readonly workloads: readonly string[];
  readonly act: (stage: Stage, pods: readonly RunningPod[]) => Promise<void>;
}

/**
 * Runs all steps; each is a proof of its own.
 *
 * @param begin told of each step
 */
export async function* migrate(
  stage: Stage,
  waves: readonly MigrationWave[],
  loaded: readonly Loaded[],
  begin: (what: string) => void,
): AsyncGenerator<Proof> {
  for (const step of waves.flatMap(stepsOf)) {
    begin(step.name);
    yield await take(stage, step, loaded);
  }
}

function stepsOf({ number, phase, workloads }: MigrationWave): Step[] {
  const step = (what: string, detail: string, act: Step['act']): Step => ({
    name: `wave ${number}: ${what}`,
    detail,
    workloads,
    act,
  });
  const count = plural(workloads.length, 'workload');
  const switched = (what: string): Step =>
    step(what, `the configurations of ${count} name SDS`, (stage, pods) => configure(stage, pods, 'sds'));
  switch (phase) {
    case 'agent':
      return [step(phase, 'the agent starts', (stage) => stage.startAgent())];
    case 'pods':
      return [
        step(phase, `the pods of ${count} are replaced, with the socket beside the secret`, (stage, pods) =>
          roll(stage, pods, { socket: true, secret: true }),
        ),
      ];
    case 'config':
      return [
        switched(phase),
        step('roll back', `the configurations of ${count} name files again`, (stage, pods) =>
          configure(stage, pods, 'files'),
        ),
        switched('again'),
      ];
    case 'secret':
      return [
        step(phase, `the pods of ${count} are replaced, without the secret`, (stage, pods) =>
          roll(stage, pods, { socket: true, secret: false }),
        ),
      ];
    default:
      // The proxies of a rehearsal have no connection to a control plane.
      return [];
  }
}

async function take(stage: Stage, step: Step, loaded: readonly Loaded[]): Promise<Proof> {
  const { name, detail, workloads, act } = step;
  const load = new Load(stage, loaded);
  const began = performance.now();
  await act(
    stage,
    stage.pods.filter((pod) => workloads.includes(pod.name)),
  );
  const wrong = await untilPresented(stage);
  await stage.pause(AFTERWARDS);
  const took = performance.now() - began;
  const { requests, failed, problems } = await load.end();
  const all = [...wrong, ...problems];
  return {
    name,
    ok: all.length === 0 && loaded.length > 0 && requests > 0,
    requests,
    failed,
    milliseconds: Math.round(took),
    detail: `${detail}, with load on ${plural(loaded.length, 'connection')}`,
    problems: all,
  };
}

/** Switches configurations, as a control plane does: without a restart. */
async function configure(
  stage: Stage,
  pods: readonly RunningPod[],
  delivery: 'files' | 'sds',
): Promise<void> {
  for (const pod of pods) pod.delivery = delivery;
  stage.push();
}

/** Replaces pods as a rolling update does: the new one serves before the old one goes. */
async function roll(stage: Stage, pods: readonly RunningPod[], mounts: PodForm['mounts']): Promise<void> {
  for (let i = 0; i < pods.length; i += ROLLED) {
    const old = pods.slice(i, i + ROLLED);
    for (const delivery of ['files', 'sds'] as const) {
      const alike = old.filter((pod) => pod.delivery === delivery);
      await stage.startPods(
        alike.map((pod) => stage.successorOf(pod)),
        { delivery, mounts },
      );
    }
    stage.push();
    stage.push(stage.pods.filter((pod) => !old.includes(pod)).map(({ pod }) => pod));
    await stage.pause(ENDPOINTS_GO);
    await Promise.all(old.map(({ envoy }) => envoy?.drain()));
    await stage.pause(CONNECTIONS_GO);
    await stage.stopPods(old);
  }
}

/** Waits until each proxy presents a certificate from where its configuration says. */
async function untilPresented(stage: Stage): Promise<string[]> {
  const deadline = performance.now() + stage.patience;
  for (;;) {
    const wrong: string[] = [];
    for (const pod of stage.pods) {
      const { presented } = await pod.held();
      const fromAgent = presented.filter(({ serial }) => stage.serials.has(serial)).length;
      const isRight = pod.delivery === 'sds' ? fromAgent === presented.length : fromAgent === 0;
      if (pod.envoy !== undefined && (presented.length === 0 || !isRight))
        wrong.push(
          `the proxy of ${pod.name} does not present its certificate from ${pod.delivery === 'sds' ? 'SDS' : 'files'}`,
        );
    }
    if (wrong.length === 0 || performance.now() > deadline) return wrong;
    await stage.pause(PERIOD);
  }
}
