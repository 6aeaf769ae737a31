// The verb `validate`: reads all inputs, checks them against their schemas and by the rules, and returns what
// was found, in the order of files and of the text in them.

import { message } from '../envoy/api-table.js';
import type { Api } from '../envoy/detect.js';
import type { Versions } from '../envoy/versions/versions.js';
import { type Finding, type Level, UNREADABLE } from '../finding/finding.js';
import { sortFindings } from '../finding/sort.js';
import { podWorkloads } from '../kubernetes/workload.js';
import { firstOfEachIstio, type Istio } from '../mesh/istio-api.js';
import { readResources as readIstiodResources } from '../mesh/istiod/resources.js';
import { readResources } from '../mesh/resources.js';
import { versionless } from '../mesh/versionless.js';
import { quotedKey } from '../secrecy/quoted.js';
import { configMapNonTexts, isKubernetesObject } from '../source/config-map.js';
import type { Document } from '../source/document.js';
import { outermostEdits } from '../source/embedded.js';
import type { EnvoyConfig, ReadConfigs } from '../tls/configs.js';
import { describe } from './describe.js';
import { regionOf } from './place.js';
import { Reading, readAll, schemaFindingsOf, type ValidateInput } from './reading.js';
import type { Report, Rule, RuleText } from './rule.js';
import { RULES } from './rules/index.js';
import { namedByBootstraps, type Run, runOf } from './run.js';
import { type Silencing, silence } from './silence.js';
import { type Reporter, runStartupChecks } from './startup/run-checks.js';

/** How to validate. */
export interface ValidateOptions {
  /** The API version of documents that leave it open. */
  readonly api?: Api;
  /** What all documents are, by a message's full name; else their content tells. */
  readonly type?: string;
  /** How all documents come to Envoy; else each document, and the bootstraps of the run, tell. */
  readonly delivery?: 'static' | 'dynamic';
  /** What the Envoy that it is for says of what is used; by default the newest that is known. */
  readonly versions?: Versions;
  /** Levels of findings by code; they win over the rules' own. */
  readonly levels?: ReadonlyMap<string, Level | 'off'>;
  /** Codes of rules that are off unless they are asked for. */
  readonly ask?: ReadonlySet<string>;
  /** Rules of the project's own. */
  readonly policies?: readonly Rule[];
  /** Silences that stand in no text: which codes are not reported for which files. */
  readonly silenced?: (file: string, code: string) => boolean;
}

/** One input, validated. */
export interface ValidatedFile {
  readonly name: string;
  /** What was checked, as in `v3 Bootstrap`; empty where it holds nothing that is known. */
  readonly detected: readonly string[];
  /** Kubernetes objects in which nothing was looked at, as in `Secret (2)`. */
  readonly notChecked: readonly string[];
  /** Whether what was checked are resources of Istio alone. */
  readonly onlyIstio: boolean;
  readonly text: string;
}

/** What was found. */
export interface ValidateResult {
  readonly files: readonly ValidatedFile[];
  readonly findings: readonly Finding[];
  /** How many findings were silenced. */
  readonly silenced: number;
}

/** A run with what was found in it. */
export interface ValidatedRun {
  readonly result: ValidateResult;
  /** The configurations of each input, in the order of the inputs. */
  readonly read: readonly ReadConfigs[];
  readonly run: Run;
}

/** Validates texts together: what one refers to may be in another. */
export function validate(inputs: readonly ValidateInput[], options: ValidateOptions = {}): ValidateResult {
  return validateReadings(
    inputs.map((input) => new Reading(input)),
    options,
  ).result;
}

