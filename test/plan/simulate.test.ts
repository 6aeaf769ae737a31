// The simulation: how connections end, what a change may not break, and, by trying all orders there are, that
// it is right where it says that there is none.

import { describe, expect, test } from 'vitest';
import type { Connection, PlanModel, Transition, WorkloadStage } from '../../src/plan/model.js';
import { apply, outcomeOf, simulate } from '../../src/plan/simulate.js';

const FILES: WorkloadStage = {
  secret: true,
  socket: false,
  agent: true,
  config: 'files',
  bootstrap: 'files',
  fileRoots: ['old'],
  sdsRoots: ['new'],
  permissive: false,
  plain: false,
};
const SDS: WorkloadStage = { ...FILES, secret: false, socket: true, config: 'sds' };
const BOTH = ['old', 'new'] as const;

function connection(more: Partial<Connection> = {}): Connection {
  return {
    client: 'c',
    server: 's',
    purpose: 'service',
    tls: 'istio',
    mountedFiles: false,
    mode: 'strict',
    hosts: ['s:80'],
    ...more,
  };
}

describe('a connection', () => {
  test.each<[string, Partial<Connection>, Partial<WorkloadStage>, Partial<WorkloadStage>, string]>([
    ['has mTLS between files', {}, {}, {}, 'mtls'],
    ['has mTLS with a permissive server', { mode: 'permissive' }, {}, {}, 'mtls'],
    ['fails with a server without TLS', { mode: 'plain' }, {}, {}, 'fails'],
    ['is plain text where neither side has TLS', { tls: 'plain', mode: 'plain' }, {}, {}, 'plain'],
    ['is plain text with a permissive server', { tls: 'plain', mode: 'permissive' }, {}, {}, 'plain'],
    ['fails in plain text with a strict server', { tls: 'plain' }, {}, {}, 'fails'],
    [
      'is plain text with a strict server that is permissive for now',
      { tls: 'plain' },
      {},
      { permissive: true },
      'plain',
    ],
    [
      'is plain text from a client that is plain for now',
      { mode: 'permissive' },
      { plain: true },
      {},
      'plain',
    ],
    ['fails where the client has no secret', {}, { secret: false }, {}, 'fails'],
    [
      'fails in plain text too where the server has no secret',
      { tls: 'plain', mode: 'permissive' },
      {},
      { secret: false },
      'fails',
    ],
    [
      'does not need the secret where nobody has TLS',
      { tls: 'plain', mode: 'plain' },
      {},
      { secret: false },
      'plain',
    ],
    ['fails where SDS is named and no socket is there', {}, { config: 'sds' }, {}, 'fails'],
    ['fails where SDS is named and no agent runs', {}, {}, { ...SDS, agent: false }, 'fails'],
    ['fails between roots', {}, SDS, {}, 'fails'],
    ['fails between roots, the other way', {}, {}, SDS, 'fails'],
    ['fails where only one side trusts both', {}, { ...SDS, sdsRoots: BOTH }, {}, 'fails'],
    ['has mTLS where both sides trust both', {}, { ...SDS, sdsRoots: BOTH }, { fileRoots: BOTH }, 'mtls'],
    ['with files of a rule has mTLS with a strict server', { tls: 'files' }, { secret: false }, {}, 'mtls'],
    [
      'with files of a rule fails with a permissive server, which does not know it',
      { tls: 'files', mode: 'permissive' },
      {},
      {},
      'fails',
    ],
    ['with files of a rule does not reach a new root', { tls: 'files' }, {}, SDS, 'fails'],
    [
      "with the secret's files needs the secret",
      { tls: 'files', mountedFiles: true },
      { secret: false },
      {},
      'fails',
    ],
    [
      'with files of a rule is no matter of a server without a certificate',
      { tls: 'files', mode: 'plain' },
      {},
      { secret: false },
      'mtls',
    ],
    [
      'to the control plane is by the bootstrap',
      { purpose: 'control plane' },
      { ...SDS, secret: true },
      {},
      'mtls',
    ],
    ['to the control plane fails when its files go', { purpose: 'control plane' }, SDS, {}, 'fails'],
  ])('%s', (_, how, client, server, outcome) => {
    expect(
      outcomeOf({ sdsRoot: 'new' }, connection(how), { ...FILES, ...client }, { ...FILES, ...server }),
    ).toBe(outcome);
  });
});

function model(more: Partial<PlanModel> = {}): PlanModel {
  const workload = (id: string) => ({
    id,
    kind: 'Deployment',
    name: id,
    namespace: 'shop',
    file: undefined,
    injected: true,
    gateway: false,
    controlPlane: false,
    blocked: undefined,
    keepsSecret: undefined,
  });
  return {
    workloads: [workload('c'), workload('s')],
    connections: [connection()],
    initial: new Map([
      ['c', FILES],
      ['s', FILES],
    ]),
    sdsRoot: 'old',
    ...more,
  };
}

