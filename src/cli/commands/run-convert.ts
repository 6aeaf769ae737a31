// What `xdsc convert` does: reads the inputs, converts them, writes the results and says what was done.

import { join } from 'node:path';
import { type ConvertResult, convert } from '../../convert/convert.js';
import { type Delivery, type DeliveryOptions, deliver } from '../../convert/delivery.js';
import { readMeshSettings } from '../../convert/mesh-settings.js';
import { podDelivery } from '../../convert/pod-delivery.js';
import type { Api } from '../../envoy/detect.js';
import type { OnUnknown } from '../../envoy/upgrade/subject.js';
import type { Finding } from '../../finding/finding.js';
import { sortFindings } from '../../finding/sort.js';
import {
  failureValue,
  type SummaryOptions,
  summaryText,
  summaryValue,
} from '../../report/convert-summary.js';
import { visibleJson } from '../../secrecy/visible.js';
import type { Provider } from '../../tls/providers/provider.js';
import { type ProviderName, providerNamed } from '../../tls/providers/providers.js';
import { EXIT, Failure, messageOf, statusOf } from '../exit.js';
import { targetOf } from '../file-system.js';
import { readFlag } from '../flag-file.js';
import { type Input, readInputs } from '../inputs.js';
import { type Output, writeManyOutputs } from '../outputs.js';
import { type Placement, placement } from '../placement.js';
import { withProject } from '../project-file.js';
import { readSecrets } from '../secrets.js';
import { list } from '../tell.js';
import { paintFor, say } from '../terminal.js';

/** The command's options as they were given. */
export interface ConvertFlags extends Omit<DeliveryOptions, 'mesh' | 'secrets' | 'provider'> {
  readonly provider?: ProviderName | 'none';
  readonly to?: 'v3';
  readonly onUnknown?: OnUnknown;
  readonly output?: string;
  readonly write?: boolean;
  readonly check?: boolean;
  readonly failOn?: 'left';
  readonly summary: 'text' | 'json' | 'none';
  readonly mesh?: string;
  readonly secrets?: string;
  readonly config?: string | boolean;
  readonly mount?: readonly string[];
  readonly api?: Api;
  readonly trustDomain?: string;
  readonly keepSecret?: boolean;
  readonly nodeId?: string;
  readonly nodeCluster?: string;
  readonly stdinFilename: string;
}

/** Runs the command and gives the exit status. */
export async function runConvert(paths: readonly string[], flags: ConvertFlags): Promise<number> {
  try {
    return await readAndConvert(paths, flags);
  } catch (error) {
    if (flags.summary !== 'json') throw error;
    sayJson(failureValue(messageOf(error)));
    return EXIT.failed;
  }
}

async function readAndConvert(given: readonly string[], own: ConvertFlags): Promise<number> {
  const findings: Finding[] = [];
  const { paths, flags } = withProject(given, own, findings);
  const problem = versionProblem(flags);
  if (problem !== undefined) throw new Failure(problem);
  if (flags.write === true && flags.output !== undefined) throw new Failure('-w and -o cannot be combined');
  const settings = readSettings(flags, findings);
  const { inputs, findings: unread } = await readInputs(paths, {
    stdinFilename: flags.stdinFilename,
    output: flags.output,
  });
  findings.push(...unread);
  const check = flags.check ?? false;
  const place = placement(inputs, { output: flags.output, inPlace: flags.write ?? false, check });
  const secretsFolder = place.beside === undefined ? flags.secretsDir : join(place.beside, 'secrets');
  const provider = providerFor(flags, settings, secretsFolder, findings);

  const result = convert(inputs, {
    ...(provider !== undefined && { provider, pods: podsFor(flags, settings, provider) }),
    mounts: flags.mount ?? [],
    node: { id: flags.nodeId, cluster: flags.nodeCluster },
    ...definedOnly({ api: flags.api, to: flags.to, onUnknown: flags.onUnknown }),
  });
  findings.push(...result.findings);
  const failed = findings.some(isError);
  if (!failed && !check) await write(result, inputs, place, secretsFolder);
  report({ ...result, findings: sortFindings(findings) }, flags, {
    ...(provider !== undefined && { provider }),
    providerGiven: flags.provider !== undefined,
    written: failed ? 'errors' : check ? 'checked' : 'written',
    ...definedOnly({ secretsFolder }),
  });
  if (failed) return statusOf(findings);
  if (flags.onUnknown === 'keep' && keepsWhatEnvoyRefuses(result)) return EXIT.findings;
  if (check && result.files.some((file) => file.changed)) return EXIT.findings;
  if (
    flags.failOn === 'left' &&
    [...result.contexts, ...result.workloads].some(({ left }) => left.length > 0)
  )
    return EXIT.findings;
  return EXIT.done;
}

