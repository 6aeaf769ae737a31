// All that one run is about: the configurations, which of them one Envoy would have, and the workloads. What
// a configuration names and the run does not hold leaves the matter open; nothing is said then.

import { posix } from 'node:path';
import { grouped } from '../collections/grouped.js';
import { oncePer } from '../collections/once-per.js';
import type { Message } from '../envoy/message.js';
import type { PodWorkload } from '../kubernetes/workload.js';
import type { EnvoyConfig } from '../tls/configs.js';
import type { TlsContext } from '../tls/context.js';
import type { SecretPlace } from '../tls/contexts.js';
import { type SecretUse, secretName, secretSource } from '../tls/secret-uses.js';
import { type SourceUse, type Survey, survey } from './survey.js';

/** What one Envoy is given: a bootstrap with the files that it names, or a configuration without a bootstrap. */
export interface Instance {
  readonly bootstrap: Message | undefined;
  readonly surveys: readonly Survey[];
  /** Its clusters by name; the first of a name. */
  readonly clusters: ReadonlyMap<string, Message>;
  /** The clusters whose name others have, too. */
  readonly namesakes: readonly (readonly Message[])[];
  /** The clusters of the bootstrap itself. */
  readonly staticClusters: readonly Message[];
  /** Whether no cluster can come from elsewhere. */
  readonly clustersClosed: boolean;
  /** Whether no listener and no cluster can come from elsewhere. */
  readonly usesClosed: boolean;
}

/** A run. */
export interface Run {
  readonly surveys: readonly Survey[];
  readonly instances: readonly Instance[];
  readonly contexts: readonly TlsContext[];
  /** The contexts of configurations that name a field somewhere: the others need no look. */
  contextsNaming(field: string): readonly TlsContext[];
  readonly secrets: readonly SecretPlace[];
  readonly workloads: readonly PodWorkload[];
  /** The configuration of the run that a source names as a file; undefined where the run has none. */
  fileOf(source: SourceUse): Survey | undefined;
  /** The Secret of the run that a context asks for: a static one of its bootstrap, or that of the file it names. */
  secretOf(use: SecretUse): Message | undefined;
}

/** A configuration is surveyed once, also where it is part of several runs. */
const surveyed = oncePer(survey);

/** Brings configurations and workloads together. */
export function runOf(configs: readonly EnvoyConfig[], workloads: readonly PodWorkload[]): Run {
  const surveys = configs.map(surveyed);
  const files = new Map<string, Survey>();
  const entries = new Map<string, Survey>();
  for (const one of surveys) {
    const { document, entry } = one.config;
    if (entry === undefined) files.set(posix.normalize(document.source.name), one);
    else entries.set(entryKey(document.source.name, entry.configMap, entry.key), one);
  }
  const homes = new Map(surveys.map((one) => [one.config.reader, one.config]));

  const fileOf = (source: SourceUse): Survey | undefined => {
    const path = filePathOf(source.message);
    const home = homes.get(source.message.reader);
    if (path === undefined || home === undefined) return undefined;
    const { name } = home.document.source;
    const base = posix.basename(path);
    if (home.entry !== undefined) return entries.get(entryKey(name, home.entry.configMap, base));
    const folder = posix.dirname(name);
    if (posix.isAbsolute(path)) {
      // Where it is mounted is not where it is kept: what is kept beside the configuration is meant.
      return files.get(posix.normalize(path)) ?? files.get(posix.join(folder, base));
    }
    return files.get(posix.join(folder, path)) ?? files.get(posix.normalize(path));
  };

  const instances = instancesOf(surveys, fileOf);
  return {
    surveys,
    instances,
    contexts: surveys.flatMap(({ contexts }) => contexts),
    contextsNaming: (field) =>
      surveys.flatMap(({ config, contexts }) => (config.reader.mentions.has(field) ? contexts : [])),
    secrets: surveys.flatMap(({ config }) => config.inventory.secrets),
    workloads,
    fileOf,
    secretOf: secretsOf(instances, fileOf),
  };
}

