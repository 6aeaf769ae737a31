// Where clusters, listeners, route configurations and secrets are defined, and where they are named.

import { oncePer } from '../collections/once-per.js';
import type { Message } from '../envoy/message.js';
import type { Region } from '../finding/finding.js';
import type { Document } from '../source/document.js';
import { Kind } from '../source/tape.js';
import type { Run } from '../validate/run.js';
import type { Survey } from '../validate/survey.js';

export type NamedKind = 'cluster' | 'listener' | 'route' | 'secret';

/** A name in a configuration. */
export interface NameAt {
  readonly kind: NamedKind;
  readonly name: string;
  /** Whether it is the name of the resource; else something refers to the resource. */
  readonly defines: boolean;
  readonly document: Document;
  /** The node of the name. */
  readonly node: number;
  /** The resource, where this defines it. */
  readonly resource: Message | undefined;
}

/** Fields that name a resource and are known by their name alone. */
const NAMING: Readonly<Record<string, NamedKind>> = {
  route_config_name: 'route',
  routeConfigName: 'route',
  route_configuration_name: 'route',
  routeConfigurationName: 'route',
  server_listener_name: 'listener',
  serverListenerName: 'listener',
};

/** All names of a configuration. */
export const namesIn: (survey: Survey) => readonly NameAt[] = oncePer((survey) => {
  const { document } = survey.config;
  const { tape } = document;
  const names: NameAt[] = [];
  const add = (kind: NamedKind, node: number, resource: Message | undefined, defines: boolean): void => {
    if (node < 0 || tape.kind(node) !== Kind.String) return;
    names.push({ kind, name: tape.string(node), defines, document, node, resource });
  };
  const define = (kind: NamedKind, messages: readonly Message[]): void => {
    for (const message of messages) add(kind, message.value('name'), message, true);
  };
  define('cluster', survey.clusters);
  define('listener', survey.listeners);
  define('route', survey.routeConfigurations);
  define(
    'secret',
    survey.config.inventory.secrets.map(({ message }) => message),
  );
  for (const { node } of survey.clusterReferences) add('cluster', node, undefined, false);
  for (const { message } of survey.secretUses) add('secret', message.value('name'), undefined, false);
  if (tape.names.some((name) => NAMING[name] !== undefined)) {
    for (let node = 0; node < tape.size; node++) {
      const kind = tape.kind(node) === Kind.Key ? NAMING[tape.name(node)] : undefined;
      if (kind !== undefined) add(kind, tape.resolve(node + 1), undefined, false);
    }
  }
  return names;
});

/** Where a name is written, in the outermost file. */
export function regionOfName({ document: { source, tape }, node }: NameAt): Region {
  return source.region(tape.start(node), tape.end(node));
}

/** The name at an offset of a file. */
export function nameAt(run: Run, file: string, offset: number): NameAt | undefined {
  for (const survey of run.surveys) {
    if (survey.config.document.source.name !== file) continue;
    for (const name of namesIn(survey)) {
      const { start, end } = regionOfName(name);
      if (start <= offset && offset <= end) return name;
    }
  }
  return undefined;
}

/** All places of what a name stands for: those that one Envoy reads together with it, else all of the run. */
export function samePlaces(run: Run, { kind, name, document }: NameAt): readonly NameAt[] {
  const isSame = (one: NameAt): boolean => one.kind === kind && one.name === name;
  const near = surveysAround(run, document).flatMap(namesIn).filter(isSame);
  // What is defined nowhere near may be what a control plane serves from another file.
  return near.some(({ defines }) => defines) && near.some(({ defines }) => !defines)
    ? near
    : run.surveys.flatMap(namesIn).filter(isSame);
}

/** The names of a kind that are defined for a document, or that others refer to in it. */
export function namesFor(run: Run, document: Document | undefined, kind: NamedKind): readonly string[] {
  const near = document === undefined ? run.surveys : surveysAround(run, document);
  const isFound = ({ kind: other, defines }: NameAt): boolean =>
    other === kind && (defines || kind === 'secret');
  const found = near.flatMap(namesIn).filter(isFound);
  const all = found.length > 0 ? found : run.surveys.flatMap(namesIn).filter(isFound);
  return [...new Set(all.map(({ name }) => name))].filter((name) => name !== '').sort();
}

/** The configurations that one Envoy reads together with a document. */
function surveysAround({ instances, surveys }: Run, document: Document): readonly Survey[] {
  const isIn = ({ config }: Survey): boolean => config.document.source.name === document.source.name;
  const around = instances.filter((one) => one.bootstrap !== undefined && one.surveys.some(isIn));
  return around.length === 0 ? surveys : [...new Set(around.flatMap((one) => one.surveys))];
}
