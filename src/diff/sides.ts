// Reads the two sides of a comparison. Where one is of the v2 API and the other of v3, the older is upgraded
// first, so that both are of one form; its places stay those of its own text.

import { type Api, detect } from '../envoy/detect.js';
import type { Message } from '../envoy/message.js';
import type { MessageReader } from '../envoy/message-reader.js';
import { editedSource, upgradeDocument } from '../envoy/upgrade/upgrade.js';
import type { Finding } from '../finding/finding.js';
import { type Format, readSource } from '../source/document.js';
import { EnvoyConfig, readConfigs } from '../tls/configs.js';
import { canonical } from './meaning/canonical.js';
import { type Meaning, MessageMeaning } from './meaning/meaning.js';
import { type Renames, rename } from './renames.js';
import { ResourcesById, resourcesOf, type SideResource } from './resources.js';
import { leftoverContexts } from './tls/leftovers.js';
import type { SideSecrets } from './tls/same-secret.js';
import type { SideIndex } from './ways/cluster-references.js';
import { endpointsIn, endpointsName, ownEndpoints } from './ways/socket-choice.js';

/** A text of one side. */
export interface DiffInput {
  /** The file's name, as messages say it. */
  readonly name: string;
  readonly text: string;
  /** By default the text tells. */
  readonly format?: Format;
}

/** One side: its resources, and what is known of secrets from it. */
export class SideResources implements SideSecrets, SideIndex {
  readonly resources: readonly SideResource[];
  /** The renames that the side needed, in words. */
  readonly renamed: readonly string[];
  #byId: ResourcesById | undefined;
  #sdsClusters: ReadonlySet<string> | undefined;
  #secrets: ReadonlyMap<string, Message> | undefined;

  constructor(
    readonly configs: readonly EnvoyConfig[],
    private readonly said: readonly Finding[],
    /** Readers of what was of v2 and is v3 here. */
    readonly upgraded: ReadonlySet<MessageReader>,
    /** The configurations as they were before they were upgraded. */
    private readonly written: readonly EnvoyConfig[],
    /** What the side is read to call otherwise than it does. */
    readonly renames: Renames | undefined,
  ) {
    this.renamed =
      renames === undefined ? [] : [...new Set(configs.flatMap(({ document }) => rename(document, renames)))];
    this.resources = configs.flatMap(({ reader, detected }) => resourcesOf(reader, detected));
  }

  /** The resources by what they are known by. */
  get byId(): ResourcesById {
    this.#byId ??= new ResourcesById(this.resources);
    return this.#byId;
  }

  /** A resource by kind and name, the first of several. */
  find(kind: string, name: string): Meaning | undefined {
    return this.byId.all({ kind, name })[0]?.meaning;
  }

