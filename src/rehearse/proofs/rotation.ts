// Certificates and the root are replaced under load: no request is lost, the new certificates are used, and no Envoy
// is restarted.

import type { AgentEvent } from '../../agent/events.js';
import { Load, type Loaded } from '../load.js';
import type { Proof } from '../proof.js';
import type { RunningPod } from '../running-pod.js';
import type { Stage } from '../stage.js';

/** How often each certificate is replaced. */
const ROTATIONS = 3;
/** How many requests there are at least. */
const REQUESTS = 2000;
/** How long the load may take for that, in milliseconds. */
const LOAD_PATIENCE = 30_000;
const PERIOD = 25;

interface Before {
  readonly pod: RunningPod;
  readonly pid: number | undefined;
  readonly uptime: number;
}

/** Replaces all certificates three times, and the root once. */
export async function rotationProof(stage: Stage, loaded: readonly Loaded[]): Promise<Proof> {
  const problems: string[] = [];
  const proxied = stage.pods.filter(({ envoy }) => envoy !== undefined);
  const before: Before[] = [];
  for (const pod of proxied) before.push({ pod, pid: pod.envoy?.pid, uptime: await uptimeOf(pod) });
  const began = performance.now();
  const load = new Load(stage, loaded);
  const took: number[] = [];
  for (let i = 0; i < ROTATIONS; i++)
    took.push(await rotateOnce(stage, proxied, () => stage.rotate(), problems));
  const roots = await rotateRoot(stage, proxied, problems);
  const deadline = performance.now() + LOAD_PATIENCE;
  while (loaded.length > 0 && load.requests < REQUESTS && performance.now() < deadline)
    await stage.pause(PERIOD);
  const { requests, failed, problems: lost } = await load.end();
  problems.push(...lost);
  if (requests < REQUESTS) problems.push(`only ${requests} requests were made, too few to see a loss`);
  const elapsed = performance.now() - began;
  for (const { pod, pid, uptime } of before) {
    const now = await uptimeOf(pod);
    if (pod.envoy?.pid !== pid || now < uptime + elapsed - SECOND * 2)
      problems.push(`the Envoy of ${pod.name} was started anew`);
  }
  return {
    name: 'rotation',
    ok: problems.length === 0 && proxied.length > 0,
    requests,
    failed,
    milliseconds: Math.round(Math.max(...took, 0)),
    detail: `${ROTATIONS} rotations of ${proxied.length} proxies, and ${roots}; new certificates in use after ${took.map((one) => `${Math.round(one)} ms`).join(', ')}; same pids`,
    problems,
  };
}

const SECOND = 1000;

/** Rotates, and waits until each proxy holds nothing but new certificates; gives the milliseconds. */
export async function rotateOnce(
  stage: Stage,
  pods: readonly RunningPod[],
  rotate: () => Promise<void>,
  problems: string[],
): Promise<number> {
  const old = new Map<RunningPod, ReadonlySet<string>>();
  for (const pod of pods) old.set(pod, new Set(await serialsOf(pod)));
  const began = performance.now();
  await rotate();
  // One that has ended gets nothing any more.
  const waiting = new Set(pods.filter(({ envoy }) => envoy?.isRunning));
  while (waiting.size > 0 && performance.now() - began < stage.patience) {
    for (const pod of waiting) {
      const serials = await serialsOf(pod);
      if (serials.length > 0 && !serials.some((serial) => old.get(pod)?.has(serial))) waiting.delete(pod);
    }
    if (waiting.size > 0) await stage.pause(PERIOD);
  }
  for (const { name } of waiting) problems.push(`the proxy of ${name} did not get a new certificate`);
  return performance.now() - began;
}

/** Replaces the root: for a while both are trusted, and in the end the new one alone. */
async function rotateRoot(stage: Stage, pods: readonly RunningPod[], problems: string[]): Promise<string> {
  const roots: (AgentEvent & { kind: 'roots' })[] = [];
  const stop = stage.observe((event) => {
    if (event.kind === 'roots') roots.push(event);
  });
  const most = new Map<RunningPod, number>();
  const look = async (): Promise<void> => {
    for (const pod of pods) most.set(pod, Math.max(most.get(pod) ?? 0, await rootsOf(pod)));
  };
  try {
    await stage.own.renew();
    const rotated = rotateOnce(stage, pods, () => stage.rotate(), problems);
    const deadline = performance.now() + stage.patience;
    while (!roots.some(({ change }) => change === 'removed') && performance.now() < deadline) {
      await look();
      await stage.pause(PERIOD);
    }
    await rotated;
    for (const pod of pods)
      if (most.get(pod) !== 2) problems.push(`the proxy of ${pod.name} never trusted both roots at a time`);
    while (performance.now() < deadline && !(await haveOneRoot(pods))) await stage.pause(PERIOD);
    if (!(await haveOneRoot(pods))) problems.push('the old root is still trusted');
  } finally {
    stop();
  }
  return 'one of the root with both roots trusted between';
}

async function haveOneRoot(pods: readonly RunningPod[]): Promise<boolean> {
  for (const pod of pods) if ((await rootsOf(pod)) !== 1) return false;
  return true;
}

async function serialsOf(pod: RunningPod): Promise<string[]> {
  return (await pod.held()).presented.map(({ serial }) => serial);
}

async function rootsOf(pod: RunningPod): Promise<number> {
  return (await pod.held()).trusted.length;
}

async function uptimeOf({ envoy }: RunningPod): Promise<number> {
  return (await envoy?.uptime().catch(() => undefined)) ?? 0;
}
