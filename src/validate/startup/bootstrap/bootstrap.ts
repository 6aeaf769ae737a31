// What Envoy asks of a bootstrap beside its resources: addresses, statistics, runtime.

import type { Message } from '../../../envoy/message.js';
import { quoted } from '../../../secrecy/quoted.js';
import { Kind, type Tape } from '../../../source/tape.js';
import { atNode, fieldAt, lineOf } from '../../place.js';
import type { Area, StartupCheck } from '../check.js';
import { checkIp } from '../ip-addresses.js';
import { isOn, secondsOf } from '../values.js';
import { OVERLOAD } from './overload.js';

const BOOTSTRAP = 'envoy.config.bootstrap.v3.Bootstrap';

const ownAddress: StartupCheck = {
  code: 'address-not-ip',
  on: [
    'envoy.config.bootstrap.v3.Admin',
    'envoy.config.metrics.v3.StatsdSink',
    'envoy.config.metrics.v3.DogStatsdSink',
    'envoy.extensions.stat_sinks.graphite_statsd.v3.GraphiteStatsdSink',
  ],
  finds: 'the address of the admin interface, or of a sink of statistics, is a host name',
  refusal: 'malformed IP address: localhost',
  remedy: 'give an IP address; names are not resolved here',
  check(holder, report) {
    const socket = holder.message('address')?.message('socket_address');
    if (socket === undefined || (socket.text('resolver_name') ?? '') !== '') return;
    checkIp(socket, 'address', 'an IP address', report);
    if (socket.has('named_port'))
      report(fieldAt(socket, 'named_port'), {
        message: 'no port is taken by its name here',
        expected: 'port_value',
      });
  },
};

const flushTwice: StartupCheck = {
  code: 'stats-flush',
  on: [BOOTSTRAP],
  finds: 'statistics are flushed in two ways, or evicted between two flushes',
  refusal: 'Only one of stats_flush_interval or stats_flush_on_admin should be set!',
  remedy: 'keep one way to flush; stats_eviction_interval is a multiple of stats_flush_interval',
  check(bootstrap, report) {
    if (bootstrap.has('stats_flush_interval') && isOn(bootstrap, 'stats_flush_on_admin'))
      report(fieldAt(bootstrap, 'stats_flush_on_admin'), { message: 'stats_flush_interval is set as well' });
    const eviction = secondsOf(bootstrap, 'stats_eviction_interval');
    const flush = secondsOf(bootstrap, 'stats_flush_interval') ?? DEFAULT_FLUSH;
    // In milliseconds, as Envoy counts.
    const [whole, part] = [Math.trunc((eviction ?? 0) * 1000), Math.trunc(flush * 1000)];
    if (part > 0 && whole % part !== 0)
      report(fieldAt(bootstrap, 'stats_eviction_interval'), {
        message: `stats_eviction_interval is not a multiple of stats_flush_interval, which is ${flush}s`,
      });
  },
};

/** How often Envoy flushes where nothing is said. */
const DEFAULT_FLUSH = 5;

const tagRegex: StartupCheck = {
  code: 'stats-tag-regex',
  on: ['envoy.config.metrics.v3.TagSpecifier'],
  finds: 'the regular expression of a tag of statistics cannot be read',
  refusal: "Invalid regex '…': The expression contained mismatched ( and ).",
  remedy:
    'correct it; this is one of the few places where Envoy does not use RE2, but ECMAScript as C++ has it',
  check(tag, report) {
    const regex = tag.text('regex') ?? '';
    // Classes of POSIX are read by C++ alone.
    if (regex === '' || regex.includes('[:') || isReadable(regex)) return;
    report(fieldAt(tag, 'regex'), { message: 'this is not a regular expression of ECMAScript' });
  },
};

/** Whether JavaScript reads an expression. What it refuses, the standard library of C++ refuses, too. */
function isReadable(regex: string): boolean {
  try {
    new RegExp(regex);
    return true;
  } catch {
    return false;
  }
}

const tagValue: StartupCheck = {
  code: 'stats-tag',
  on: ['envoy.config.metrics.v3.TagSpecifier'],
  finds: 'a tag of statistics says neither how to find its value nor what it is',
  refusal: "No regex specified for tag specifier and no default regex for name: '…'",
  remedy: 'set regex or fixed_value; only the tags that Envoy knows by name need neither',
  check(tag, report) {
    const name = tag.text('tag_name') ?? '';
    const isSaid = tag.has('fixed_value') || (tag.text('regex') ?? '') !== '';
    if (isSaid ? name !== '' : isOwnTag(name)) return;
    report(fieldAt(tag, tag.has('tag_name') ? 'tag_name' : undefined), {
      message: isSaid
        ? 'this tag has no name'
        : `Envoy has no tag ${quoted(name)} of its own, and this one has neither regex nor fixed_value`,
    });
  },
};

/** Whether a tag may be one that Envoy finds without being told how. */
function isOwnTag(name: string): boolean {
  return name.startsWith('envoy.') || name === 'cipher_suite';
}