/** Validates texts that were read before, perhaps for an earlier run. */
export function validateReadings(readings: readonly Reading[], options: ValidateOptions = {}): ValidatedRun {
  const type = options.type === undefined ? undefined : message(options.type);
  const findings: Finding[] = [];
  const sources = readings.map(({ source }) => source);
  const read = readAll(readings, type, options.api);
  const istio = istioOfRun(sources.flatMap(({ documents }) => documents.filter(isObject)));
  const files = readings.map(({ input }, index): ValidatedFile => {
    const { source, configs, findings: found } = read[index] as ReadConfigs;
    const resources = resourceFindings(source.documents.filter(isObject), istio);
    const unversioned = source.documents.flatMap((one) => (isObject(one) ? [] : versionless(one)));
    findings.push(...unversioned);
    findings.push(...resources.findings);
    const { detected, notChecked, onlyIstio } = describe(source, configs, resources.unread, istio);
    const isEmpty = detected.length === 0 && notChecked.length === 0;
    // In a folder there may be anything, also a file of comments.
    const isFound = input.found === true;
    const isOther = isFound && isEmpty;
    for (const finding of found) {
      if (finding.code === 'no-envoy-config') {
        if (!isFound && isEmpty && unversioned.length === 0) findings.push(nothingThere(finding));
      } else if (!isOther || (finding.level === 'error' && finding.code !== 'empty'))
        findings.push(configs.length > 0 ? asEnvoyWeighs(finding) : finding);
    }
    return { name: input.name, detected, notChecked, onlyIstio, text: input.text };
  });
  const configs = read.flatMap((one) => one.configs);
  const objects = sources.flatMap(({ documents }) => documents.filter(isObject));
  const run = runOf(configs, objects.flatMap(podWorkloads));
  findings.push(...schemaFindings(configs, run, options));
  findings.push(...objects.flatMap(nonTextFindings));
  findings.push(...ruleFindings(run, options), ...startupFindings(run, options));
  const unread = configs.flatMap(({ document, isBootstrap }) =>
    isBootstrap ? unreadDocuments(document) : [],
  );
  const weighed = findings.map((finding) => weighUnread(finding, unread));
  const { kept, silenced } = silence(
    levelled([...weighed, ...unread.map(notReadFinding)], options),
    sources,
    {
      levels: options.levels ?? new Map(),
      isSilenced: options.silenced ?? (() => false),
    } satisfies Silencing,
  );
  return { result: { files, findings: sortFindings(kept), silenced }, read, run };
}

/** What the schema check finds, for the way in which each configuration comes to Envoy. */
function schemaFindings(
  configs: readonly EnvoyConfig[],
  run: Run,
  { delivery, versions }: ValidateOptions,
): Finding[] {
  const named = namedByBootstraps(run);
  return configs.flatMap((config) => {
    const isDynamic = delivery === undefined ? named.has(config) || undefined : delivery === 'dynamic';
    return schemaFindingsOf(config, isDynamic, versions);
  });
}

/** The documents behind a bootstrap in its file. Envoy reads the first document of a YAML file alone. */
function unreadDocuments({ source, tape }: Document): readonly Document[] {
  const [first, ...others] = source.documents;
  return first?.tape === tape ? others.filter((document) => !isObject(document)) : [];
}

/** What is wrong in a document that Envoy does not read keeps it from nothing. */
function weighUnread(finding: Finding, unread: readonly Document[]): Finding {
  const { level, region } = finding;
  if (level !== 'error' || region === undefined) return finding;
  const isUnread = unread.some(({ source, tape }) => {
    const { file, start, end } = source.region(tape.start(0), tape.end(0));
    return file === region.file && start <= region.start && region.end <= end;
  });
  return isUnread ? { ...finding, level: 'warning' } : finding;
}

function notReadFinding({ source, tape }: Document): Finding {
  return {
    code: 'unread-document',
    level: 'warning',
    message: 'Envoy does not read this document: it reads the first one of a YAML file',
    remedy: 'put it into a file of its own',
    region: source.region(tape.start(0), tape.start(0) + 1),
  };
}

/** Envoy refuses comments in JSON, which other readers pass over. */
function asEnvoyWeighs(finding: Finding): Finding {
  return finding.code === 'json-comment' ? { ...finding, level: 'error' } : finding;
}

function isObject({ tape }: Document): boolean {
  return isKubernetesObject(tape, 0);
}

/** A file that was named holds something to validate; if it does not, nothing was proved. */
function nothingThere(finding: Finding): Finding {
  return {
    ...finding,
    level: 'error',
    message: 'this file contains no Envoy configuration and no Kubernetes object',
    remedy: 'set its message type with --type, or exclude the file',
  };
}

