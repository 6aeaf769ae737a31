// The bootstrap. Sources: envoy/config/bootstrap/v2/bootstrap.proto, and how Envoy 1.14 read a `runtime`
// (RuntimeImpl: translateRuntime).

import type { Fragment } from '../../../source/fragment.js';
import { type Entry, together } from '../entry.js';
import type { Subject } from '../subject.js';
import { dnsResolver } from './cluster.js';
import { typedConfig } from './extension-points.js';

const FILE_LOG = 'envoy.extensions.access_loggers.file.v3.FileAccessLog';

/** `runtime` as layers, in the order in which it was read. */
function runtime(subject: Subject, name: string): void {
  const old = subject.message.message(name);
  if (old === undefined || subject.has('layered_runtime')) {
    subject.remove(name);
    return;
  }
  const layers: Fragment[] = [];
  const base = old.present.find((field) => field.name === 'base');
  if (base !== undefined) layers.push({ name: 'base', static_layer: subject.walk.moved(old, base) ?? {} });
  const root = old.text('symlink_root') ?? '';
  const override = old.text('override_subdirectory') ?? '';
  if (root !== '') {
    const disk = (subdirectory: string, more: object): Fragment => ({
      symlink_root: root,
      ...(subdirectory !== '' && { subdirectory }),
      ...more,
    });
    layers.push({ name: 'root', disk_layer: disk(old.text('subdirectory') ?? '', {}) });
    if (override !== '')
      layers.push({ name: 'override', disk_layer: disk(override, { append_service_cluster: true }) });
  }
  layers.push({ name: 'admin', admin_layer: {} });
  subject.replace(name, { layered_runtime: { layers } });
}

/** Until Envoy 1.13 a dump had a list of listeners for each state, and no names. */
function oldListeners(subject: Subject, state: 'active' | 'warming' | 'draining'): Fragment[] {
  return subject.message.messages(`dynamic_${state}_listeners`).flatMap((message): Fragment[] => {
    const body = subject.walk.body(message);
    const name = message.message('listener')?.text('name') ?? '';
    return body === undefined ? [] : [{ name, [`${state}_state`]: body }];
  });
}

export const BOOTSTRAPS: readonly Entry[] = [
  {
    type: 'envoy.admin.v3.ListenersConfigDump',
    before(subject) {
      const lists = ['active', 'warming', 'draining'] as const;
      const there = lists.filter((state) => subject.has(`dynamic_${state}_listeners`));
      const all = there.flatMap((state) => oldListeners(subject, state));
      const [first, ...rest] = there.map((state) => `dynamic_${state}_listeners`);
      if (first === undefined) return;
      const now = (subject.moved('dynamic_listeners') ?? []) as readonly Fragment[];
      subject.replace(first, { dynamic_listeners: [...now, ...all] });
      for (const name of rest) subject.remove(name);
      if (subject.has('dynamic_listeners')) subject.remove('dynamic_listeners');
    },
    fields: {
      dynamic_active_listeners: together,
      dynamic_warming_listeners: together,
      dynamic_draining_listeners: together,
    },
  },
  {
    type: 'envoy.config.bootstrap.v3.Bootstrap',
    before: dnsResolver,
    fields: {
      runtime,
      use_tcp_for_dns_lookups: together,
      watchdog(subject, name) {
        const dog = subject.moved(name);
        if (dog === undefined || subject.has('watchdogs')) subject.remove(name);
        // One was for all threads.
        else subject.replace(name, { watchdogs: { main_thread_watchdog: dog, worker_watchdog: dog } });
      },
    },
  },
  {
    type: 'envoy.config.bootstrap.v3.Admin',
    fields: {
      access_log_path(subject, name) {
        const path = subject.text(name) ?? '';
        if (path === '' || subject.has('access_log')) subject.remove(name);
        else {
          const log = { ...(typedConfig(FILE_LOG, undefined) as object), path };
          subject.replace(name, { access_log: [{ name: 'envoy.access_loggers.file', typed_config: log }] });
        }
      },
    },
  },
  {
    type: 'envoy.admin.v3.CommandLineOptions',
    fields: {
      max_stats: (subject, name) => subject.remove(name),
      max_obj_name_len: (subject, name) => subject.remove(name),
    },
  },
];
