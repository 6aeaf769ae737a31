// What happens when the agent dies and comes back, and while the CA is down: whoever has a certificate goes on.

import { Load, type Loaded } from '../load.js';
import type { Proof } from '../proof.js';
import type { RunningPod } from '../running-pod.js';
import type { Stage } from '../stage.js';
import { rotateOnce } from './rotation.js';

/** How long the agent and the CA are away, in milliseconds. */
const AWAY = 2000;

/** The agent dies under load, and comes back with nothing but its CA. */
export async function agentProof(stage: Stage, loaded: readonly Loaded[]): Promise<Proof> {
  const problems: string[] = [];
  const load = new Load(stage, loaded);
  stage.stopAgent();
  await stage.pause(AWAY);
  const away = load.take();
  if (away.requests === 0) problems.push('no request was made while the agent was away');
  const took = await rotateOnce(stage, proxied(stage), () => stage.startAgent(), problems);
  const back = await load.end();
  return {
    name: 'agent',
    ok: problems.length + away.failed + back.failed === 0,
    requests: away.requests + back.requests,
    failed: away.failed + back.failed,
    milliseconds: Math.round(took),
    detail: `the agent was away for ${AWAY / 1000} s; all proxies came back to it and got new certificates`,
    problems: [...problems, ...away.problems, ...back.problems],
  };
}

/** The CA is down under load while certificates are to be renewed. */
export async function caProof(stage: Stage, loaded: readonly Loaded[]): Promise<Proof> {
  const problems: string[] = [];
  let refused = 0;
  const stop = stage.observe(({ kind }) => {
    if (kind === 'ca-failed') refused++;
  });
  const load = new Load(stage, loaded);
  const began = performance.now();
  stage.ca.isDown = true;
  try {
    await Promise.all([stage.rotate(), stage.pause(AWAY)]);
  } finally {
    stage.ca.isDown = false;
    stop();
  }
  const down = performance.now() - began;
  if (refused === 0) problems.push('no renewal met the CA while it was down');
  const during = load.take();
  if (during.requests === 0) problems.push('no request was made while the CA was down');
  // Nothing but the agent's own next attempt renews them.
  const took = await rotateOnce(stage, proxied(stage), async () => {}, problems);
  const after = await load.end();
  return {
    name: 'ca',
    ok: problems.length + during.failed + after.failed === 0,
    requests: during.requests + after.requests,
    failed: during.failed + after.failed,
    milliseconds: Math.round(took),
    detail: `the CA was down for ${(down / 1000).toFixed(1)} s; ${refused} renewals failed, and were made up for when it was back`,
    problems: [...problems, ...during.problems, ...after.problems],
  };
}

function proxied(stage: Stage): RunningPod[] {
  return stage.pods.filter(({ envoy }) => envoy !== undefined);
}
