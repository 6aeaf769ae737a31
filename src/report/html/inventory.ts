// Every TLS context of some inputs as a row: what it presents, whom it trusts, how its secrets arrive.

import { grouped } from '../../collections/grouped.js';
import type { Message } from '../../envoy/message.js';
import { heldResources } from '../../envoy/resources.js';
import type { Finding } from '../../finding/finding.js';
import { type Format, readSource } from '../../source/document.js';
import { type EnvoyConfig, readConfigs } from '../../tls/configs.js';
import type { TlsContext } from '../../tls/context.js';
import { type Guard, guardOf, guardOfResource } from '../../tls/guard.js';
import { certificateText, rootText } from '../../tls/in-words.js';
import { peerNames, peerNameText } from '../../tls/peer-names.js';
import { readTlsSettings } from '../../tls/read.js';
import type { TlsSettings } from '../../tls/settings.js';

/** A text that is reported on. */
export interface ReportInput {
  /** The file's name, as the page says it. */
  readonly name: string;
  readonly text: string;
  /** By default the text tells. */
  readonly format?: Format;
}

/** How the secrets of a context arrive. */
type SecretDelivery = 'SDS' | 'files' | 'inline' | 'mixed' | 'none';

/** A TLS context. */
export interface ContextRow {
  readonly kind: string;
  readonly name: string;
  /** Below the resource. */
  readonly path: string;
  readonly side: 'client' | 'server';
  readonly delivery: SecretDelivery;
  readonly certificate: string;
  readonly root: string;
  readonly names: readonly string[];
  readonly alpn: string;
  readonly sni: string;
  readonly guarding: Guard;
  readonly file: string;
  readonly line: number;
}

/** A cluster or filter chain and how it is guarded: an end of the picture. */
export interface Way {
  readonly side: 'client' | 'server';
  readonly proxy: string;
  readonly name: string;
  readonly guarding: Guard;
}

/** What some inputs hold. */
export interface Inventory {
  readonly rows: readonly ContextRow[];
  readonly ways: readonly Way[];
  readonly findings: readonly Finding[];
}

/** Takes the inventory of inputs. */
export function takeInventory(inputs: readonly ReportInput[]): Inventory {
  const rows: ContextRow[] = [];
  const ways: Way[] = [];
  const findings: Finding[] = [];
  for (const { name, text, format } of inputs) {
    const read = readConfigs(readSource(name, text, format === undefined ? {} : { format }), undefined);
    findings.push(...read.findings);
    for (const config of read.configs) {
      const { contexts } = config.inventory;
      rows.push(...contexts.map(rowOf));
      ways.push(...waysOf(config, contexts));
      findings.push(...config.reader.findings);
    }
  }
  return { rows, ways, findings };
}

function rowOf(context: TlsContext): ContextRow {
  const { message, resource } = context;
  const settings = readTlsSettings(context);
  const { tape, document } = message.reader;
  const { file, line } = document.source.region(tape.start(message.node), tape.end(message.node));
  const path = message.path();
  const holder = resource?.path() ?? '';
  return {
    kind: resource === undefined ? 'context' : kindOf(resource),
    name: resource?.text('name') ?? '',
    path: path.startsWith(holder) ? path.slice(holder.length).replace(/^\./, '') : path,
    side: settings.side === 'upstream' ? 'client' : 'server',
    delivery: deliveryOf(settings),
    certificate: settings.certificates.map(certificateText).join('; '),
    root: rootText(settings.validation?.root) ?? '',
    names: peerNames(settings.validation?.rest).map(peerNameText),
    alpn: settings.alpn.join(', '),
    sni: settings.sni ?? '',
    guarding: guardOf(settings),
    file,
    line,
  };
}

function kindOf({ type }: Message): string {
  return type.name.endsWith('.Cluster') ? 'cluster' : 'listener';
}

function deliveryOf({ certificates, validation }: TlsSettings): SecretDelivery {
  const ways = new Set<SecretDelivery>();
  for (const one of certificates) {
    if (one.delivery === 'sds') ways.add('SDS');
    else
      for (const source of [one.chain, one.key])
        if (source !== undefined) ways.add(deliveryFrom(source.from));
  }
  const root = validation?.root;
  if (root !== undefined) ways.add(root.delivery === 'sds' ? 'SDS' : deliveryFrom(root.source.from));
  if (ways.size === 0) return 'none';
  return ways.size === 1 ? ([...ways][0] as SecretDelivery) : 'mixed';
}

function deliveryFrom(from: 'file' | 'inline' | 'environment'): SecretDelivery {
  return from === 'file' ? 'files' : 'inline';
}

/** The clusters and listeners of a configuration, each as well guarded as its least guarded way. */
function waysOf(config: EnvoyConfig, contexts: readonly TlsContext[]): Way[] {
  const node = config.bootstrap()?.message('node');
  const proxy = node?.text('id') ?? node?.text('cluster') ?? '';
  const held = grouped(contexts, ({ resource }) => String(resource?.node));
  const ways = new Map<string, Way>();
  for (const { message } of heldResources(config.reader, config.detected.roots)) {
    if (message === undefined || !/\.(?:Cluster|Listener)$/.test(message.type.name)) continue;
    const way: Way = {
      side: message.type.name.endsWith('.Cluster') ? 'client' : 'server',
      proxy,
      name: message.text('name') ?? '',
      guarding: guardOfResource(message, held.get(String(message.node)) ?? []),
    };
    // A dump shows what is static twice: in the bootstrap and by itself.
    ways.set(JSON.stringify([way.side, way.name || message.node, way.guarding]), way);
  }
  return [...ways.values()];
}
