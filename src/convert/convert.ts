// Converts configuration with certificate files to SDS: reads all inputs, decides for each TLS context what
// moves, and returns edits. Nothing else of a text changes.

import type { Api } from '../envoy/detect.js';
import type { OnUnknown } from '../envoy/upgrade/subject.js';
import type { Finding, Region } from '../finding/finding.js';
import { convertPods, type WorkloadOutcome } from '../kubernetes/convert-pods.js';
import { objectsOf } from '../kubernetes/objects.js';
import type { PodDelivery } from '../kubernetes/pod-sds.js';
import { isWorkload } from '../kubernetes/workload.js';
import { isKubernetesObject } from '../source/config-map.js';
import { type Document, type Format, readSource, type Source } from '../source/document.js';
import { duplicateKeys } from '../source/duplicate-keys.js';
import { applyEdits, byteGrowth, type Edit, sortEdits } from '../source/edit.js';
import { outermostEdits } from '../source/embedded.js';
import { type EnvoyConfig, type ReadConfigs, readConfigs } from '../tls/configs.js';
import { type MaterialRole, secretMaterial } from '../tls/material.js';
import type { Provider, SecretFile } from '../tls/providers/provider.js';
import { type SecretUse, secretName, secretUses } from '../tls/secret-uses.js';
import type { SdsSecret } from '../tls/settings.js';
import { agreedEdits } from './agreement.js';
import { type NodeIdentity, nodeEdits, nodeElsewhere, sdsClusterEdits } from './bootstrap.js';
import { type Move, Mover } from './move.js';
import { type ContextOutcome, LazyOutcome } from './outcome.js';
import { unfitEdits } from './refusal.js';
import { type UpgradedConfigs, upgradeConfigs } from './upgrade.js';

/** A text to convert. */
export interface ConvertInput {
  /** The file's name, as messages say it. */
  readonly name: string;
  readonly text: string;
  /** Detected by default. */
  readonly format?: Format;
}

/** How to convert. */
export interface ConvertOptions {
  /** Upgrade to this version first. */
  readonly to?: 'v3';
  /** What becomes of what the version has no counterpart for; by default it is an error. */
  readonly onUnknown?: OnUnknown;
  /** Who delivers the secrets; without one they stay where they are. */
  readonly provider?: Provider;
  /** What the provider means for the pods of workloads; without it they are left as they are. */
  readonly pods?: PodDelivery;
  /** Convert only files below one of these folders; all where there are none. */
  readonly mounts?: readonly string[];
  /** The API version of documents that leave it open. */
  readonly api?: Api;
  /** What a bootstrap's node gets where it lacks it. */
  readonly node?: NodeIdentity;
}

/** A Secret with files in it, which no context move reaches. */
export interface SecretOutcome {
  readonly name: string;
  readonly kind: 'static' | 'served';
  readonly region: Region;
}

/** One input, converted. */
export interface ConvertedFile {
  readonly name: string;
  readonly changed: boolean;
  /** How many bytes longer it is in UTF-8. */
  growth(): number;
  /** The new text, in pieces: together they may be longer than a string can be. */
  chunks(): Iterable<string>;
}

/** What a conversion gives. Where `findings` has an error, no file should be written. */
export interface ConvertResult {
  readonly files: readonly ConvertedFile[];
  /** For provider `files`: what is to be written into the secrets' folder. */
  readonly secretFiles: readonly SecretFile[];
  readonly contexts: readonly ContextOutcome[];
  readonly secrets: readonly SecretOutcome[];
  /** Kubernetes workloads that had the mounted secret, or have SDS. */
  readonly workloads: readonly WorkloadOutcome[];
  /** How many configurations were upgraded; undefined where that was not asked for. */
  readonly upgraded: number | undefined;
  /** How many secrets the contexts that moved ask for. */
  readonly sdsSecrets: number;
  /** How many ConfigSources differ, of those that contexts name now: Envoy opens a stream for each. */
  readonly sdsBlocks: number;
  /** The version that each file had. */
  readonly detected: ReadonlyMap<string, Api>;
  readonly findings: readonly Finding[];
}

