// Texts of which Envoy does not say, or not each time alike, what it reads: both spellings of a field in YAML,
// merge keys, and what it refuses to read twice. What differs in them may not differ, or differ otherwise.

import type { MessageReader } from '../envoy/message-reader.js';
import { quoted } from '../secrecy/quoted.js';
import { Kind, type Tape } from '../source/tape.js';
import type { SideResource } from './resources.js';
import type { SideResources } from './sides.js';
import type { Change, ChangePlace, TlsDifference } from './tls/change.js';
import { tlsContextIn } from './tls/guard.js';
import { aroundDifference, changesTrust } from './tls/tls-difference.js';
import { wholeChange } from './whole-change.js';

const UNDETERMINED = {
  spellings: 'both spellings of a field are set, and which one Envoy reads is undetermined',
  refused: 'a duplicate field that Envoy rejects',
  oneof: 'it is set together with another field, of which Envoy accepts only one',
  'merge-key':
    'a merge key, which Envoy rejects in static configuration and ignores in dynamic configuration',
} as const;

/** A place that is not determined. */
interface Fault {
  readonly resource: SideResource;
  readonly reader: MessageReader;
  /** The map that the key stands in. */
  readonly map: number;
  readonly text: string;
  readonly tls: TlsDifference;
}

/** Changes, with those that depend on such a text as unknown, and one for each such text in or above TLS. */
export function withUndetermined(
  changes: readonly Change[],
  before: SideResources,
  after: SideResources,
): Change[] {
  const [old, now] = [faultsOf(before), faultsOf(after)];
  if (old.length === 0 && now.length === 0) return [...changes];
  // What both sides say in the same words is read alike, or not, on both.
  const isNew = (faults: readonly Fault[], others: readonly Fault[]): Fault[] => {
    const texts = new Set(others.map(({ text }) => text));
    return faults.filter(({ text }) => !texts.has(text));
  };
  const [gone, come] = [isNew(old, now), isNew(now, old)];
  const all = [...gone, ...come];
  const depends = ({ oldPlace, newPlace }: Change): boolean =>
    [oldPlace, newPlace].some((place) => place !== undefined && all.some((fault) => isWithin(fault, place)));
  return [
    ...changes.map((change) =>
      change.tls !== undefined && changesTrust(change.tls) && depends(change)
        ? { ...change, tls: { ...change.tls, class: 'unknown' as const, also: [] } }
        : change,
    ),
    ...gone.map((fault) => changeOf(fault, true)),
    ...come.map((fault) => changeOf(fault, false)),
  ];
}

function isWithin({ reader, map }: Fault, place: ChangePlace): boolean {
  return place.reader === reader && place.node >= map && place.node < (reader.tape.links[map] as number);
}

function changeOf({ resource, tls }: Fault, isOld: boolean): Change {
  const { reader, node } = resource.meaning;
  const place = { reader, node };
  return wholeChange(resource.id, tls, isOld ? place : undefined, isOld ? undefined : place);
}

function faultsOf(side: SideResources): Fault[] {
  return side.configs.flatMap(({ reader }) => {
    const { tape } = reader;
    return [...reader.undetermined].flatMap(([key, fault]): Fault[] => {
      const around = side.resources.filter(
        ({ meaning }) =>
          meaning.reader === reader && meaning.node < key && key < (tape.links[meaning.node] as number),
      );
      const resource = around.at(-1);
      if (resource === undefined || !mayBeOfTls(resource)) return [];
      const message = `${quoted(tape.name(key))}: ${UNDETERMINED[fault]}`;
      const text = [resource.id.kind, resource.id.name, message, tape.raw(key + 1)].join('\0');
      return [
        { resource, reader, map: mapAround(tape, key), text, tls: aroundDifference('unknown', message) },
      ];
    });
  });
}

function mayBeOfTls({ id, meaning }: SideResource): boolean {
  return id.kind === 'secret' || id.kind === 'bootstrap' || tlsContextIn(meaning) !== undefined;
}

function mapAround(tape: Tape, key: number): number {
  let map = key - 1;
  while (map > 0 && !(tape.kind(map) === Kind.Map && (tape.links[map] as number) > key)) map--;
  return map;
}
