// Where a configuration names extensions: `config` Structs become `typed_config`, old names today's names, and
// what only had a name gets its config, since Envoy finds extensions by the type of their config since 1.22.
// Source: "Deprecated" in the version histories of Envoy 1.10, 1.14 and 1.22.

import { quoted } from '../../../secrecy/quoted.js';
import type { Fragment, MapBody } from '../../../source/fragment.js';
import { Kind } from '../../../source/tape.js';
import { message as messageType } from '../../api-table.js';
import type { Category } from '../../extensions/categories.js';
import {
  EMPTY,
  extensionOf,
  isOfV1,
  keyedStructType,
  STRUCT,
  structConfig,
  untypedAnyType,
} from '../../extensions/extension-config.js';
import {
  EXTENSION_POINTS,
  type ExtensionPoint,
  extensionAt,
  STRUCT_MAPS,
} from '../../extensions/extension-points.js';
import { extensionNamed, typeToday } from '../../extensions/extensions.js';
import { sideOf } from '../../extensions/side.js';
import { plainValue } from '../../normal-value.js';
import { isV3, successorOf } from '../correspondence.js';
import { type Entry, type FieldRule, together } from '../entry.js';
import { type Members, Subject } from '../subject.js';
import { ZIPKIN, ZIPKIN_DEFAULTS } from './filters.js';
import { compressorConfig } from './gzip.js';

/** A field of type Any for a config: the type's URL, and the config's members behind it. */
export function typedConfig(type: string, body: MapBody | undefined): Fragment {
  const url = { '@type': `type.googleapis.com/${type}` };
  return body === undefined ? url : body.behind(url);
}

/** The entry of an extension point with a `config` or `typed_config`. */
function entryOf(point: ExtensionPoint): Entry {
  return {
    type: successorOf(point.type)?.name ?? point.type,
    fields: { config: together },
    before: (subject) => settle(subject, point),
  };
}

function settle(subject: Subject, point: ExtensionPoint): void {
  const { nameField, categories } = point;
  const { message } = subject;
  const name = subject.text(nameField) ?? '';
  const extension = extensionAt(point, name);
  if (extension?.gone !== undefined) {
    subject.unknown(undefined, { message: `${name}: ${extension.gone}` });
    subject.keep('typed_config');
    return;
  }
  if (extension !== undefined && extension.name !== name && nameField === 'name' && subject.has(nameField))
    subject.setText(nameField, extension.name);
  const type = extension && typeToday(extension, () => sideOf(message));
  if (message.has('config')) {
    if (message.has('typed_config')) subject.remove('config');
    else if (isOfV1(subject.tape, message.value('config'))) {
      subject.unknown(undefined, {
        message: `the config of ${quoted(name)} is in API v1, which Envoy 1.9 was the last to read`,
      });
    } else if (type === undefined || extension === undefined) {
      subject.unknown(undefined, {
        message: `${quoted(name)} is not a known Envoy extension, and its config has no @type`,
        expected: 'an extension of Envoy, or a typed_config',
      });
    } else if (extension.hasOtherForms && isOfOtherForm(subject, type)) {
      subject.unknown(undefined, {
        message: `the config of ${quoted(name)} has a form that only Istio's proxies 1.5 to 1.8 read`,
      });
    } else subject.replace('config', { typed_config: typedStruct(subject, type) });
    if (extension?.remark !== undefined)
      subject.note('check-meaning', nameField, `${name}: ${extension.remark}`);
    return;
  }
  if (subject.has('config_discovery')) return;
  const typed = message.value('typed_config');
  if (type === undefined) {
    if (
      typed < 0 &&
      !isV3(message.type.name) &&
      !categories.some((category) => FOUND_BY_NAME.has(category))
    ) {
      subject.unknown(undefined, {
        message: `${quoted(name)} is not a known Envoy extension, and it has no config with an @type`,
        expected: 'an extension of Envoy, or a typed_config: Envoy finds extensions by it since 1.22',
      });
    }
    return;
  }
  if (typed < 0) subject.add('typed_config', emptyConfig(type));
  // v2 took an Any that says no type for an empty config.
  else if (isEmptyMap(subject, typed) || untypedAnyType(subject.tape, typed) === EMPTY)
    subject.replace('typed_config', { typed_config: emptyConfig(type) });
  else if (untypedAnyType(subject.tape, typed) === STRUCT)
    subject.replace('typed_config', { typed_config: typedStruct(subject, type) });
}

/** Whether a `config` Struct has members that the extension's message does not have. */
function isOfOtherForm({ tape, message }: Subject, type: string): boolean {
  const info = messageType(type);
  const config = message.value('config');
  if (info === undefined || tape.kind(config) !== Kind.Map) return false;
  for (let key = config + 1; key < (tape.links[config] as number); key = tape.next(key + 1))
    if (message.reader.field(info, key) === null) return true;
  return false;
}

/** What a config that says nothing says in v3: the defaults of Zipkin's have changed. */
function emptyConfig(type: string): Fragment {
  const config = typedConfig(type, undefined) as Members;
  return type === ZIPKIN ? { ...config, ...ZIPKIN_DEFAULTS } : config;
}

/** Extensions that Envoy still finds by their names. */
const FOUND_BY_NAME: ReadonlySet<Category> = new Set(['grpc-credentials', 'private-key']);

function isEmptyMap({ tape }: Subject, node: number): boolean {
  return tape.kind(node) === Kind.Map && tape.links[node] === node + 1;
}

/** The `config` Struct in an Any. */
function typedStruct(subject: Subject, type: string): Fragment {
  const read = structConfig(subject.message);
  return typedConfig(type, read === undefined ? undefined : subject.walk.body(read));
}

