// Where configuration comes from, and in which version of the API. Envoy since 1.18 speaks no other than v3,
// and refuses AUTO. Source: envoy/config/core/v3/config_source.proto.

import { isIP } from 'node:net';
import { posix } from 'node:path';
import { oncePer } from '../../../collections/once-per.js';
import type { Fragment } from '../../../source/fragment.js';
import type { MessageInfo } from '../../api-table.js';
import type { Entry } from '../entry.js';
import type { Subject } from '../subject.js';

const VERSIONS = ['transport_api_version', 'resource_api_version'] as const;

/** The fields of a v3 message that say a version of the API. */
const versionFields = oncePer((target: MessageInfo): readonly string[] =>
  VERSIONS.filter((name) => target.field(name)?.type === 'envoy.config.core.v3.ApiVersion'),
);

/** Whether a v3 message says a version of the API. */
export function saysVersion(target: MessageInfo): boolean {
  return versionFields(target).length > 0;
}

/** Writes the version wherever a message has a place for it. */
export function sayVersion(subject: Subject): void {
  if (subject.target === undefined) return;
  for (const name of versionFields(subject.target)) {
    if (!subject.has(name)) subject.add(name, 'V3');
    else if (subject.message.enumName(name) !== 'V3') subject.setText(name, 'V3');
  }
}

/** A file that Envoy watches by its folder: Kubernetes changes mounted files by a link beside them. */
export function pathConfigSource(path: string): Fragment {
  const folder = posix.dirname(path);
  return folder === '.' || folder === '/' ? { path } : { path, watched_directory: { path: folder } };
}

/** Servers of gRPC were named as those of REST are, until Envoy 1.7. */
function clusterNames(subject: Subject, name: string): void {
  if (!/GRPC$/.test(subject.message.enumName('api_type') ?? '')) return;
  const services = subject.message
    .texts(name)
    .map((cluster_name): Fragment => ({ envoy_grpc: { cluster_name } }));
  if (subject.has('grpc_services') || services.length === 0) subject.remove(name);
  else subject.replace(name, { grpc_services: services });
}

export const CONFIG_SOURCES: readonly Entry[] = [
  { type: 'envoy.config.core.v3.ApiConfigSource', fields: { cluster_names: clusterNames } },
  {
    type: 'envoy.config.core.v3.SocketAddress',
    fields: {
      // It had no effect on addresses of IPv4, and Envoy refuses it there now.
      ipv4_compat(subject, name) {
        if (isIP(subject.text('address') ?? '') === 4) subject.remove(name);
      },
    },
  },
  {
    type: 'envoy.config.core.v3.ConfigSource',
    fields: {
      path: (subject, name) =>
        subject.replace(name, { path_config_source: pathConfigSource(subject.text(name) ?? '') }),
    },
  },
];