/**
 * Moves the TLS identity of Envoy configurations from files to SDS, and upgrades them before if that is asked
 * for.
 *
 * @returns edits applied lazily, what became of each context, and findings; unreadable input, wrong kinds
 *   and misspelled fields on the way to a context are findings of level error
 */
export function convert(inputs: readonly ConvertInput[], options: ConvertOptions): ConvertResult {
  const detected = new Map<string, Api>();
  const sources = inputs.map(({ name, text, format }): Read => {
    const read = readConfigs(readSource(name, text, format === undefined ? {} : { format }), options.api);
    for (const config of read.configs) detected.set(name, config.detected.api);
    return options.to === 'v3'
      ? upgradeConfigs(read, options.onUnknown ?? 'fail', options.provider !== undefined)
      : read;
  });
  const sdsClusters = new Set<string>();
  for (const config of sources.flatMap((source) => source.configs)) {
    for (const name of config.inventory.sdsClusters) sdsClusters.add(name);
  }
  const secrets = sources.flatMap((source) => source.configs.flatMap(secretsOf));
  const staticSecrets = new Set(secrets.filter(({ kind }) => kind === 'static').map(({ name }) => name));
  const { provider } = options;
  if (provider?.cluster !== undefined) sdsClusters.add(provider.cluster.name);

  for (const use of sources.flatMap(({ configs }) => configs.flatMap(secretUsesOf)))
    if (use.purpose !== 'session-tickets') provider?.reserve?.(use.purpose, secretName(use));

  const findings: Finding[] = sources.flatMap((one) =>
    isKnownOtherwise(one.source, inputs.length > 1)
      ? one.findings.filter(({ code }) => code !== 'no-envoy-config')
      : one.findings,
  );
  const used = new Set<SdsSecret>();
  const outcomes: ContextOutcome[] = [];
  const mover = (reachable: boolean): Mover | undefined =>
    provider &&
    new Mover({
      provider,
      mounts: options.mounts ?? [],
      sdsClusters,
      staticSecrets,
      sdsClusterReachable: reachable,
    });
  const inBootstrap = mover(true);
  const elsewhere = provider?.cluster?.definition === undefined ? inBootstrap : mover(false);

  let movedFirst: Document | undefined;
  const editsOf = (config: EnvoyConfig): readonly Edit[] => {
    const { document, reader, inventory } = config;
    const bootstrap = config.bootstrap();
    const decide = bootstrap === undefined ? elsewhere : inBootstrap;
    if (provider === undefined || decide === undefined) return [];
    const said = new Set<string>();
    const moves = decide.moves(inventory.contexts, repeatedKeys(document));
    const edits = agreedEdits(document.tape, moves, reader.unread, (move) => {
      outcomes.push(new LazyOutcome(move));
      for (const { secret } of move.replacements) used.add(secret);
      if (move.warnings.length > 0) findings.push(...warningsOf(move, document, said));
    });
    if (edits.length > 0 && bootstrap !== undefined) {
      if (provider.cluster !== undefined)
        edits.push(...sdsClusterEdits(bootstrap, provider.cluster, config.detected.api));
      const node = nodeEdits(bootstrap, options.node ?? { id: undefined, cluster: undefined });
      edits.push(...node.edits);
      if (node.warning !== undefined) reader.report(bootstrap.node, node.warning);
    }
    if (edits.length > 0) movedFirst ??= document;
    for (const finding of reader.findings) findings.push(finding);
    // What is put into JSON depends on nothing around it.
    const unfit = document.format === 'json' ? undefined : unfitEdits(document, edits);
    if (unfit === undefined) return outermostEdits(document, edits);
    findings.push(unfit);
    return [];
  };

  const workloads: WorkloadOutcome[] = [];
  const podEdits = (document: Document): readonly Edit[] => {
    if (options.pods === undefined) return [];
    const { edits, outcomes: pods, findings: found } = convertPods(document, options.pods);
    workloads.push(...pods);
    findings.push(...found);
    const unfit = unfitEdits(document, edits);
    if (unfit === undefined) return edits;
    findings.push(unfit);
    return [];
  };

  const files = sources.map(({ source, configs, upgrade }): ConvertedFile => {
    const sorted = sortEdits([...configs.flatMap(editsOf), ...source.documents.flatMap(podEdits)]);
    return {
      name: source.name,
      changed: sorted.length > 0 || (upgrade?.edits.length ?? 0) > 0,
      growth: () =>
        byteGrowth(source.text, sorted) +
        (upgrade === undefined ? 0 : byteGrowth(upgrade.text, upgrade.edits)),
      // Without a provider the upgrade was all.
      chunks: () =>
        upgrade !== undefined && provider === undefined
          ? applyEdits(upgrade.text, upgrade.edits)
          : applyEdits(source.text, sorted),
    };
  });
  const anyBootstrap = sources.some(({ configs }) => configs.some(({ isBootstrap }) => isBootstrap));
  const { source: lone } = (movedFirst as Document | undefined) ?? {};
  // Servers of SDS are set up together with the bootstrap; that files need a node as well is easily missed.
  const readsFiles = (provider?.secretFiles().length ?? 0) > 0;
  if (lone !== undefined && readsFiles && !anyBootstrap) findings.push(nodeElsewhere(lone));
  return {
    files,
    secretFiles: provider?.secretFiles() ?? [],
    contexts: outcomes,
    secrets,
    workloads,
    upgraded:
      options.to === undefined
        ? undefined
        : sources.reduce((sum, { upgrade }) => sum + (upgrade?.changed ?? 0), 0),
    sdsSecrets: new Set([...used].map((secret) => JSON.stringify(secret))).size,
    sdsBlocks: new Set([...used].map(({ source }) => JSON.stringify(source))).size,
    detected,
    findings,
  };
}

