// Where configuration comes from, and in which version of the API. Envoy since 1.18 speaks no other than v3,
// and refuses AUTO. Source: envoy/config/core/v3/config_source.proto.

import { posix } from 'node:path';
import type { Fragment } from '../../../source/fragment.js';
import type { MessageInfo } from '../../api-table.js';
import type { Entry } from '../entry.js';
import type { Subject } from '../subject.js';

const VERSIONS = ['transport_api_version', 'resource_api_version'] as const;

/** The fields of a v3 message that say a version of the API. */
function versionFields(target: MessageInfo): readonly string[] {
  return VERSIONS.filter((name) => target.field(name)?.type === 'envoy.config.core.v3.ApiVersion');
}

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

export const CONFIG_SOURCES: readonly Entry[] = [
  {
    type: 'envoy.config.core.v3.ConfigSource',
    fields: {
      path: (subject, name) =>
        subject.replace(name, { path_config_source: pathConfigSource(subject.text(name) ?? '') }),
    },
  },
];