const set = (workloads: readonly string[], change: Partial<WorkloadStage>): Transition => ({
  workloads,
  set: change,
});

describe('a change', () => {
  const socket = set(['c', 's'], { socket: true, sdsRoots: ['old'] });
  const config = set(['c', 's'], { config: 'sds' });
  const secret = set(['c', 's'], { secret: false });

  test('is applied to one end after the other, in either order', () => {
    const { violations, checked, mutual, final } = simulate(model(), [socket, config, secret]);
    expect(violations).toEqual([]);
    expect([checked, mutual]).toEqual([9, 1]);
    expect(final.get('c')).toEqual({ ...SDS, sdsRoots: ['old'] });
  });

  test('that comes too early is reported with its step and the changed ends', () => {
    const early = simulate(model(), [config, socket, secret]).violations;
    expect(early.map(({ step, was, now, changed }) => [step, was, now, changed])).toEqual([
      [0, 'mtls', 'fails', ['client']],
      [1, 'mtls', 'fails', ['client']],
    ]);
    const late = simulate(model(), [socket, secret, config]).violations;
    expect(late[0]).toMatchObject({ step: 1, was: 'mtls', now: 'fails' });
  });

  test('that works only with both ends changed fails', () => {
    const start = model({ sdsRoot: 'new' });
    const moved = simulate(start, [set(['c', 's'], { socket: true }), config]).violations;
    expect(moved).toMatchObject([{ step: 1, changed: ['client'] }]);
    // The replicas of one workload that calls itself are two ends as well.
    const self = model({ sdsRoot: 'new', connections: [connection({ server: 'c' })] });
    expect(
      simulate(self, [set(['c'], { socket: true }), set(['c'], { config: 'sds' })]).violations,
    ).toHaveLength(1);
  });

  test('may give up mTLS only if that is allowed', () => {
    const open = [set(['s'], { permissive: true }), set(['c'], { plain: true })];
    expect(simulate(model(), open).violations).toMatchObject([{ step: 1, now: 'plain' }]);
    expect(simulate(model(), open, { allowPlaintext: true }).violations).toEqual([]);
  });

  test('does not matter to connections that failed before', () => {
    const broken = model({ connections: [connection({ tls: 'plain' })] });
    const { violations, broken: told, connections } = simulate(broken, [set(['s'], { secret: false })]);
    expect([violations.length, told.length, connections]).toEqual([0, 1, 0]);
  });
});

/** Whether any order of single changes leads to the goal without a violation: all of them are tried. */
function canBeReached(
  start: PlanModel,
  steps: readonly Transition[],
  goal: (state: WorkloadStage) => boolean,
): boolean {
  const seen = new Set<string>();
  const open = [start.initial];
  for (let states = open.pop(); states !== undefined; states = open.pop()) {
    const key = JSON.stringify([...states]);
    if (seen.has(key)) continue;
    seen.add(key);
    if ([...states.values()].every(goal)) return true;
    for (const step of steps) {
      // Every connection has mTLS all the time, so what it has now is what it had.
      if (simulate({ ...start, initial: states }, [step]).violations.length === 0)
        open.push(apply(states, step));
    }
  }
  return false;
}

describe('tried in all orders', () => {
  const single = (changes: readonly Partial<WorkloadStage>[]): Transition[] =>
    ['c', 's'].flatMap((id) => changes.map((change) => set([id], change)));
  const MOVES = single([
    { socket: true },
    { config: 'sds' },
    { secret: false },
    { permissive: true },
    { permissive: false },
    { plain: true },
    { plain: false },
  ]);
  const ROOTS = single([{ fileRoots: BOTH }, { sdsRoots: BOTH }]);
  const moved = (state: WorkloadStage): boolean => state.config === 'sds' && !state.secret;

  test('one root is enough if it is the same', () => {
    const start = model();
    const initial = new Map(
      [...start.initial].map(([id, state]) => [id, { ...state, sdsRoots: ['old'] as const }]),
    );
    expect(canBeReached({ ...start, initial }, MOVES, moved)).toBe(true);
  });

  test('another root works only if both are trusted temporarily', () => {
    const start = model({ sdsRoot: 'new' });
    expect(canBeReached(start, [...MOVES, ...ROOTS], moved)).toBe(true);
    expect(canBeReached(start, MOVES, moved)).toBe(false);
    // Trust on one side alone does not do, nor do both sides of one delivery.
    for (const delivery of ['fileRoots', 'sdsRoots'] as const)
      expect(canBeReached(start, [...MOVES, ...single([{ [delivery]: BOTH }])], moved)).toBe(false);
  });
});
