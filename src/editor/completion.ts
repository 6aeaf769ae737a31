// What may stand at the cursor: fields of the message, values of an enum, types and names of extensions, and the
// names of clusters, secrets, routes and listeners that there are.

import { enumeration, type FieldInfo, type MessageInfo, message } from '../envoy/api-table.js';
import type { Api } from '../envoy/detect.js';
import { describedMember, describedType } from '../envoy/schema/descriptions.js';
import { shortType } from '../envoy/schema/explain.js';
import { ROOTS } from '../envoy/schema/type-names.js';
import { configurationsOf, registeredNames } from '../envoy/versions/extension-names.js';
import type { Document } from '../source/document.js';
import { jsonScalar, yamlScalar } from '../source/scalar-text.js';
import type { Run } from '../validate/run.js';
import { namesCluster } from '../validate/survey.js';
import { type NamedKind, namesFor } from './names.js';
import type { Place } from './place.js';
import { type Unfinished, unfinishedAt } from './unfinished.js';

/** Something that may stand at the cursor. */
export interface Completion {
  /** What it is called, and filtered by. */
  readonly label: string;
  readonly kind: 'field' | 'value' | 'type' | 'name';
  readonly detail: string | undefined;
  readonly description: string | undefined;
  readonly deprecated: boolean;
  /** What to put in the place of the range. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What is known of the file beside its text of the moment. */
export interface Surroundings {
  readonly run: Run;
  /** A document of the file as it read last. */
  readonly document: Document | undefined;
  /** The version of documents that leave it open. */
  readonly api: Api | undefined;
}

/** What may stand at an offset of a text. */
export function completionsAt(
  name: string,
  text: string,
  offset: number,
  { run, document, api }: Surroundings,
): readonly Completion[] {
  return unfinishedAt(name, text, offset, api).flatMap((unfinished) =>
    offers(unfinished.place, run, document).map((offer) => completionOf(offer, unfinished)),
  );
}

type Offer = Pick<Completion, 'label' | 'kind' | 'detail' | 'description' | 'deprecated'> & {
  readonly isKey: boolean;
  /** Whether its value follows on the same line. */
  readonly isScalar: boolean;
};

function completionOf({ isKey, isScalar, ...offer }: Offer, unfinished: Unfinished): Completion {
  const { place, quote, start, end, hasColon } = unfinished;
  const isJson = place.message.reader.document.format === 'json';
  const written = isJson || quote !== '' ? quotedAs(offer.label, isJson ? '"' : quote) : plain(offer, isKey);
  const colon = !isKey || hasColon ? '' : isScalar || isJson ? ': ' : ':';
  return { ...offer, text: written + colon, start, end };
}

function plain({ label }: Pick<Offer, 'label'>, isKey: boolean): string {
  return isKey && label !== '@type' ? label : yamlScalar(label);
}

function quotedAs(text: string, quote: '' | '"' | "'"): string {
  return quote === "'" ? `'${text.replaceAll("'", "''")}'` : jsonScalar(text);
}

function offers(place: Place, run: Run, document: Document | undefined): readonly Offer[] {
  if (place.part === 'key') return place.isInUntyped ? [TYPE] : keyOffers(place);
  return valueOffers(place, run, document);
}

const TYPE: Offer = {
  label: '@type',
  kind: 'field',
  detail: 'string',
  description: 'The type of the message.',
  deprecated: false,
  isKey: true,
  isScalar: true,
};

/** The fields that the message does not have yet, and none that a member of its oneof excludes. */
function keyOffers({ message: at, key }: Place): readonly Offer[] {
  const { tape } = at.reader;
  const present = at.present.filter((field) => at.key(field.name) !== key);
  const chosen = new Set(present.flatMap(({ oneof }) => oneof ?? []));
  const camel =
    tape.names.some((name) => /^[a-z]+[A-Z]/.test(name)) && !tape.names.some((name) => /_/.test(name));
  return at.type.fields
    .filter((field) => field.last === undefined && !present.includes(field))
    .filter(({ oneof }) => oneof === undefined || !chosen.has(oneof))
    .map((field) => fieldOffer(at.type, field, camel));
}

function fieldOffer(type: MessageInfo, field: FieldInfo, camel: boolean): Offer {
  const isScalar = !field.repeated && field.map === undefined && !holdsFields(field);
  return {
    label: camel ? field.jsonName : field.name,
    kind: 'field',
    detail: shortType(field),
    description: describedMember(type.name, field.name),
    deprecated: field.deprecated,
    isKey: true,
    isScalar,
  };
}

/** Whether a field's value is a map of fields: not one of protobuf's own types that are written as a scalar. */
function holdsFields({ kind, type }: FieldInfo): boolean {
  return kind === 'message' && !/^google\.protobuf\.(?:\w+Value|Duration|Timestamp)$/.test(type ?? '');
}

function valueOffers(place: Place, run: Run, document: Document | undefined): readonly Offer[] {
  const { message: at, field, key } = place;
  const { tape } = at.reader;
  if (place.isInUntyped || (field === undefined && tape.name(key) === '@type'))
    return tape.name(key) === '@type' ? typesFor(place).map(typeOffer) : [];
  if (field === undefined) return [];
  if (field.kind === 'enum') return valuesOf(field);
  if (field.scalar === 'bool' || field.type === 'google.protobuf.BoolValue')
    return ['true', 'false'].map((label) => ({ ...VALUE, label }));
  if (field.scalar !== 'string') return [];
  const named = kindNamedBy(at.type.name, field.name);
  if (named !== undefined)
    return namesFor(run, document, named).map((label) => ({
      ...VALUE,
      label,
      kind: 'name' as const,
      detail: named,
    }));
  const prefix = field.name === 'name' ? prefixFor(at.type.shortName) : undefined;
  if (prefix === undefined) return [];
  return registeredNames()
    .filter((label) => label.startsWith(prefix))
    .map((label) => ({
      ...VALUE,
      label,
      kind: 'name',
      description: describedType(configurationsOf(label)[0] ?? ''),
    }));
}

const VALUE: Offer = {
  label: '',
  kind: 'value',
  detail: undefined,
  description: undefined,
  deprecated: false,
  isKey: false,
  isScalar: true,
};

function valuesOf({ type }: FieldInfo): readonly Offer[] {
  return (enumeration(type as string)?.values ?? []).map(({ name, deprecated }) => ({
    ...VALUE,
    label: name,
    deprecated,
    description: describedMember(type as string, name),
  }));
}

function typeOffer(name: string): Offer {
  return { ...VALUE, label: `type.googleapis.com/${name}`, kind: 'type', description: describedType(name) };
}

/** The messages that an Any may hold: what configures the extension of the name beside it, else of its kind. */
function typesFor({ message: at, field, isInUntyped }: Place): readonly string[] {
  // The Any itself may be read as its type already; what names the extension is around it.
  const holder = isInUntyped ? at : at.around;
  if (holder === undefined) return [];
  if (isInUntyped && field?.name === 'resources') return ROOTS.v3;
  const named = configurationsOf(holder.text('name') ?? '');
  if (named.length > 0) return named;
  const prefix = prefixFor(holder.type.shortName) ?? '';
  const names = registeredNames().filter((name) => name.startsWith(prefix));
  return [...new Set(names.flatMap(configurationsOf))].filter((name) => message(name) !== undefined).sort();
}

/** What a message names by a field. */
function kindNamedBy(type: string, field: string): NamedKind | undefined {
  if (namesCluster(type, field)) return 'cluster';
  if (field === 'name' && type.endsWith('.SdsSecretConfig')) return 'secret';
  if (field === 'route_config_name' || field === 'route_configuration_name') return 'route';
  return field === 'server_listener_name' ? 'listener' : undefined;
}

/** How the names of the extensions begin that a message takes, by its simple name. */
const PREFIXES: Readonly<Record<string, string>> = {
  AccessLog: 'envoy.access_loggers.',
  CustomClusterType: 'envoy.clusters.',
  CustomHealthCheck: 'envoy.health_checkers.',
  Filter: 'envoy.filters.network.',
  Http: 'envoy.tracers.',
  HttpFilter: 'envoy.filters.http.',
  ListenerFilter: 'envoy.filters.listener.',
  ResourceMonitor: 'envoy.resource_monitors.',
  RetryHostPredicate: 'envoy.retry_host_predicates.',
  RetryPriority: 'envoy.retry_priorities.',
  StatsSink: 'envoy.stat_sinks.',
  ThriftFilter: 'envoy.filters.thrift.',
  TransportSocket: 'envoy.transport_sockets.',
};

function prefixFor(shortName: string): string | undefined {
  return PREFIXES[shortName];
}
