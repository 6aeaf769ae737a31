// The Envoy configurations in a text: its documents, and those inside of ConfigMaps.

import { type Api, type Detected, detect } from '../envoy/detect.js';
import type { Message } from '../envoy/message.js';
import { type Interest, MessageReader } from '../envoy/message-reader.js';
import type { Finding } from '../finding/finding.js';
import { nearName } from '../finding/near-name.js';
import { quotedKey } from '../secrecy/quoted.js';
import { type ConfigMapEntry, configMapEntries, isKubernetesObject } from '../source/config-map.js';
import type { Document, Source } from '../source/document.js';
import { Kind } from '../source/tape.js';
import { TLS_INTEREST, type TlsInventory, tlsInventory } from './contexts.js';

/** An Envoy configuration: a document, or one inside a ConfigMap. */
export class EnvoyConfig {
  readonly reader: MessageReader;
  #inventory: TlsInventory | undefined;

  constructor(
    readonly document: Document,
    readonly detected: Detected,
    interest: Interest = TLS_INTEREST,
    /** The ConfigMap's value that it stands in, if it does. */
    readonly entry?: ConfigMapEntry,
  ) {
    this.reader = new MessageReader(document, interest);
  }

  /** What it holds of TLS. */
  get inventory(): TlsInventory {
    this.#inventory ??= tlsInventory(this.reader, this.detected.roots);
    return this.#inventory;
  }

  /** Whether it is a bootstrap. */
  get isBootstrap(): boolean {
    return this.detected.roots[0]?.type.name.endsWith('.Bootstrap') ?? false;
  }

  /** The bootstrap, if that is what it is. */
  bootstrap(): Message | undefined {
    const [root] = this.detected.roots;
    return root === undefined || !this.isBootstrap ? undefined : this.reader.read(root.type, root.node);
  }
}

/** A text, the configurations in it, and what was odd or wrong with it. */
export interface ReadConfigs {
  readonly source: Source;
  readonly configs: readonly EnvoyConfig[];
  readonly findings: readonly Finding[];
}

/**
 * Reads all Envoy configurations of a text.
 *
 * @param api the version of documents that leave it open
 * @param interest which fields are checked while they are read
 */
export function readConfigs(source: Source, api: Api | undefined, interest?: Interest): ReadConfigs {
  const findings = [...source.findings];
  const configs: EnvoyConfig[] = [];
  for (const document of source.documents) {
    const detected = detect(document.tape, api);
    if (detected.roots.length > 0) configs.push(new EnvoyConfig(document, detected, interest));
    else if (isKubernetesObject(document.tape, 0)) {
      for (const entry of configMapEntries(document)) {
        const inner = entry.source.documents.map((embedded) => ({
          embedded,
          detected: detect(embedded.tape, api),
        }));
        const found = inner.filter((one) => one.detected.roots.length > 0);
        for (const one of found) configs.push(new EnvoyConfig(one.embedded, one.detected, interest, entry));
        // Most values of ConfigMaps are something else; what speaks of Envoy and cannot be read is told.
        if (found.length > 0 || SPEAKS_OF_ENVOY.test(entry.source.text))
          findings.push(...entry.source.findings);
      }
    }
  }
  if (configs.length === 0 && !findings.some((finding) => finding.level === 'error')) {
    const meant = source.documents.flatMap(misspeltTop);
    findings.push(...meant);
    if (meant.length > 0) return { source, configs, findings };
    findings.push({
      code: 'no-envoy-config',
      level: 'warning',
      message: 'this file contains no Envoy configuration',
      expected:
        'a bootstrap, a resource, a discovery response, a config dump, or a ConfigMap or workload of Kubernetes',
      region: source.region(0, 0),
    });
  }
  return { source, configs, findings };
}

const SPEAKS_OF_ENVOY =
  /\b(?:static_resources|staticResources|dynamic_resources|common_tls_context|commonTlsContext)\b/;

/** What the top of an Envoy configuration is told by. */
const TOP_NAMES = ['static_resources', 'dynamic_resources', 'resources', 'configs', 'clusters', 'listeners'];

/** Names at the top of a document that is nothing we know, but would be if they were spelled right. */
function misspeltTop({ tape, source }: Document): Finding[] {
  if (tape.kind(0) !== Kind.Map || isKubernetesObject(tape, 0)) return [];
  const findings: Finding[] = [];
  for (let key = 1; key < (tape.links[0] as number); key = tape.next(key + 1)) {
    const suggestion = nearName(tape.name(key), TOP_NAMES);
    // The right name with a value of another kind is that of something else, as `resources` of a container.
    if (suggestion === undefined || suggestion === tape.name(key)) continue;
    findings.push({
      code: 'unknown-field',
      level: 'error',
      message: `no message of Envoy's API begins with ${quotedKey(tape.name(key))}`,
      expected: 'a bootstrap, a resource, a discovery response or a config dump',
      path: tape.name(key),
      suggestion,
      region: source.region(tape.start(key), tape.end(key)),
    });
  }
  return findings;
}
