// Who is served: a token is checked, and good only on its workload's socket.

import { Metadata } from '@grpc/grpc-js';
import { generateKeyPair, SignJWT } from 'jose';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { TOKEN_HEADERS } from '../../src/agent/authenticate.js';
import { TokenIssuer } from '../../src/agent/token-issuer.js';
import { withToken } from './client.js';
import { identity, spiffe, TestAgent } from './harness.js';

let agent: TestAgent;
afterEach(() => agent.close());

/** How a stream for a name ends with these headers; undefined where it is answered. */
async function refusal(headers: Metadata, workload = 'foo/sleep', name = 'default') {
  const stream = agent.connect(workload).stream('v3', headers);
  stream.ask(name);
  return Promise.race([stream.ended, stream.next().then(() => undefined)]);
}

describe('tokens', () => {
  test.each([...TOKEN_HEADERS])('the header %s counts', async (header) => {
    agent = await TestAgent.start();
    const token = await agent.token('foo/sleep');
    expect(await refusal(withToken(token, header))).toBe(undefined);
    const prefixed = header === 'authorization' ? `Bearer ${token}` : token;
    expect(await refusal(withToken(prefixed, header))).toBe(undefined);
  });

  test('of two headers the first in the list counts', async () => {
    agent = await TestAgent.start();
    const headers = withToken('not a token');
    headers.set('authorization', `Bearer ${await agent.token('foo/sleep')}`);
    expect(await refusal(headers)).toEqual({ code: 16, details: 'the token is not a JWT' });
  });

  test('what is wrong with a token is said', async () => {
    agent = await TestAgent.start();
    const other = await TokenIssuer.create();
    const [header, payload, signature] = (await agent.token('foo/sleep')).split('.');
    const { privateKey } = await generateKeyPair('RS256');
    const unknownKey = await new SignJWT({}).setProtectedHeader({ alg: 'RS256', kid: 'x' }).sign(privateKey);
    const tampered = `${header}.${payload}.${signature?.slice(4)}AAAA`;
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    const early = await agent.token('foo/sleep');
    vi.useRealTimers();
    const cases: [token: string | undefined, reason: string | RegExp][] = [
      [undefined, `no token in ${TOKEN_HEADERS.join(', ')}`],
      ['', 'the token is not a JWT'],
      [tampered, "the token's signature is wrong"],
      [unsigned, /is not (?:accepted|a valid JWT)/],
      [unknownKey, 'the token is signed with an unknown key'],
      [await agent.token('foo/sleep', { lifetime: -60 }), /^the token expired \d+ s ago$/],
      [
        await agent.token('foo/sleep', { audience: 'vault' }),
        'the token\'s audience is "vault"; expected "cluster.local"',
      ],
      [
        early,
        /^the token becomes valid in 3,?\d\d\d s; check the clocks of this machine and of the token's issuer$/,
      ],
      [await agent.tokens.legacy(identity('foo/sleep')), /--legacy-tokens accepts such tokens$/],
      [
        await other.projected(identity('foo/sleep'), { audience: 'cluster.local', lifetime: 60 }),
        'the token is signed with an unknown key',
      ],
    ];
    for (const [token, reason] of cases) {
      const ended = await refusal(token === undefined ? new Metadata() : withToken(token));
      expect(ended).toEqual({
        code: 16,
        details: typeof reason === 'string' ? reason : expect.stringMatching(reason),
      });
    }
    const reported = JSON.stringify(agent.events);
    expect(agent.of('refused')).toHaveLength(cases.length);
    for (const [token] of cases) if (token) expect(reported).not.toContain(token);
  });

  test('ROOTCA needs a token too', async () => {
    agent = await TestAgent.start();
    expect(await refusal(new Metadata(), 'foo/sleep', 'ROOTCA')).toMatchObject({ code: 16 });
    expect(await refusal(withToken('bad'), 'foo/sleep', 'ROOTCA')).toMatchObject({ code: 16 });
  });

  test('a stolen token is refused on the socket of another workload', async () => {
    agent = await TestAgent.start();
    const token = withToken(await agent.token('bar/httpbin'));
    for (const name of ['default', 'ROOTCA'])
      expect(await refusal(token, 'foo/sleep', name)).toEqual({
        code: 7,
        details: `the token of ${spiffe('bar/httpbin')} was used on the socket of ${spiffe('foo/sleep')}`,
      });
  });

  test('legacy tokens are accepted where they are asked for', async () => {
    agent = await TestAgent.start({ legacy: true });
    expect(await refusal(withToken(await agent.tokens.legacy(identity('foo/sleep'))))).toBe(undefined);
  });

  test('on a shared socket each token gets its own identity, and others get nothing', async () => {
    agent = await TestAgent.start({ shared: true });
    for (const workload of ['foo/sleep', 'bar/httpbin']) {
      const { secrets } = await agent
        .connect(workload)
        .fetch('v3', { resourceNames: [spiffe(workload)] }, withToken(await agent.token(workload)));
      expect(secrets).toHaveLength(1);
    }
    expect(await refusal(withToken(await agent.token('evil/app')))).toMatchObject({ code: 7 });
  });

  test('a stream whose token expired is closed at the next rotation', async () => {
    agent = await TestAgent.start();
    const stream = agent
      .connect('foo/sleep')
      .stream('v3', withToken(await agent.token('foo/sleep', { lifetime: 5 })));
    stream.ask('default');
    stream.ack(await stream.next());
    await new Promise((done) => setTimeout(done, 5100));
    await agent.rotate();
    expect(await stream.ended).toEqual({
      code: 16,
      details: 'the token has expired; connect again with a new one',
    });
  });
});

test('where the socket says who asks, no token is needed', async () => {
  agent = await TestAgent.start({ authentication: { by: 'socket', tokenOf: async () => undefined } });
  const { secrets } = await agent
    .connect('bar/httpbin')
    .fetch('v2', { resourceNames: [spiffe('bar/httpbin')] });
  expect(secrets).toHaveLength(1);
  expect(await refusal(new Metadata(), 'foo/sleep', spiffe('bar/httpbin'))).toMatchObject({ code: 3 });
});
