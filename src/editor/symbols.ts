// What a file holds, by name: resources of Envoy, with the filter chains of listeners and the virtual hosts of
// routes in them, and Kubernetes objects around them.

import type { Message } from '../envoy/message.js';
import type { Region } from '../finding/finding.js';
import { objectsOf } from '../kubernetes/objects.js';
import { visible } from '../secrecy/visible.js';
import type { Document } from '../source/document.js';
import type { Survey } from '../validate/survey.js';
import { type NameAt, namesIn, regionOfName } from './names.js';

/** A thing with a name. */
export interface SymbolAt {
  readonly name: string;
  /** What it is, as in `cluster` or `Deployment`. */
  readonly what: string;
  readonly region: Region;
  /** The place of the name. */
  readonly selection: Region;
  readonly children: readonly SymbolAt[];
}

/** The symbols of a file. */
export function symbolsOf(documents: readonly Document[], surveys: readonly Survey[]): readonly SymbolAt[] {
  const symbols: SymbolAt[] = [];
  const resources = surveys
    .flatMap(namesIn)
    .filter(({ defines }) => defines)
    .map(symbolOfName);
  for (const object of documents.flatMap(objectsOf)) {
    const { source, tape } = object.document;
    const region = source.region(tape.start(object.node), tape.end(object.node));
    const children = resources.filter((one) => isWithin(one.region, region));
    symbols.push({ name: visible(object.name), what: object.kind, region, selection: region, children });
  }
  const held = new Set(symbols.flatMap(({ children }) => children));
  symbols.push(...resources.filter((one) => !held.has(one)));
  return symbols.sort((a, b) => a.region.start - b.region.start);
}

/** A resource as a symbol. */
export function symbolOfName(name: NameAt): SymbolAt {
  const { resource } = name;
  const selection = regionOfName(name);
  return {
    name: visible(name.name),
    what: name.kind,
    region: resource === undefined ? selection : regionOf(resource),
    selection,
    children: resource === undefined ? [] : partsOf(resource),
  };
}

/** The parts of a resource that have names. */
function partsOf(resource: Message): SymbolAt[] {
  return PARTS.flatMap(([field, what]) =>
    resource.messages(field).flatMap((part): SymbolAt[] => {
      const node = part.value('name');
      if (node < 0) return [];
      const { document, tape } = part.reader;
      const selection = document.source.region(tape.start(node), tape.end(node));
      return [{ name: visible(tape.string(node)), what, region: regionOf(part), selection, children: [] }];
    }),
  );
}

const PARTS = [
  ['filter_chains', 'filter chain'],
  ['virtual_hosts', 'virtual host'],
] as const;

function regionOf({ reader: { document, tape }, node }: Message): Region {
  return document.source.region(tape.start(node), tape.end(node));
}

function isWithin(inner: Region, outer: Region): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}
