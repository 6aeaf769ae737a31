// What a conversion did, for people and for machines.

import { memo } from '../collections/memo.js';
import type { ConvertResult } from '../convert/convert.js';
import type { ContextOutcome, ContextState } from '../convert/outcome.js';
import type { Region } from '../finding/finding.js';
import { plural } from '../finding/plural.js';
import type { WorkloadOutcome } from '../kubernetes/convert-pods.js';
import { visible } from '../secrecy/visible.js';
import type { Paint } from './finding-text.js';

/** What a summary tells beside the result. */
export interface SummaryOptions {
  /** Undefined where secrets stay where they are. */
  readonly provider?: { readonly name: string; readonly description: string };
  /** Whether the user chose the provider. */
  readonly providerGiven: boolean;
  /** Whether the results were written, or why not. */
  readonly written: 'written' | 'checked' | 'errors';
  /** Where Secret files are written. */
  readonly secretsFolder?: string;
}

/** How many places of one reason the text names; the JSON names all. */
const PLACES_SHOWN = 5;

const STATES: readonly ContextState[] = ['converted', 'partial', 'left', 'sds', 'empty'];

function count(contexts: readonly ContextOutcome[]): Record<ContextState, number> {
  const counts: Record<ContextState, number> = { converted: 0, partial: 0, left: 0, sds: 0, empty: 0 };
  for (const { state } of contexts) counts[state]++;
  return counts;
}

