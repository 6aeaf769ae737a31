// What control planes and clients send each other, also as files: the type of its resources is named again
// beside them. Source: envoy/service/discovery/v3/discovery.proto, `type_url`.

import { typeName } from '../../message-reader.js';
import { successorOf } from '../correspondence.js';
import type { Entry, FieldRule } from '../entry.js';

const resourceType: FieldRule = (subject, name) => {
  const url = subject.text(name) ?? '';
  const written = typeName(url);
  const now = successorOf(written)?.name;
  if (now !== undefined && now !== written) subject.setText(name, url.replace(written, now));
  subject.keep(name);
};

const DISCOVERY = 'envoy.service.discovery.v3';

export const DISCOVERIES: readonly Entry[] = [
  'DiscoveryRequest',
  'DiscoveryResponse',
  'DeltaDiscoveryRequest',
  'DeltaDiscoveryResponse',
].map((name) => ({ type: `${DISCOVERY}.${name}`, fields: { type_url: resourceType } }));
