// Where the cursor leads to: the resource that a name stands for, the file that a source names, the anchor that an
// alias shows.

import type { Region } from '../finding/finding.js';
import type { Document } from '../source/document.js';
import type { EnvoyConfig } from '../tls/configs.js';
import type { Run } from '../validate/run.js';
import { innerOffset } from './inner-offset.js';
import { nameAt, regionOfName, samePlaces } from './names.js';
import { placeAt } from './place.js';

/** A file of configurations, and what its documents are. */
export interface EditedFile {
  readonly name: string;
  readonly documents: readonly Document[];
  readonly configs: readonly EnvoyConfig[];
}

/** The places that define what is at an offset. */
export function definitionsAt(run: Run, file: EditedFile, offset: number): readonly Region[] {
  const anchor = anchorAt(file, offset);
  if (anchor !== undefined) return [anchor];
  const name = nameAt(run, file.name, offset);
  if (name !== undefined)
    return samePlaces(run, name)
      .filter(({ defines }) => defines)
      .map(regionOfName);
  const named = fileAt(run, file, offset);
  return named === undefined ? [] : [named];
}

/** All places that name what is at an offset. */
export function referencesAt(
  run: Run,
  file: string,
  offset: number,
  withDefinition: boolean,
): readonly Region[] {
  const name = nameAt(run, file, offset);
  if (name === undefined) return [];
  return samePlaces(run, name)
    .filter(({ defines }) => withDefinition || !defines)
    .map(regionOfName);
}

/** The anchor of the alias at an offset. */
function anchorAt({ documents, configs }: EditedFile, offset: number): Region | undefined {
  for (const { tape, source } of new Set([...configs.map(({ document }) => document), ...documents])) {
    const inner = innerOffset(source, offset);
    if (inner === undefined) continue;
    const alias = tape.aliases.find((node) => tape.start(node) <= inner && inner <= tape.end(node));
    if (alias === undefined) continue;
    const anchored = tape.resolve(alias);
    const start = tape.anchors.get(anchored) ?? tape.start(anchored);
    return source.region(start, start);
  }
  return undefined;
}

/** The configuration that the path of a source at an offset names. */
function fileAt(run: Run, { configs }: EditedFile, offset: number): Region | undefined {
  const place = placeAt(configs, offset);
  if (place?.part !== 'value' || place.field?.name !== 'path') return undefined;
  const { message } = place;
  const config = message.type.shortName === 'PathConfigSource' ? message.around : message;
  if (config?.type.shortName !== 'ConfigSource') return undefined;
  const document = run.fileOf({ message: config, of: 'other' })?.config.document;
  return document?.source.region(document.tape.start(0), document.tape.start(0));
}