/** The summary as text. */
export function summaryText(result: ConvertResult, options: SummaryOptions, paint: Paint): string {
  if (options.written === 'errors') return errorLine(result, paint);
  const { contexts, files, secretFiles, workloads, upgraded } = result;
  const { provider } = options;
  const isWritten = options.written === 'written';
  const lines: string[] = [];
  if (upgraded !== undefined)
    lines.push(
      `${paint.strong(plural(upgraded, 'configuration'))} ${isWritten ? '' : 'would be '}upgraded to v3`,
    );
  if (provider !== undefined && (contexts.length > 0 || workloads.length === 0))
    lines.push(headline(contexts, isWritten, paint));
  if (workloads.length > 0) lines.push(...workloadLines(workloads, isWritten, paint));
  if (provider !== undefined && (contexts.length > 0 || workloads.length > 0))
    lines.push(`  from ${provider.description}`);
  const changed = files.filter((file) => file.changed).length;
  if (changed === 0) lines.push(isWritten ? '  nothing changed' : '  nothing would change');
  else {
    const grown = files.reduce((sum, file) => sum + file.growth(), 0);
    const secrets =
      result.sdsSecrets === 0
        ? ''
        : `, ${plural(result.sdsSecrets, 'secret')} from ${plural(result.sdsBlocks, 'distinct SDS block')}`;
    lines.push(
      `  ${changed} of ${plural(files.length, 'file')} ${isWritten ? 'changed' : 'would change'}${secrets}, ${grown < 0 ? '-' : '+'}${bytes(Math.abs(grown))}`,
    );
  }
  if (secretFiles.length > 0) {
    const place = options.secretsFolder === undefined ? '' : ` in ${options.secretsFolder}`;
    const names = secretFiles.slice(0, PLACES_SHOWN).map((file) => file.filename);
    const more = secretFiles.length - names.length;
    lines.push(
      `  ${plural(secretFiles.length, 'Secret file')}${place}: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    );
  }
  lines.push(...leftLines(placesLeft(result), paint), ...secretLines(result, paint));
  const hint = providerHint(contexts, options);
  if (hint !== undefined) lines.push(hint);
  return lines.join('\n');
}

function errorLine({ findings }: ConvertResult, paint: Paint): string {
  const errors = findings.filter(({ level }) => level === 'error').length;
  return `${paint.error(plural(errors, 'error'))}: nothing was written`;
}

function headline(contexts: readonly ContextOutcome[], isWritten: boolean, paint: Paint): string {
  if (contexts.length === 0) return paint.strong('no TLS context found');
  const { converted, partial, left, sds, empty } = count(contexts);
  const parts = [
    paint.good(`${converted} ${isWritten ? 'moved' : 'would move'} to SDS`),
    partial > 0 && paint.warning(`${partial} in part`),
    left > 0 && paint.warning(`${left} left`),
    sds > 0 && `${sds} on SDS before`,
    empty > 0 && `${empty} with nothing to move`,
  ];
  return `${paint.strong(`${plural(contexts.length, 'TLS context')} found`)}: ${parts.filter(Boolean).join(', ')}`;
}

function workloadLines(workloads: readonly WorkloadOutcome[], isWritten: boolean, paint: Paint): string[] {
  const of = (state: WorkloadOutcome['state']): number =>
    workloads.filter((workload) => workload.state === state).length;
  const parts = [
    paint.good(`${of('converted')} ${isWritten ? 'moved' : 'would move'} to SDS`),
    of('partial') > 0 && paint.warning(`${of('partial')} in part`),
    of('left') > 0 && paint.warning(`${of('left')} left`),
    of('sds') > 0 && `${of('sds')} on SDS before`,
  ];
  const changed = workloads.filter(({ changes }) => changes.length > 0);
  const more = changed.length - PLACES_SHOWN;
  return [
    `${paint.strong(`${plural(workloads.length, 'workload')} found`)}: ${parts.filter(Boolean).join(', ')}`,
    ...changed.slice(0, PLACES_SHOWN).map(({ kind, name, region, changes }) => {
      const place = paint.faint(`${region.file}:${region.line}:${region.column}`);
      return `    ${place} ${visible(`${kind} ${name}: ${changes.join(', ')}`)}`;
    }),
    ...(more > 0 ? [`    … and ${more} more; --summary json lists all`] : []),
  ];
}

function secretLines({ secrets }: ConvertResult, paint: Paint): string[] {
  const lines = secrets.slice(0, PLACES_SHOWN).map(({ name, kind, region }) => {
    const what =
      kind === 'static' ? 'a static secret that names files' : 'a Secret that SDS serves from files';
    return `  ${paint.faint(`${region.file}:${region.line}:${region.column}`)} ${visible(name)} is ${what}: left as it is`;
  });
  const more = secrets.length - lines.length;
  return more > 0 ? [...lines, `  … and ${plural(more, 'more secret')}`] : lines;
}

/** Something that stays where it is, of a context or a pod; its text is made only where it is shown. */
interface PlaceLeft {
  readonly reason: string;
  text(paint: Paint): string;
}

function* placesLeft({ contexts, workloads }: ConvertResult): Generator<PlaceLeft> {
  const text = ({ file, line, column }: Region, what: string, remedy: string | undefined, paint: Paint) =>
    `    ${paint.faint(`${file}:${line}:${column}`)} ${visible(what)}${remedy === undefined ? '' : `; ${remedy}`}`;
  for (const context of contexts) {
    for (const { reason, detail, remedy } of context.left) {
      const what = (): string => `${context.resource ?? context.path}: ${detail}`;
      yield { reason, text: (paint) => text(context.region, what(), remedy, paint) };
    }
  }
  for (const { left } of workloads) {
    for (const { reason, detail, remedy, region } of left)
      yield { reason, text: (paint) => text(region, detail, remedy, paint) };
  }
}

function leftLines(left: Iterable<PlaceLeft>, paint: Paint): string[] {
  const byReason = new Map<string, string[]>();
  for (const { reason, text } of left) {
    const places = memo(byReason, reason, () => [] as string[]);
    places.push(places.length < PLACES_SHOWN ? text(paint) : '');
  }
  return [...byReason].flatMap(([reason, places]) => [
    `  left, ${paint.warning(reason)} (${places.length}):`,
    ...places.slice(0, PLACES_SHOWN),
    ...(places.length > PLACES_SHOWN
      ? [`    … and ${places.length - PLACES_SHOWN} more; --summary json lists all`]
      : []),
  ]);
}

/** Where the default provider fits nothing: which one would. */
function providerHint(
  contexts: readonly ContextOutcome[],
  { provider, providerGiven }: SummaryOptions,
): string | undefined {
  if (providerGiven || provider?.name !== 'istio' || contexts.some(({ secrets }) => secrets.length > 0))
    return undefined;
  if (!contexts.some(({ left }) => left.some(({ reason }) => reason === 'not-workload-files')))
    return undefined;
  return "  none of these files is an Istio workload's certificate in /etc/certs: --provider files moves any file, --provider spire to SPIRE, --secrets FILE says which names your server knows";
}

/** The summary for machines, with every context that was not wholly moved. */
export function summaryValue(result: ConvertResult, options: SummaryOptions): unknown {
  const counts = count(result.contexts);
  return {
    provider: options.provider && {
      name: options.provider.name,
      description: options.provider.description,
    },
    written: options.written === 'written',
    contexts: {
      found: result.contexts.length,
      ...Object.fromEntries(STATES.map((state) => [state, counts[state]])),
    },
    files: result.files.map((file) => ({
      file: file.name,
      api: result.detected.get(file.name) ?? null,
      changed: file.changed,
      growth_bytes: file.growth(),
    })),
    upgraded: result.upgraded,
    sds_secrets: result.sdsSecrets,
    sds_blocks: result.sdsBlocks,
    secret_files: result.secretFiles.map((file) => file.filename),
    left: result.contexts
      .filter(({ left }) => left.length > 0)
      .map((context) => ({
        ...placeOf(context),
        state: context.state,
        moved: context.secrets,
        reasons: context.left,
      })),
    secrets: result.secrets.map(({ name, kind, region }) => ({
      name,
      kind,
      file: region.file,
      line: region.line,
      column: region.column,
    })),
    workloads: result.workloads,
    findings: result.findings,
  };
}

/** What is said to machines where the run ended before there was a result. */
export function failureValue(message: string): unknown {
  return { written: false, findings: [{ code: 'failed', level: 'error', message }] };
}

function placeOf({ region, path, resource, side, api }: ContextOutcome) {
  return {
    file: region.file,
    line: region.line,
    column: region.column,
    path,
    resource: resource ?? null,
    side,
    api,
  };
}

function bytes(count: number): string {
  if (count < 1000) return `${count} bytes`;
  return count < 1_000_000 ? `${(count / 1000).toFixed(1)} kB` : `${(count / 1_000_000).toFixed(1)} MB`;
}