/**
 * What is wrong with Kubernetes objects in themselves, by the rules of the Istio that they are for, and which kinds no
 * check reads; they need not be applied here.
 *
 * @param istio the Istio of what 1.1 and 1.29 have both
 */
function resourceFindings(
  documents: readonly Document[],
  istio: Istio,
): { readonly findings: readonly Finding[]; readonly unread: ReadonlyMap<string, number> } {
  const findings: Finding[] = [];
  const old: Document[] = [];
  const today: Document[] = [];
  for (const document of documents) {
    const shown = firstOfEachIstio([document]);
    const own = shown.has('1.1') ? '1.1' : shown.has('1.29') ? '1.29' : istio;
    (own === '1.1' ? old : today).push(document);
  }
  const unread = new Map(readResources(old, findings).ignored);
  for (const [kind, count] of readIstiodResources(today, findings).ignored)
    unread.set(kind, (unread.get(kind) ?? 0) + count);
  return {
    findings: findings.filter(({ code }) => code !== 'envoy-filter' && code !== 'not-applied'),
    unread,
  };
}

/** The Istio of a run whose resources do not say it: today's where something is for it alone, and nothing for 1.1. */
function istioOfRun(documents: readonly Document[]): Istio {
  const shown = firstOfEachIstio(documents);
  return shown.has('1.29') && !shown.has('1.1') ? '1.29' : '1.1';
}

/** Values of ConfigMaps that are maps or lists: a `|` is missing, and nothing in them is checked. */
function nonTextFindings(document: Document): Finding[] {
  const { source, tape } = document;
  return configMapNonTexts(document).map((key) => ({
    code: 'config-map-value',
    level: 'error',
    message: `the value of ${quotedKey(tape.name(key))} in this ConfigMap is not text, so it is not checked`,
    expected: 'text',
    remedy: `write ${quotedKey(tape.name(key))} with | after the colon, or in quotes: Kubernetes takes only text`,
    region: source.region(tape.start(key), tape.end(key)),
  }));
}

function ruleFindings(run: Run, { levels, ask, policies = [] }: ValidateOptions): Finding[] {
  const findings: Finding[] = [];
  for (const rule of [...RULES, ...policies]) {
    if (levels?.get(rule.code) === 'off' || (rule.onlyIfAsked && !isAsked(rule, levels, ask))) continue;
    rule.check(run, reportInto(findings, rule));
  }
  return findings;
}

/** What Envoy would refuse when it starts, or when the configuration comes to it. */
function startupFindings(run: Run, { levels, delivery, versions }: ValidateOptions): Finding[] {
  const findings: Finding[] = [];
  const reporter: Reporter = (check) =>
    levels?.get(check.code) === 'off' || (check.since ?? 0) > (versions?.minor ?? Infinity)
      ? undefined
      : reportInto(findings, { ...check, level: 'error' });
  const named = namedByBootstraps(run);
  for (const instance of run.instances)
    for (const { config } of instance.surveys) {
      const isDynamic = delivery === undefined ? named.has(config) : delivery === 'dynamic';
      runStartupChecks({ config, instance, isDynamic }, reporter);
    }
  return findings;
}

/** Reports what a rule finds. */
function reportInto(findings: Finding[], { code, level, remedy }: Omit<RuleText, 'why' | 'source'>): Report {
  return (place, { edits, ...said }) => {
    findings.push({
      code,
      level,
      remedy,
      ...said,
      ...(edits !== undefined && { edits: outermostEdits(place.document, edits) }),
      ...(place.path !== '' && { path: place.path }),
      region: regionOf(place),
    });
  };
}

function isAsked(rule: Rule, levels: ValidateOptions['levels'], ask: ValidateOptions['ask']): boolean {
  return (ask?.has(rule.code) ?? false) || levels?.has(rule.code) === true;
}

function levelled(findings: readonly Finding[], { levels }: ValidateOptions): Finding[] {
  if (levels === undefined || levels.size === 0) return [...findings];
  return findings.flatMap((finding): Finding[] => {
    const level = UNREADABLE.has(finding.code) ? undefined : levels.get(finding.code);
    if (level === undefined) return [finding];
    return level === 'off' ? [] : [{ ...finding, level }];
  });
}