const runtimeLayers: StartupCheck = {
  code: 'runtime-layers',
  on: ['envoy.config.bootstrap.v3.LayeredRuntime'],
  finds: 'two layers of the runtime have one name, or two are for the admin interface',
  refusal: 'Duplicate layer name: …; Too many admin layers specified in LayeredRuntime',
  remedy: 'rename or remove one of the two',
  check(runtime, report) {
    const seen = new Map<string, Message>();
    let admin: Message | undefined;
    for (const layer of runtime.messages('layers')) {
      const name = layer.text('name') ?? '';
      const first = seen.get(name);
      if (first === undefined) seen.set(name, layer);
      else
        report(fieldAt(layer, layer.has('name') ? 'name' : undefined), {
          message: `the layer at ${lineOf(fieldAt(first))} has the same name`,
        });
      if (!layer.has('admin_layer')) continue;
      if (admin !== undefined)
        report(fieldAt(layer, 'admin_layer'), {
          message: `the layer at ${lineOf(fieldAt(admin))} is for the admin interface, too`,
        });
      admin ??= layer;
    }
  },
};

const runtimeValue: StartupCheck = {
  code: 'runtime-value',
  on: ['envoy.config.bootstrap.v3.RuntimeLayer', 'envoy.service.runtime.v3.Runtime'],
  finds: 'a value of the runtime is a list or null',
  refusal: 'Invalid runtime entry value for …',
  remedy: 'write text, a number, a bool, a fraction with numerator and denominator, or a map of these',
  check(layer, report) {
    const field = layer.type.field('static_layer') === undefined ? 'layer' : 'static_layer';
    const struct = layer.value(field);
    const { tape } = layer.reader;
    if (struct < 0 || tape.kind(struct) !== Kind.Map) return;
    eachEntry(tape, struct, (node) =>
      report(atNode(layer, node, field), { message: 'a value of the runtime is neither a list nor null' }),
    );
  },
};

/** Visits what no entry of the runtime can be. */
function eachEntry(tape: Tape, map: number, refuse: (node: number) => void): void {
  for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
    const value = tape.resolve(key + 1);
    const kind = tape.kind(value);
    if (kind === Kind.List || kind === Kind.Null) refuse(key);
    else if (kind === Kind.Map && tape.get(value, 'numerator') < 0 && tape.get(value, 'denominator') < 0)
      eachEntry(tape, value, refuse);
  }
}

const localCluster: StartupCheck = {
  code: 'local-cluster',
  on: ['envoy.config.bootstrap.v3.ClusterManager'],
  finds: 'local_cluster_name names no static cluster',
  refusal: "local cluster '…' must be defined",
  remedy: 'add the cluster to static_resources, or correct the name',
  check(manager, report, { instance }) {
    const name = manager.text('local_cluster_name') ?? '';
    if (name === '' || instance.bootstrap === undefined) return;
    if (instance.staticClusters.some((cluster) => cluster.text('name') === name)) return;
    report(fieldAt(manager, 'local_cluster_name'), {
      message: `the bootstrap has no static cluster ${quoted(name)}`,
      expected: 'the name of a cluster in static_resources',
    });
  },
};

const watchdogAction: StartupCheck = {
  code: 'watchdog-action',
  on: ['envoy.config.bootstrap.v3.Watchdog.WatchdogAction'],
  finds: 'an action of a watchdog has no configuration',
  refusal: "Didn't find a registered implementation for '' with type URL: ''",
  remedy: 'set config with the name and typed_config of an action',
  check(action, report) {
    if (!action.has('config'))
      report(fieldAt(action, action.has('event') ? 'event' : undefined), {
        message: 'this action has no config, and Envoy does not start without it',
      });
  },
};

const watchedTwice: StartupCheck = {
  code: 'path-watched-twice',
  on: ['envoy.config.core.v3.PathConfigSource'],
  finds: 'a file of resources is polled and its directory is watched',
  refusal: 'PathConfigSource poll_interval and watched_directory cannot both be set',
  remedy: 'keep watched_directory; poll where no changes are reported, as on some network file systems',
  check(source, report) {
    if (source.has('poll_interval') && source.has('watched_directory'))
      report(fieldAt(source, 'poll_interval'), { message: 'watched_directory is set as well' });
  },
};

const heapSize: StartupCheck = {
  code: 'heap-size',
  on: ['envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig'],
  finds: 'the monitor of the heap has no size to compare with',
  refusal: 'fixed_heap: max heap size must be greater than 0',
  remedy: 'set max_heap_size_bytes',
  check(monitor, report) {
    if (monitor.has('max_heap_size_bytes_runtime') || Number(monitor.text('max_heap_size_bytes') ?? 0) !== 0)
      return;
    report(fieldAt(monitor, monitor.has('max_heap_size_bytes') ? 'max_heap_size_bytes' : undefined), {
      message: 'max_heap_size_bytes must be above 0',
    });
  },
};

/** The area. */
export const BOOTSTRAPS: Area = {
  name: 'bootstrap',
  title: 'Bootstrap',
  checks: [
    ownAddress,
    flushTwice,
    tagRegex,
    tagValue,
    runtimeLayers,
    runtimeValue,
    localCluster,
    watchdogAction,
    watchedTwice,
    heapSize,
    ...OVERLOAD,
  ],
};
