// CAs that are slow, down, wrong, or answer another's name; clients that flood, stall, vanish, or never ACK.

import { X509Certificate } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { StreamCall } from '../../src/agent/call.js';
import type { AgentEvent } from '../../src/agent/events.js';
import { V3 } from '../../src/agent/protocol.js';
import type { Service } from '../../src/agent/session.js';
import { CaError, type CertificateAuthority, type SigningRequest } from '../../src/ca/authority.js';
import { OwnAuthority } from '../../src/ca/own.js';
import { type OpenStream, withToken } from './client.js';
import { type AgentSettings, spiffe, TestAgent } from './harness.js';

let agent: TestAgent;
afterEach(() => agent?.close());

/** A CA that a test can spoil. */
class Spoiled implements CertificateAuthority {
  readonly name = 'the CA';
  readonly needsToken: boolean = false;
  spoil: ((request: SigningRequest) => Promise<SigningRequest>) | undefined;
  asked = 0;
  private readonly own = OwnAuthority.create({
    trustDomain: 'cluster.local',
    keyType: 'ec-p256',
    intermediate: false,
    maxLifetime: 86_400,
  });

  async sign(request: SigningRequest) {
    this.asked++;
    return (await this.own).sign((await this.spoil?.(request)) ?? request);
  }

  close(): void {}
}

async function start(ca: CertificateAuthority, settings: AgentSettings = {}): Promise<void> {
  agent = await TestAgent.start({ ca, timeout: 400, ...settings });
}

async function open(workload = 'foo/sleep'): Promise<OpenStream> {
  return agent.connect(workload).stream('v3', withToken(await agent.token(workload)));
}

describe('a CA', () => {
  const down = async (): Promise<never> => {
    throw new CaError('the CA is not reachable: connection refused', 14, true);
  };
  const slow = (): Promise<never> => new Promise(() => {});
  const hanging = async (request: SigningRequest): Promise<SigningRequest> => {
    await new Promise((done) => setTimeout(done, 300));
    return request;
  };

  test.each([
    ['is down', down, 14, /not reachable/],
    ['does not answer', slow, 4, /^the CA did not answer within 0\.4 s$/],
    [
      "answers another's name",
      async (request: SigningRequest) => ({ ...request, identity: spiffe('bar/httpbin') }),
      13,
      /returned a certificate for spiffe:\/\/cluster\.local\/ns\/bar\/sa\/httpbin, not for/,
    ],
    [
      'refuses',
      async () => {
        throw new CaError('no', 7);
      },
      7,
      /^no$/,
    ],
  ] as const)('that %s: the client is told, and nothing is served', async (_, spoil, code, reason) => {
    const ca = new Spoiled();
    ca.spoil = spoil;
    await start(ca);
    const stream = await open();
    stream.ask('default');
    expect(await stream.ended).toEqual({ code, details: expect.stringMatching(reason) });
    expect(stream.received).toEqual([]);
    expect(agent.of('ca-failed')).toHaveLength(1);
    // When it is well again, so is the next request.
    ca.spoil = undefined;
    const next = await open();
    next.ask('default');
    expect((await next.next()).secrets).toHaveLength(1);
  });

  test('that needs a token is not asked without one', async () => {
    const ca = Object.assign(new Spoiled(), { needsToken: true });
    await start(ca, { authentication: { by: 'socket', tokenOf: async () => undefined } });
    const stream = await open();
    stream.ask('default');
    expect(await stream.ended).toEqual({
      code: 16,
      details: `the CA knows workloads by their tokens, and there is none of ${spiffe('foo/sleep')}`,
    });
    expect(ca.asked).toBe(0);
  });

  test('that is slow within the deadline only takes longer', async () => {
    const ca = new Spoiled();
    ca.spoil = hanging;
    await start(ca, { timeout: 5000 });
    const stream = await open();
    stream.ask('default');
    expect((await stream.next()).secrets).toHaveLength(1);
  });

  test('that is down when it is time to rotate: the old certificate stays, and the rotation is made up for', async () => {
    const ca = new Spoiled();
    await start(ca);
    const stream = await open();
    stream.ask('default');
    stream.ack(await stream.next());
    ca.spoil = down;
    await agent.rotate();
    expect(await stream.quiet()).toBe(0);
    const late = await open();
    late.ask('default');
    expect((await late.next()).version).toBe(stream.received[0]?.version);
    ca.spoil = undefined;
    expect((await stream.next()).version).not.toBe(stream.received[0]?.version);
  });

  test('is asked once for many who ask for the same', async () => {
    const ca = new Spoiled();
    ca.spoil = hanging;
    await start(ca, { timeout: 5000 });
    const streams = await Promise.all(Array.from({ length: 20 }, () => open()));
    for (const stream of streams) stream.ask('default');
    await Promise.all(streams.map((stream) => stream.next()));
    expect(ca.asked).toBe(1);
  });
});

