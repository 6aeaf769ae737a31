// What `xdsc rehearse` does: reads the inputs, runs the rehearsal, and says what it proved.

import { SocketError } from '../../agent/socket-files.js';
import type { KeyType } from '../../ca/key-types.js';
import { whichIstio } from '../../compile/which-istio.js';
import type { Finding } from '../../finding/finding.js';
import { plural } from '../../finding/plural.js';
import { connectionName, connectionsOf } from '../../rehearse/calls.js';
import { type Cluster, readCluster } from '../../rehearse/cluster.js';
import { findEnvoy } from '../../rehearse/envoy-binary.js';
import { type ExpectedOutcomes, readExpected } from '../../rehearse/expected-file.js';
import { RehearsalError } from '../../rehearse/failure.js';
import type { ProofName } from '../../rehearse/proof.js';
import { PROOFS, type Rehearsal } from '../../rehearse/proof.js';
import { rehearse } from '../../rehearse/rehearse.js';
import { formatRehearsal, type RehearsalFormat } from '../../report/rehearsal-formats.js';
import { EXIT, Failure } from '../exit.js';
import { isSystemError, systemReason } from '../file-system.js';
import { readFlag } from '../flag-file.js';
import { readInputs } from '../inputs.js';
import { withProject } from '../project-file.js';
import { readMeshFlag } from '../proxy-flags.js';
import { list, tell } from '../tell.js';
import { draw, paintFor } from '../terminal.js';
import { tellReport } from '../told.js';

/** The command's options as they were given. */
export interface RehearseFlags {
  readonly mesh?: string;
  readonly workload: readonly string[];
  readonly max: number;
  readonly proof?: readonly ProofName[];
  readonly migrate?: boolean;
  readonly expect?: string;
  readonly envoy?: string;
  readonly key: KeyType;
  readonly output?: string;
  readonly format: RehearsalFormat;
  readonly config?: string | boolean;
}

/** Longer than any rehearsal that goes well, in milliseconds. */
const DEADLINE = 15 * 60_000;

/** Runs the command and gives the exit status. */
export async function runRehearse(given: readonly string[], own: RehearseFlags): Promise<number> {
  const findings: Finding[] = [];
  const { paths, flags } = withProject(given, own, findings);
  if (process.platform !== 'linux')
    throw new Failure('a rehearsal needs Linux, where all of 127.0.0.0/8 is the loopback');
  const { inputs: found, findings: unread } = await readInputs(paths, {
    stdinFilename: '<stdin>',
    output: flags.output,
  });
  findings.push(...unread);
  const settings = readMeshFlag(flags.mesh, findings);
  const inputs = found.filter(({ path }) => path !== flags.mesh && path !== flags.expect);
  const { istio } = whichIstio(inputs, {});
  if (istio !== '1.1') throw new Failure('rehearse only supports resources of Istio 1.1');
  const { cluster, findings: wrong } = readCluster(inputs, settings, flags.workload);
  findings.push(...wrong);
  const expected = cluster === undefined ? undefined : expectedOf(cluster, flags.expect, findings);
  if (findings.some(({ level }) => level === 'error') || cluster === undefined || expected === undefined)
    return tell(findings);
  list(findings);
  const { members } = cluster;
  if (members.length > flags.max)
    throw new Failure(
      `${plural(members.length, 'workload')} are more than --max ${flags.max}; choose some with --workload, or raise --max`,
    );
  const result = await run({ cluster, inputs, expected, flags });
  const paint = paintFor(flags.output === undefined ? process.stdout : {});
  tellReport(formatRehearsal(result, flags.format, paint), flags.output);
  return result.ok ? EXIT.done : EXIT.findings;
}

function expectedOf(
  cluster: Cluster,
  path: string | undefined,
  findings: Finding[],
): ExpectedOutcomes | undefined {
  if (path === undefined) return new Map();
  const known = connectionsOf(cluster).map(connectionName);
  return readFlag(path, (name, text) => readExpected(name, text, known), findings)?.expected;
}

interface Run {
  readonly cluster: Cluster;
  readonly inputs: Parameters<typeof rehearse>[0]['inputs'];
  readonly expected: ExpectedOutcomes;
  readonly flags: RehearseFlags;
}

/** Runs the rehearsal; a signal ends it, and then nothing of it is left. */
async function run({ cluster, inputs, expected, flags }: Run): Promise<Rehearsal> {
  const ended = new AbortController();
  const end = (signal: NodeJS.Signals) =>
    ended.abort(new RehearsalError(`${signal}: the rehearsal was ended`));
  const deadline = setTimeout(
    () => ended.abort(new RehearsalError(`the rehearsal took longer than ${DEADLINE / 60_000} minutes`)),
    DEADLINE,
  );
  for (const signal of SIGNALS) process.on(signal, end);
  const isLive = (process.stderr.isTTY ?? false) && process.env.TERM !== 'dumb';
  try {
    const envoy = await findEnvoy(flags.envoy, process.env);
    return await rehearse({
      cluster,
      inputs,
      expected,
      envoy,
      keyType: flags.key,
      proofs: flags.proof ?? PROOFS,
      migrate: flags.migrate ?? false,
      begin: (what) => {
        if (isLive) draw(`${what} …`);
      },
      signal: ended.signal,
    });
  } catch (error) {
    if (error instanceof RehearsalError || error instanceof SocketError) throw new Failure(error.message);
    if (isSystemError(error)) throw new Failure(`${error.path ?? 'a file'}: ${systemReason(error)}`);
    throw error;
  } finally {
    if (isLive) draw('');
    clearTimeout(deadline);
    for (const signal of SIGNALS) process.off(signal, end);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
