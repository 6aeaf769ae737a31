// Fields that a message had once and that files still use: dumps of old Envoys, and v3 messages that old
// control planes wrote with v2's fields in them. The API's declarations no longer have them. Seen in dumps of
// Istio 1.2 to 1.5.

import type { FieldInfo, MessageInfo } from './api-table.js';

function earlier(name: string, type: string, repeated: boolean): FieldInfo {
  return {
    name,
    jsonName: name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    number: 0,
    kind: 'message',
    scalar: undefined,
    type,
    repeated,
    map: undefined,
    oneof: undefined,
    deprecated: true,
    sensitive: false,
  };
}

const LISTENER_STATE = 'envoy.admin.v2alpha.ListenersConfigDump.DynamicListenerState';

const EARLIER: ReadonlyMap<string, readonly FieldInfo[]> = new Map([
  [
    // Until Envoy 1.13 a dump had a list for each state.
    'envoy.admin.v2alpha.ListenersConfigDump',
    [
      earlier('dynamic_active_listeners', LISTENER_STATE, true),
      earlier('dynamic_warming_listeners', LISTENER_STATE, true),
      earlier('dynamic_draining_listeners', LISTENER_STATE, true),
    ],
  ],
  [
    // Envoy 1.13 to 1.17 read and dumped v2 fields in v3 messages.
    'envoy.config.cluster.v3.Cluster',
    [
      earlier('hosts', 'envoy.config.core.v3.Address', true),
      earlier('tls_context', 'envoy.api.v2.auth.UpstreamTlsContext', false),
    ],
  ],
  [
    // Until Envoy 1.10.
    'envoy.api.v2.route.RouteAction',
    [earlier('use_websocket', 'google.protobuf.BoolValue', false)],
  ],
  [
    'envoy.config.listener.v3.FilterChain',
    [earlier('tls_context', 'envoy.api.v2.auth.DownstreamTlsContext', false)],
  ],
]);

const NONE: readonly FieldInfo[] = [];

/** The fields that a message type had in earlier versions. */
export function earlierFields(type: MessageInfo): readonly FieldInfo[] {
  return EARLIER.get(type.name) ?? NONE;
}

const DEPRECATED_PREFIX = /^hidden_?envoy_?deprecated_?/i;

/** A field by either spelling, also one of earlier versions; dumps of Envoy 1.14 to 1.17 put `hidden_envoy_deprecated_` before old names. */
export function fieldNamed(type: MessageInfo, name: string): FieldInfo | null {
  const field = type.field(name) ?? earlierField(type, name);
  if (field !== undefined) return field;
  const bare = name.replace(DEPRECATED_PREFIX, '');
  if (bare === name) return null;
  const camel = bare.charAt(0).toLowerCase() + bare.slice(1);
  return (
    type.field(bare) ?? type.field(camel) ?? earlierField(type, bare) ?? earlierField(type, camel) ?? null
  );
}

function earlierField(type: MessageInfo, name: string): FieldInfo | undefined {
  return earlierFields(type).find((field) => field.name === name || field.jsonName === name);
}

/** What stood in the Anys of a dump while they were messages of their own, without an `@type`. */
const DUMPED: ReadonlyMap<string, string> = new Map([
  ['cluster', 'envoy.api.v2.Cluster'],
  ['listener', 'envoy.api.v2.Listener'],
  ['route_config', 'envoy.api.v2.RouteConfiguration'],
  ['secret', 'envoy.api.v2.auth.Secret'],
]);

/** What responses hold where control planes give each resource its name and version. */
const WRAPPED: ReadonlyMap<string, string> = new Map([
  ['envoy.api.v2.DiscoveryResponse', 'envoy.api.v2.Resource'],
  ['envoy.service.discovery.v3.DiscoveryResponse', 'envoy.service.discovery.v3.Resource'],
]);

/**
 * The type of an Any that does not say it, where the message that holds it tells.
 *
 * @param wrapped whether it has a `resource` in it
 */
export function untypedAny(holder: MessageInfo, field: FieldInfo, wrapped: boolean): string | undefined {
  if (wrapped) return WRAPPED.get(holder.name);
  return holder.name.startsWith('envoy.admin.') ? DUMPED.get(field.name) : undefined;
}
