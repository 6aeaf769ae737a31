// Listener filters: what they are configured with, and where that comes from.

import { builtIn } from '../../../envoy/extensions/built-in.js';
import { typeName } from '../../../envoy/message-reader.js';
import { quoted } from '../../../secrecy/quoted.js';
import { atNode, fieldAt } from '../../place.js';
import type { StartupCheck } from '../check.js';
import { LISTENER_FILTERS } from '../extensions/points.js';
import { isUnregistered, saidType } from '../registered.js';
import { LISTENER } from '../types.js';
import { isOn, secondsOf } from '../values.js';
import { transportOf } from './transport.js';

const proxyProtocolVersions: StartupCheck = {
  code: 'proxy-protocol-versions',
  on: ['envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol'],
  finds: 'a proxy_protocol filter allows no version of the protocol',
  refusal: 'Proxy Protocol filter is misconfigured: all proxy protocol versions are disallowed.',
  remedy: 'leave one version out of disallowed_versions, or remove the filter',
  check(filter, report) {
    const versions = new Set(
      filter.texts('disallowed_versions').map((name) => (/^(?:V1|0)$/i.test(name) ? 1 : 2)),
    );
    if (versions.size < 2) return;
    report(fieldAt(filter, 'disallowed_versions'), {
      message: 'both versions of the PROXY protocol are disallowed, so every connection would be refused',
      expected: 'one version at most',
    });
  },
};

const listenerRateInterval: StartupCheck = {
  code: 'listener-rate-interval',
  on: ['envoy.extensions.filters.listener.local_ratelimit.v3.LocalRateLimit'],
  finds: 'the bucket of a local rate limit of connections is filled more often than every 50 milliseconds',
  refusal: 'local rate limit token bucket fill timer must be >= 50ms',
  remedy: 'set fill_interval to at least 0.05s, and tokens_per_fill to what comes in that time',
  check(filter, report) {
    const bucket = filter.message('token_bucket');
    const interval = bucket && secondsOf(bucket, 'fill_interval');
    if (bucket === undefined || interval === undefined || interval <= 0 || interval >= 0.05) return;
    report(fieldAt(bucket, 'fill_interval'), {
      message: 'Envoy fills a bucket every 50 milliseconds at most',
      expected: 'at least 0.05s',
    });
  },
};

const listenerFilterDiscovery: StartupCheck = {
  code: 'listener-filter-discovery',
  on: [LISTENER],
  finds:
    'a listener filter is discovered that may not be: for UDP, of a type that Envoy does not have, or without the default that it asks for',
  refusal: 'Error: no listener factory found for a required type URL envoy.x.',
  remedy: 'write the filter into typed_config, or correct config_discovery',
  check(listener, report) {
    const transport = transportOf(listener);
    const { category, noun } = LISTENER_FILTERS[transport];
    for (const filter of listener.messages('listener_filters')) {
      const discovery = filter.message('config_discovery');
      if (discovery === undefined) continue;
      if (transport === 'udp') {
        report(fieldAt(filter, 'config_discovery'), {
          message: 'filters of UDP listeners are not discovered',
          expected: 'typed_config',
        });
        continue;
      }
      if (isOn(discovery, 'apply_default_config_without_warming') && !discovery.has('default_config'))
        report(fieldAt(discovery, 'apply_default_config_without_warming'), {
          message: 'a default configuration is to be used, and there is none',
          expected: 'default_config',
        });
      const types = builtIn(category);
      for (const node of discovery.items('type_urls')) {
        const name = typeName(discovery.reader.tape.string(node));
        if (isUnregistered(name, types))
          report(atNode(discovery, node, 'type_urls'), {
            message: `${quoted(name)} is not the type of ${noun}`,
            expected: noun,
          });
      }
      const said = saidType(discovery, 'default_config');
      if (said !== undefined && isUnregistered(said.name, types))
        report(fieldAt(discovery, 'default_config'), {
          message: `${quoted(said.name)} is not the type of ${noun}`,
          expected: noun,
        });
    }
  },
};

export const LISTENER_FILTER_CHECKS: readonly StartupCheck[] = [
  proxyProtocolVersions,
  listenerRateInterval,
  listenerFilterDiscovery,
];