/** What was read, as it is converted. */
type Read = ReadConfigs & Partial<Pick<UpgradedConfigs, 'upgrade'>>;

/** Whether a text is known to be something else than Envoy's: workloads, or among others any of Kubernetes' resources. */
function isKnownOtherwise({ documents }: Source, amongOthers: boolean): boolean {
  if (documents.some((document) => objectsOf(document).some(isWorkload))) return true;
  return amongOthers && documents.length > 0 && documents.every(({ tape }) => isKubernetesObject(tape, 0));
}

/** The key nodes that a document's maps have already; reading has found whether there are any. */
function repeatedKeys({ tape, source }: Document): number[] {
  if (!source.findings.some(({ code }) => code === 'duplicate-key')) return [];
  return duplicateKeys(tape).map(({ second }) => second);
}

/** The secrets that the contexts of a config ask for. */
function secretUsesOf(config: EnvoyConfig): SecretUse[] {
  return config.inventory.contexts.flatMap((context) => [...secretUses(context)]);
}

/** What a Secret may hold that moves to SDS. */
const MOVABLE: ReadonlySet<MaterialRole> = new Set(['chain', 'key', 'root']);

/** The secrets of a config that name files. */
function secretsOf(config: EnvoyConfig): SecretOutcome[] {
  const { tape, source } = config.document;
  return config.inventory.secrets.flatMap((secret): SecretOutcome[] => {
    const { message, kind } = secret;
    if (!secretMaterial(secret).some(({ role, source: from }) => MOVABLE.has(role) && from.from === 'file'))
      return [];
    const region = source.region(tape.start(message.node), tape.end(message.node));
    return [{ name: message.text('name') ?? '', kind, region }];
  });
}

/** The warnings of a move that were not reported before. */
function warningsOf({ warnings, context }: Move, document: Document, said: Set<string>): Finding[] {
  return warnings.flatMap(({ code, message }): Finding[] => {
    if (said.has(message)) return [];
    said.add(message);
    const { node } = context.message;
    const region = document.source.region(document.tape.start(node), document.tape.end(node));
    return [{ code, level: 'warning', message, path: context.message.path(), region }];
  });
}