/** The rules of a map of configs by extension, and of its typed sibling. */
function configMap(untyped: string): NonNullable<Entry['fields']> {
  const category = STRUCT_MAPS.get(untyped) as Category;
  const typed = `typed_${untyped}`;
  return {
    [untyped]: (subject, name) => {
      const { known, kept } = structEntries(subject, category, name);
      const all = { ...known, ...(subject.moved(typed) as Members | undefined) };
      const isKept = Object.keys(kept).length > 0;
      if (isKept && Object.keys(known).length === 0) {
        subject.keep(name);
        return;
      }
      subject.replace(name, {
        ...((Object.keys(all).length > 0 || !isKept) && { [typed]: all }),
        ...(isKept && { [untyped]: kept }),
      });
      if (subject.has(typed)) subject.remove(typed);
    },
    [typed]: (subject, name) => {
      const structs = structsAmong(subject, category, untyped, name);
      if (structs === undefined) renameKeys(subject, category, name);
      else subject.replace(name, { [name]: { ...(subject.moved(name) as Members | undefined), ...structs } });
    },
  };
}

/** The Structs in a map of Anys, typed; undefined where there are none that are known. */
function structsAmong(
  subject: Subject,
  category: Category,
  untyped: string,
  field: string,
): Members | undefined {
  const { tape } = subject;
  const map = subject.message.value(field);
  const structs: Record<string, Fragment> = {};
  for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
    const name = tape.name(key);
    const any = tape.resolve(key + 1);
    const type = keyedStructType(untyped, extensionNamed(category, name)?.name ?? name);
    const to = type && successorOf(type.name)?.name;
    if (to === undefined || type === undefined || untypedAnyType(tape, any) !== STRUCT) continue;
    const read = subject.message.reader.read(type, tape.get(any, 'value'));
    structs[name] = typedConfig(to, read === undefined ? undefined : subject.walk.body(read));
  }
  return Object.keys(structs).length === 0 ? undefined : structs;
}

function structEntries(
  subject: Subject,
  category: Category,
  field: string,
): { readonly known: Members; readonly kept: Members } {
  const { tape } = subject;
  const map = subject.message.value(field);
  const known: Record<string, Fragment> = {};
  const kept: Record<string, Fragment> = {};
  for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
    const name = tape.name(key);
    const extension = extensionNamed(category, name);
    const type = keyedStructType(field, name);
    const to = type && successorOf(type.name)?.name;
    const node = tape.resolve(key + 1);
    const read =
      type === undefined || tape.kind(node) !== Kind.Map
        ? undefined
        : subject.message.reader.read(type, node);
    if (extension?.gone !== undefined || to === undefined || read === undefined) {
      subject.unknown(field, {
        message: `${field} of ${quoted(name)}: ${extension?.gone ?? 'no extension of Envoy that is known here'}`,
      });
      if (subject.walk.onUnknown === 'keep') kept[name] = plainValue(tape, node);
      continue;
    }
    known[extension?.name ?? name] = typedConfig(to, subject.walk.body(read));
  }
  return { known, kept };
}

/** The keys of a map of configs are names of filters; what the configs are, their types say. */
function renameKeys(subject: Subject, category: Category, field: string): void {
  const { tape } = subject;
  const map = subject.message.value(field);
  for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
    const extension = extensionNamed(category, tape.name(key));
    if (extension !== undefined && extension.gone === undefined && extension.name !== tape.name(key))
      subject.renameKey(key, extension.name, map);
  }
}

/** The name of a custom cluster type or the like, beside its typed config. */
const nameOf =
  (category: Category): FieldRule =>
  (subject, name) => {
    const extension = extensionNamed(category, subject.text(name) ?? '');
    if (extension !== undefined && extension.name !== subject.text(name))
      subject.setText(name, extension.name);
  };

/** The rules of a route's map of configs. */
export const ROUTE_CONFIGS = configMap('per_filter_config');

/** The rules of a cluster's map of protocol options. */
export const PROTOCOL_OPTIONS = configMap('extension_protocol_options');

/** Makes the gzip filter a compressor; whether it was one. */
function gzipFilter(subject: Subject): boolean {
  const typed = subject.message.message('typed_config');
  const isGzip =
    typed === undefined
      ? extensionOf(subject.message)?.name === 'envoy.filters.http.gzip'
      : /\.Gzip$/.test(typed.type.name);
  if (!isGzip) return false;
  const config = typed ?? structConfig(subject.message);
  const compressor = compressorConfig(
    config === undefined ? undefined : new Subject(config, undefined, subject.walk),
  );
  if (subject.has('name')) subject.setText('name', 'envoy.filters.http.compressor');
  const [there] = ['typed_config', 'config'].filter((field) => subject.has(field));
  if (there === undefined) subject.add('typed_config', compressor);
  else subject.replace(there, { typed_config: compressor });
  return true;
}

function extensionEntry(point: ExtensionPoint): Entry {
  const entry = entryOf(point);
  switch (point.type) {
    case 'envoy.api.v2.Cluster.CustomClusterType':
      return { type: entry.type, fields: { name: nameOf('cluster') } };
    case 'envoy.config.filter.network.http_connection_manager.v2.HttpFilter':
      return { ...entry, before: (subject) => gzipFilter(subject) || entry.before?.(subject) };
    default:
      return entry;
  }
}

export const EXTENSION_ENTRIES: readonly Entry[] = [
  ...EXTENSION_POINTS.map(extensionEntry),
  { type: 'envoy.config.route.v3.WeightedCluster.ClusterWeight', fields: ROUTE_CONFIGS },
];