/** Finds the Secrets that contexts ask for. */
function secretsOf(
  instances: readonly Instance[],
  fileOf: (source: SourceUse) => Survey | undefined,
): (use: SecretUse) => Message | undefined {
  const ownSecrets = oncePer(
    ({ surveys }: Instance) =>
      new Map(
        surveys
          .flatMap(({ config }) => config.inventory.secrets)
          .flatMap(({ kind, message }) => (kind === 'static' ? [[message.text('name') ?? '', message]] : [])),
      ),
  );
  const homes = new Map(
    instances.flatMap((instance) => instance.surveys.map(({ config }) => [config.reader, instance])),
  );
  return (use) => {
    const name = secretName(use);
    const source = secretSource(use);
    if (source === undefined) {
      const instance = homes.get(use.message.reader);
      return instance === undefined ? undefined : ownSecrets(instance).get(name);
    }
    const served = fileOf({ message: source, of: 'secrets' })?.config.inventory.secrets ?? [];
    // Where nothing is named, v2 takes what the file holds.
    return served.find(({ message }) => name === '' || message.text('name') === name)?.message;
  };
}

function entryKey(file: string, configMap: string, key: string): string {
  return JSON.stringify([file, configMap, key]);
}

/** The file that a ConfigSource names; undefined where it names a server. */
function filePathOf(source: Message): string | undefined {
  return source.message('path_config_source')?.text('path') ?? source.text('path');
}

function instancesOf(
  surveys: readonly Survey[],
  fileOf: (source: SourceUse) => Survey | undefined,
): Instance[] {
  const instances: Instance[] = [];
  const taken = new Set<Survey>();
  for (const own of surveys) {
    const bootstrap = own.config.bootstrap();
    if (bootstrap === undefined) continue;
    const members = new Set([own]);
    let clustersClosed = true;
    let usesClosed = true;
    // Sets yield what is added while they are walked through.
    for (const member of members) {
      for (const source of [...member.sources, ...member.secretSources]) {
        const file = fileOf(source);
        if (file !== undefined && !file.config.isBootstrap) members.add(file);
        else if (source.of === 'clusters') {
          clustersClosed = false;
          usesClosed = false;
        } else if (source.of === 'listeners') usesClosed = false;
      }
    }
    for (const member of members) taken.add(member);
    instances.push(instance(bootstrap, [...members], clustersClosed, usesClosed));
  }
  for (const own of surveys) if (!taken.has(own)) instances.push(instance(undefined, [own], false, false));
  return instances;
}

function instance(
  bootstrap: Message | undefined,
  surveys: readonly Survey[],
  clustersClosed: boolean,
  usesClosed: boolean,
): Instance {
  const named = grouped(
    surveys.flatMap((one) => one.clusters),
    (cluster) => cluster.text('name') ?? '',
  );
  return {
    bootstrap,
    surveys,
    clusters: new Map([...named].map(([name, [first]]) => [name, first])),
    namesakes: [...named.values()].filter(({ length }) => length > 1),
    staticClusters: bootstrap === undefined ? [] : (surveys[0]?.clusters ?? []),
    clustersClosed,
    usesClosed,
  };
}

/** The configurations that a bootstrap of the run names as files: they come by discovery. */
export function namedByBootstraps({ instances }: Run): ReadonlySet<EnvoyConfig> {
  const configs = instances.flatMap(({ bootstrap, surveys }) =>
    bootstrap === undefined ? [] : surveys.map(({ config }) => config),
  );
  return new Set(configs.filter(({ isBootstrap }) => !isBootstrap));
}

/** Whether a cluster is one of the bootstrap itself. */
export function isStatic({ bootstrap }: Instance, cluster: Message): boolean {
  return cluster.reader === bootstrap?.reader;
}