/** Whether an upgrade wrote something that it kept for want of a counterpart. */
function keepsWhatEnvoyRefuses({ files, findings }: ConvertResult): boolean {
  return files.some(({ changed }) => changed) && findings.some(({ code }) => code === 'no-counterpart');
}

/** What does not go with an upgrade, or with none. */
function versionProblem({ to, onUnknown, provider }: ConvertFlags): string | undefined {
  if (to === undefined && onUnknown !== undefined) return '--on-unknown requires --to v3';
  if (to === undefined && provider === 'none') return '--provider none requires --to v3';
  return undefined;
}

function podsFor({ provider: name, ...flags }: ConvertFlags, settings: Settings, provider: Provider) {
  const options = { ...flags, mesh: undefined, secrets: undefined, ...settings };
  return podDelivery(definedOnly({ ...options, provider: name === 'none' ? undefined : name }), provider);
}

type Settings = Pick<DeliveryOptions, 'mesh' | 'secrets'>;

/** The files that say how secrets are delivered. What is wrong in them is told with what is wrong in inputs. */
function readSettings(flags: ConvertFlags, findings: Finding[]): Settings {
  const mesh =
    flags.mesh === undefined ? undefined : readFlag(flags.mesh, readMeshSettings, findings)?.settings;
  const secrets = readSecrets(flags.secrets, findings);
  return definedOnly({ mesh, secrets });
}

/** The provider that the user asks for. After an error in the mesh any will do, to find the other errors. */
function providerFor(
  flags: ConvertFlags,
  settings: Settings,
  secretsFolder: string | undefined,
  findings: Finding[],
): Provider | undefined {
  const { provider, mesh: _mesh, secrets: _secrets, to: _to, onUnknown: _onUnknown, ...options } = flags;
  if (provider === 'none') return undefined;
  const isServerless = provider !== undefined && providerNamed(provider).server === undefined;
  const secretsDir = flags.secretsDir ?? (isServerless ? secretsFolder : undefined);
  const delivery: Delivery = deliver(definedOnly({ ...options, provider, ...settings, secretsDir }));
  if (!('problem' in delivery)) return delivery.provider;
  if (delivery.region === undefined) throw new Failure(delivery.problem);
  findings.push({ code: 'sds-off', level: 'error', message: delivery.problem, region: delivery.region });
  return providerFor(flags, {}, secretsFolder, findings);
}

async function write(
  result: ConvertResult,
  inputs: readonly Input[],
  place: Placement,
  secretsFolder: string | undefined,
): Promise<void> {
  const outputs = new Map<string, Output>();
  const add = (path: string, chunks: Iterable<string>, what: string): void => {
    const target = targetOf(path);
    if (outputs.has(target)) throw new Failure(`${path}: ${what} would overwrite another output of this run`);
    outputs.set(target, { path, chunks });
  };
  let standardOutput: Iterable<string> | undefined;
  result.files.forEach((file, i) => {
    const path = place.pathOf(inputs[i] as Input);
    if (path === undefined) standardOutput = file.chunks();
    else if (file.changed || !place.inPlace) add(path, file.chunks(), file.name);
  });
  const read = new Map(inputs.map(({ path, text }) => [path === undefined ? path : targetOf(path), text]));
  for (const { filename, content } of secretsFolder === undefined ? [] : result.secretFiles) {
    const path = join(secretsFolder as string, filename);
    const there = read.get(targetOf(path));
    if (there === undefined) add(path, [content], 'a Secret file');
    else if (there !== content)
      throw new Failure(`${path}: a Secret file would overwrite this input; choose another --secrets-dir`);
  }
  await writeManyOutputs(outputs.values(), { standardOutput, isDurable: true });
}

function report(result: ConvertResult, { summary }: ConvertFlags, options: SummaryOptions): void {
  if (summary === 'json') {
    sayJson(summaryValue(result, options));
    return;
  }
  list(result.findings);
  if (summary === 'text') say(`${summaryText(result, options, paintFor(process.stderr))}\n`);
}

function sayJson(value: unknown): void {
  say(`${visibleJson(value, 2)}\n`);
}

type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

function definedOnly<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function isError(finding: Finding): boolean {
  return finding.level === 'error';
}
