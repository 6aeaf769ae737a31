// Values as reports show them: what may be shown as it is, and what else there is by its length.

import { message } from '../envoy/api-table.js';
import { shownName, withheld } from '../secrecy/quoted.js';
import { type Document, readSource } from '../source/document.js';
import type { Fragment } from '../source/fragment.js';
import { isTrue } from '../source/plain-kind.js';
import { Kind, type Tape } from '../source/tape.js';
import { type Disclosure, disclosureOf } from './disclosure.js';
import { EnvoyMarks } from './envoy-marks.js';
import { Marks } from './marks.js';

/** What JSON can hold. */
export type Shown = null | boolean | number | string | readonly Shown[] | { readonly [name: string]: Shown };

/** A scalar in normal form, unless its node may not be shown. */
export function shownScalar(
  document: Document,
  node: number,
  value: null | boolean | number | string,
): Shown {
  return value === '' || value === null || disclosureOf(document).isShown(node)
    ? value
    : withheld(String(value));
}

/** The messages that TLS contexts consist of; those of v2 have no other fields. */
const TLS_MESSAGES = [
  'TlsCertificate',
  'CertificateValidationContext',
  'TlsParameters',
  'DownstreamTlsContext',
  'UpstreamTlsContext',
  'CommonTlsContext',
].map((name) => `envoy.extensions.transport_sockets.tls.v3.${name}`);

/** A setting of a TLS context, by the name of its field, in short words; undefined where there is none. */
export function shownSetting(name: string, value: Fragment | undefined): string | undefined {
  if (value === undefined) return undefined;
  const setting = readSetting(name, value);
  if (setting === undefined) return withheld(JSON.stringify(value));
  const shown = shownNode(setting.tape, setting, VALUE);
  return typeof shown === 'object' ? JSON.stringify(shown) : String(shown);
}

/** Whether all that a setting of a TLS context says may be shown: it names files, and holds no secret. */
export function isHarmlessSetting(name: string, value: Fragment): boolean {
  return readSetting(name, value)?.isShown(VALUE) ?? false;
}

/** The node of a setting's value, behind that of the map around it and its key. */
const VALUE = 2;

function readSetting(name: string, value: Fragment): Marks | undefined {
  const type = TLS_MESSAGES.map(message).find((one) => one?.field(name) !== undefined);
  const { documents } = readSource('', JSON.stringify({ [name]: value }), { format: 'json' });
  const [document] = documents;
  if (type === undefined || document === undefined) return undefined;
  const marks = new Marks(document.tape);
  new EnvoyMarks(document, marks).root(type, 0);
  return marks;
}

function shownNode(tape: Tape, disclosure: Disclosure, node: number): Shown {
  const kind = tape.kind(node);
  if (kind === Kind.Map) {
    const members: [string, Shown][] = [];
    for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1))
      members.push([shownName(tape.name(key)), shownNode(tape, disclosure, key + 1)]);
    return Object.fromEntries(members);
  }
  if (kind === Kind.List) {
    const items: Shown[] = [];
    for (let item = node + 1; item < (tape.links[node] as number); item = tape.next(item))
      items.push(shownNode(tape, disclosure, item));
    return items;
  }
  const text = tape.string(node);
  if (!disclosure.isShown(node)) return withheld(text);
  if (kind === Kind.Null) return null;
  return kind === Kind.Bool ? isTrue(text) : kind === Kind.Number ? Number(text) : text;
}