  secret(name: string, kind: 'static' | 'file'): Message | undefined {
    this.#secrets ??= secretsByName(this.resources);
    const found = this.#secrets.get(`${kind} ${name}`);
    // Where the inputs hold no bootstrap, a Secret among them may well be one of it.
    const isOpen = kind === 'static' && this.byId.all({ kind: 'bootstrap', name: '' }).length === 0;
    return found ?? (isOpen ? this.#secrets.get(`file ${name}`) : undefined);
  }

  clusterAddresses(name: string): readonly string[] | undefined {
    const cluster = this.find('cluster', name);
    if (cluster === undefined) return undefined;
    const assignment = this.find('endpoints', endpointsName(cluster));
    return [...ownEndpoints(cluster), ...endpointsIn(assignment)].flatMap(({ address }) => address ?? []);
  }

  /** Names of the clusters that SDS is fetched through; looked for when somebody asks. */
  get sdsClusters(): ReadonlySet<string> {
    this.#sdsClusters ??= new Set(this.configs.flatMap(({ inventory }) => [...inventory.sdsClusters]));
    return this.#sdsClusters;
  }

  /** The resources, by kind and name, that have a context of v2 in a message of v3. */
  get leftovers(): ReadonlySet<string> {
    return new Set(this.written.flatMap(leftoverContexts));
  }

  /** What was odd or wrong with the texts, and with the messages that were looked at by now. */
  get findings(): readonly Finding[] {
    return [...this.said, ...this.configs.flatMap(({ reader }) => reader.findings)];
  }
}

/** Secrets by where they come from and by name; none of those whose name others from there have as well. */
function secretsByName(resources: readonly SideResource[]): ReadonlyMap<string, Message> {
  const secrets = new Map<string, MessageMeaning>();
  const ambiguous = new Set<string>();
  for (const { id, meaning } of resources) {
    if (id.kind !== 'secret' || !(meaning instanceof MessageMeaning)) continue;
    const key = `${isStatic(meaning) ? 'static' : 'file'} ${id.name}`;
    const other = secrets.get(key);
    // Files of their own may each serve a Secret of the same name.
    if (other !== undefined && canonical(other) !== canonical(meaning)) ambiguous.add(key);
    secrets.set(key, meaning);
  }
  return new Map(
    [...secrets].flatMap(([key, { message }]) => (ambiguous.has(key) ? [] : [[key, message] as const])),
  );
}

/** Whether a Secret stands in a bootstrap, or in a dump as one that does. */
function isStatic({ message }: MessageMeaning): boolean {
  const holder = message.around?.type.shortName;
  return holder === 'StaticResources' || holder === 'StaticSecret';
}

/** A side with all that is of v2, or of an earlier v3, in the form of today's v3. */
export function inLatestForm({ configs, upgraded: known, renames }: SideResources): SideResources {
  // What has no counterpart is told of where the versions differ; here it is compared as it is.
  const latest = configs.map((config) => upgraded(config, []));
  return new SideResources(latest, [], known, latest, renames);
}

/** Reads both sides. */
export function readSides(
  old: readonly DiffInput[],
  now: readonly DiffInput[],
  api: Api | undefined,
  renames?: Renames,
): readonly [SideResources, SideResources] {
  const sides = [readTexts(old, api), readTexts(now, api)] as const;
  const [before, after] = [sideOf(sides[0], false, renames), sideOf(sides[1], false)];
  if (!differInVersion(before.resources, after.resources)) return [before, after];
  return [sideOf(sides[0], true, renames), sideOf(sides[1], true)];
}

/** Whether a resource is of one version of the API on one side and of the other on the other. */
function differInVersion(old: readonly SideResource[], now: readonly SideResource[]): boolean {
  const has = (side: readonly SideResource[], version: Api): boolean =>
    side.some((resource) => versionOf(resource) === version);
  const [v2, v3] = [[old, now].map((side) => has(side, 'v2')), [old, now].map((side) => has(side, 'v3'))];
  if (!(v2.includes(true) && v3.includes(true))) return false;
  // Of two sides that are each of one version, those that were renamed are compared as well.
  if (v2[0] !== v2[1] || v3[0] !== v3[1]) return true;
  const before = new ResourcesById(old);
  return [...new ResourcesById(now).groups()].some((group) => {
    const [types, earlier] = [typesOf(group), typesOf(before.all(group[0].id))];
    return types !== '' && earlier !== '' && types !== earlier;
  });
}

function versionOf({ meaning }: SideResource): Api | undefined {
  if (meaning.shape !== 'message') return undefined;
  return meaning.type.isV3 ? 'v3' : 'v2';
}

/** The types of resources of one id: a dump may show one in both versions. */
function typesOf(group: readonly SideResource[]): string {
  const types = group.flatMap(({ meaning }) => (meaning.shape === 'message' ? [meaning.type.name] : []));
  return [...new Set(types)].sort().join();
}

interface ReadTexts {
  readonly configs: readonly EnvoyConfig[];
  readonly findings: readonly Finding[];
}

function readTexts(inputs: readonly DiffInput[], api: Api | undefined): ReadTexts {
  const read = inputs.map(({ name, text, format }) =>
    readConfigs(readSource(name, text, format === undefined ? {} : { format }), api),
  );
  return {
    configs: read.flatMap(({ configs }) => configs),
    findings: read.flatMap(({ findings }) => findings),
  };
}

/** @param upgrades whether what is of v2 is compared as v3 */
function sideOf({ configs, findings }: ReadTexts, upgrades: boolean, renames?: Renames): SideResources {
  const said = [...findings];
  const readers = new Set<MessageReader>();
  const compared = configs.map((config) => {
    if (!upgrades || !holdsV2(config)) return config;
    const one = upgraded(config, said);
    readers.add(one.reader);
    return one;
  });
  return new SideResources(compared, said, readers, configs, renames);
}

/** Whether a document holds messages of v2, be it in wrappers of v3. */
function holdsV2({ document, detected }: EnvoyConfig): boolean {
  return detected.api === 'v2' || /\benvoy\.(?:api|config\.[\w.]+|admin)\.v2/.test(document.tape.text);
}

/** A document as v3 of today. What has no counterpart is kept, so that it is compared as it is. */
function upgraded({ document, detected }: EnvoyConfig, said: Finding[]): EnvoyConfig {
  const { source } = document;
  const { edits, findings } = upgradeDocument(document, detected.roots, 'keep');
  said.push(...findings.filter(({ code }) => code === 'no-counterpart'));
  const edited = editedSource(source, edits).documents[source.documents.indexOf(document)] ?? document;
  return new EnvoyConfig(edited, detect(edited.tape, 'v3'));
}
