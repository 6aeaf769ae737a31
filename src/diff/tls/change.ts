// What a comparison finds: changes, each at the smallest place that holds it, and for those of TLS what they
// mean for trust.

import type { Side } from '../../envoy/extensions/side.js';
import type { MessageReader } from '../../envoy/message-reader.js';
import type { Region } from '../../finding/finding.js';
import type { Meaning } from '../meaning/meaning.js';

/**
 * What a difference of a TLS context means.
 *
 * - `delivery`: only how a secret arrives, or where it is fetched
 * - `tightened`, `loosened`: fewer or more peers, versions or ciphers are accepted; `loosened` also where it
 *   is both, or cannot be told
 * - `root`: another root is trusted
 * - `identity`: another certificate is presented
 * - `unknown`: whether it is the same secret cannot be told
 * - `negotiation`: ALPN, SNI, the order of preferences
 * - `disruptive`: Envoy drains connections for it
 * - `authorization`: what peers may do, once it is known who they are
 */
export const TLS_CLASSES = [
  'loosened',
  'root',
  'identity',
  'unknown',
  'tightened',
  'negotiation',
  'authorization',
  'disruptive',
  'other',
  'delivery',
] as const;
export type TlsClass = (typeof TLS_CLASSES)[number];

/**
 * All classes of a difference. Another root or identity may be a looser one as well: a gate on `loosened` and
 * `unknown` lets nothing pass that may be looser.
 */
export function classesOf({ class: first, also = [] }: TlsDifference): readonly TlsClass[] {
  const all = new Set<TlsClass>([first, ...also]);
  if (all.has('root') || all.has('identity')) all.add('loosened');
  return [...all];
}

/** Something that a TLS context says differently. */
export interface TlsDifference {
  readonly class: TlsClass;
  /** The field below the context, in the newer side's words, joined by dots. */
  readonly field: string;
  /** What it means, in a sentence without a full stop. */
  readonly message: string;
  /** In short words; secrets that are inline by digest. */
  readonly old: string | undefined;
  readonly new: string | undefined;
  /** Further classes that it has. */
  readonly also?: readonly TlsClass[];
  /** Of `delivery`: what moved from files into SDS, or out of it. */
  readonly moved?: 'to-sds' | 'from-sds';
  /** Names that are taken to stand for files, by convention alone. */
  readonly assumed?: string;
}

/** A resource as both sides name it. */
export interface ResourceId {
  /** `cluster`, `listener`, `route`, `endpoints`, `secret`, `bootstrap`, or the name of its type. */
  readonly kind: string;
  readonly name: string;
}

/** A place in one side's text. */
export interface ChangePlace {
  readonly reader: MessageReader;
  readonly node: number;
}

/** One change. */
export interface Change {
  readonly resource: ResourceId;
  /** Below the resource, as in `filter_chains[0].filters[envoy.tcp_proxy].typed_config.cluster`; empty for all of it. */
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed' | 'moved';
  /** What it means for TLS; undefined where it is no matter of TLS. */
  readonly tls: TlsDifference | undefined;
  /** The TLS context that it belongs to: its path below the resource, and which end of a connection it is for. */
  readonly context: { readonly path: string; readonly side: Side | undefined } | undefined;
  /** What each side says; of TLS differences the words are in `tls`. */
  readonly old: Meaning | undefined;
  readonly new: Meaning | undefined;
  readonly oldPlace: ChangePlace | undefined;
  readonly newPlace: ChangePlace | undefined;
  /** Of `moved`: the places in the lists, from 0. */
  readonly moved?: { readonly from: number; readonly to: number };
}

/** Where a place is in its file. */
export function changeRegion({ reader, node }: ChangePlace): Region {
  return reader.document.source.region(reader.tape.start(node), reader.tape.end(node));
}