describe('a client', () => {
  test('that floods is cut off, and others are served', async () => {
    await start(new Spoiled());
    const stream = await open();
    for (let i = 0; i < 1000; i++) stream.ask(i % 2 === 0 ? 'default' : 'ROOTCA');
    expect(await stream.ended).toEqual({ code: 8, details: 'more than 20 requests a second on one stream' });
    expect(stream.received.length).toBeLessThanOrEqual(130);
    const other = await open('bar/httpbin');
    other.ask('default');
    expect((await other.next()).secrets).toHaveLength(1);
  });

  test('that sends a huge message is cut off', async () => {
    await start(new Spoiled());
    const stream = await open();
    stream.send({ resourceNames: ['x'.repeat(2 << 20)] });
    expect(await stream.ended).toMatchObject({ code: 8 });
  });

  test('that does not read gets only the newest when it reads again', async () => {
    await start(new Spoiled());
    const stream = await open();
    stream.ask('default');
    stream.ack(await stream.next());
    stream.call.pause();
    const rotations = 250;
    for (let i = 0; i < rotations; i++) await agent.rotate();
    stream.call.resume();
    const last = agent.of('issued').at(-1);
    await expect
      .poll(() => stream.received.at(-1)?.secrets[0]?.chain ?? '', { timeout: 5000 })
      .toSatisfy((chain: string) => serialOf(chain) === last?.serial);
    expect(agent.of('issued')).toHaveLength(rotations + 1);
    // What fits into the buffers of the connection, 64 KiB, and no more.
    expect(stream.received.length).toBeLessThan(130);
  });

  test('that never ACKs still gets every rotation, and is reported once', async () => {
    await start(new Spoiled());
    const stream = await open();
    stream.ask('default');
    await stream.next();
    for (let i = 0; i < 5; i++) {
      await agent.rotate();
      await stream.next();
    }
    expect(agent.of('not-acknowledged')).toEqual([
      { kind: 'not-acknowledged', identity: spiffe('foo/sleep'), responses: 3 },
    ]);
  });

  test('that vanishes leaves nothing behind', async () => {
    await start(new Spoiled());
    const client = agent.connect('foo/sleep');
    const stream = client.stream('v3', withToken(await agent.token('foo/sleep')));
    stream.ask('default');
    await stream.next();
    stream.close();
    await expect.poll(() => agent.of('closed').length).toBe(1);
    await agent.rotate();
    // Nobody uses the certificate, so it is not renewed.
    expect(agent.of('issued')).toHaveLength(1);
  });

  test('that says nothing is cut off after 30 s', () => {
    vi.useFakeTimers();
    try {
      const events: AgentEvent[] = [];
      const call = Object.assign(new EventEmitter(), { pause() {}, resume() {}, end() {} });
      const endings: unknown[] = [];
      call.on('error', (ending) => endings.push(ending));
      const service = {
        api: V3,
        socket: { path: 's', identity: undefined },
        observe: (event: AgentEvent) => events.push(event),
      };
      new StreamCall(
        call as unknown as ServerDuplexStream<unknown, unknown>,
        'stream',
        service as unknown as Service,
      );
      vi.advanceTimersByTime(29_999);
      expect(endings).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(endings).toEqual([{ code: 4, details: 'no request within 30 s' }]);
      expect(events.map(({ kind }) => kind)).toEqual(['opened', 'refused', 'closed']);
    } finally {
      vi.useRealTimers();
    }
  });
});

function serialOf(chain: string): string | undefined {
  return chain === '' ? undefined : new X509Certificate(chain).serialNumber.toLowerCase();
}
