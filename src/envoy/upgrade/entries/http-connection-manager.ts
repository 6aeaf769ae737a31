// The HTTP connection manager. Source: http_connection_manager.proto of Envoy 1.14, its deprecated fields.

import type { Fragment } from '../../../source/fragment.js';
import { type Entry, together } from '../entry.js';
import type { Members, Subject } from '../subject.js';
import { noteEgress } from './listener.js';

const HCM = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

/** The idle timeout where all options of the protocol stand; there it won. */
function idleTimeout(subject: Subject): void {
  const common = 'common_http_protocol_options';
  const timeout = subject.moved('idle_timeout');
  if (timeout === undefined) return;
  const options = subject.message.message(common);
  if (options?.has('idle_timeout')) subject.remove('idle_timeout');
  else if (options === undefined) subject.replace('idle_timeout', { [common]: { idle_timeout: timeout } });
  else {
    const body = subject.walk.body(options);
    const first = { idle_timeout: timeout };
    subject.replace(common, { [common]: body?.behind(first) ?? first });
    subject.remove('idle_timeout');
  }
}

export const HTTP_CONNECTION_MANAGERS: readonly Entry[] = [
  { type: HCM, before: idleTimeout, fields: { idle_timeout: together } },
  {
    type: `${HCM}.Tracing`,
    fields: {
      operation_name(subject, name) {
        if (subject.message.enumName(name) === 'EGRESS') noteEgress(subject);
        subject.remove(name);
      },
      request_headers_for_tags(subject, name) {
        const tags = subject.message
          .texts(name)
          .map((header): Members => ({ tag: header, request_header: { name: header } }));
        const there = (subject.moved('custom_tags') ?? []) as readonly Fragment[];
        if (there.length > 0) {
          subject.replace('custom_tags', { custom_tags: [...there, ...tags] });
          subject.remove(name);
        } else if (tags.length > 0) subject.replace(name, { custom_tags: tags });
        else subject.remove(name);
      },
    },
  },
];
