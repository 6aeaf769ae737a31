// What Envoy asks of health checks, and of what takes endpoints out.

import type { Message } from '../../../envoy/message.js';
import { durationNanos } from '../../../envoy/schema/well-known.js';
import { quoted } from '../../../secrecy/quoted.js';
import { atNode, fieldAt } from '../../place.js';
import type { StartupCheck } from '../check.js';
import { speaksHttp2 } from '../clusters/http-options.js';
import { isUnregistered, saidType } from '../registered.js';
import { CLUSTER } from '../types.js';

const CHECK = 'envoy.config.core.v3.HealthCheck';
const HTTP = `${CHECK}.HttpHealthCheck`;

const grpcOverHttp1: StartupCheck = {
  code: 'grpc-health-check',
  on: [CLUSTER],
  finds: 'a cluster that does not speak HTTP/2 has a gRPC health check',
  refusal: '… cluster must support HTTP/2 for gRPC healthchecking',
  remedy: 'set explicit_http_config: {http2_protocol_options: {}} in its HttpProtocolOptions',
  check(cluster, report) {
    if (!cluster.has('health_checks') || speaksHttp2(cluster)) return;
    for (const check of cluster.messages('health_checks'))
      if (check.has('grpc_health_check'))
        report(fieldAt(check, 'grpc_health_check'), {
          message: 'gRPC needs HTTP/2, which this cluster does not speak',
          expected: 'http2_protocol_options in the HTTP options of the cluster',
        });
  },
};

const healthCheckNames: StartupCheck = {
  code: 'health-check-name',
  on: [CLUSTER],
  finds: 'one of several health checks has no name, or the name of another',
  refusal:
    'duplicate health check name; all health checks must have a name when multiple health checks are configured',
  remedy: 'give each health check of the cluster a name of its own',
  check(cluster, report) {
    if (!cluster.has('health_checks')) return;
    const checks = cluster.messages('health_checks');
    if (checks.length < 2) return;
    const names = new Set<string>();
    for (const check of checks) {
      const name = check.text('name') ?? '';
      if (name === '' || names.has(name))
        report(fieldAt(check), {
          message:
            name === '' ? 'this health check has no name' : `there is another health check ${quoted(name)}`,
          expected: 'a name of its own',
        });
      names.add(name);
    }
  },
};

const statusRange: StartupCheck = {
  code: 'status-range',
  on: [HTTP],
  finds: 'a range of expected or retriable statuses is empty or outside of 100 to 599',
  refusal: 'Invalid http expected status range: expecting start < end',
  remedy: 'give start as the first status and end as the one after the last: {start: 200, end: 300}',
  check(check, report) {
    for (const field of ['expected_statuses', 'retriable_statuses'])
      for (const range of check.messages(field)) {
        const start = Number(range.text('start') ?? 0);
        const end = Number(range.text('end') ?? 0);
        const fault =
          start >= end
            ? `the range from ${start} to ${end} is empty: end does not belong to it`
            : start < 100
              ? `${start} is not a status`
              : end > 600
                ? `${end - 1} is not a status`
                : undefined;
        if (fault !== undefined)
          report(
            fieldAt(
              range,
              ['start', 'end'].find((one) => range.has(one)),
            ),
            {
              message: fault,
              expected: '100 <= start < end <= 600',
            },
          );
      }
  },
};

const payloadHex: StartupCheck = {
  code: 'payload-hex',
  on: [`${CHECK}.Payload`],
  finds: 'the text of a payload is not hexadecimal',
  refusal: "invalid hex string '…'",
  remedy: 'write two hex digits for each byte, or use binary',
  check(payload, report) {
    const text = payload.text('text') ?? '';
    if (text === '' || /^(?:[\da-f]{2})+$/i.test(text)) return;
    report(fieldAt(payload, 'text'), {
      message: 'the text of a payload is the hex digits of its bytes, and this is not',
      expected: 'an even number of hex digits',
    });
  },
};

/** The methods whose requests may have a body. */
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'OPTIONS']);

const payloadMethod: StartupCheck = {
  code: 'payload-method',
  on: [HTTP],
  finds: 'an HTTP health check sends a payload with a method that has none',
  refusal: 'HTTP health check cannot specify a request payload with method',
  remedy: 'set method: POST',
  check(check, report) {
    if (!check.has('send')) return;
    const method = check.enumName('method') ?? 'METHOD_UNSPECIFIED';
    if (WITH_BODY.has(method)) return;
    report(fieldAt(check, 'send'), {
      message: `a ${method === 'METHOD_UNSPECIFIED' ? 'GET' : method} request has no payload`,
      expected: `a method of ${[...WITH_BODY].join(', ')}`,
    });
  },
};

const SINKS: ReadonlySet<string> = new Set([
  'envoy.extensions.health_check.event_sinks.file.v3.HealthCheckEventFileSink',
]);

const eventSink: StartupCheck = {
  code: 'health-check-event-sink',
  on: [CHECK],
  finds: 'an event_logger of a health check is an extension for something else',
  refusal: "Didn't find a registered implementation for '…' with type URL: '…'",
  remedy: 'use HealthCheckEventFileSink as its @type',
  check(check, report) {
    for (const sink of check.messages('event_logger')) {
      const said = saidType(sink);
      if (said !== undefined && isUnregistered(said.name, SINKS))
        report(said.place, {
          message: `${said.name} is not a sink of health check events`,
          expected: 'HealthCheckEventFileSink',
        });
    }
  },
};

const SECOND = 1_000_000_000n;

const ejectionTime: StartupCheck = {
  code: 'ejection-time',
  on: ['envoy.config.cluster.v3.OutlierDetection'],
  finds: 'max_ejection_time is below base_ejection_time',
  refusal: "outlier detector's max_ejection_time cannot be smaller than base_ejection_time",
  remedy: 'raise max_ejection_time; base_ejection_time is 30s where it is absent',
  check(detection, report) {
    if (!detection.has('max_ejection_time')) return;
    const most = durationNanos(detection.text('max_ejection_time') ?? '');
    const base = detection.has('base_ejection_time')
      ? durationNanos(detection.text('base_ejection_time') ?? '')
      : 30n * SECOND;
    if (most === undefined || base === undefined || most >= base) return;
    report(fieldAt(detection, 'max_ejection_time'), {
      message: `max_ejection_time is ${detection.text('max_ejection_time')}, and base_ejection_time ${detection.text('base_ejection_time') ?? '30s'}`,
      expected: 'a max_ejection_time that is not below base_ejection_time',
    });
  },
};

/** What Envoy takes in limits for a single host. */
const PER_HOST: ReadonlySet<string> = new Set(['priority', 'max_connections', 'track_remaining']);

const hostLimits: StartupCheck = {
  code: 'host-limits',
  on: ['envoy.config.cluster.v3.CircuitBreakers'],
  finds: 'per_host_thresholds has another limit than max_connections',
  refusal: 'Unsupported field in per_host_thresholds',
  remedy: 'set max_connections alone, and the other limits in thresholds',
  check(breakers, report) {
    for (const threshold of breakers.messages('per_host_thresholds')) {
      const other = threshold.present.find(({ name }) => !PER_HOST.has(name));
      if (other !== undefined)
        report(fieldAt(threshold, other.name), {
          message: `${other.name} is a limit of the cluster, not of each host`,
          expected: 'max_connections',
        });
    }
  },
};

/** Headers that Envoy sets itself. */
const RESERVED = /^(?::|host$)/i;

const reservedHeader: StartupCheck = {
  code: 'health-check-header',
  on: [HTTP, `${CHECK}.GrpcHealthCheck`],
  finds: 'a health check sets or removes host or a header that begins with a colon',
  refusal: ':-prefixed or host headers may not be modified',
  remedy: 'use host of the http_health_check, or authority of the grpc_health_check',
  check(check, report) {
    for (const field of ['request_headers_to_add', 'initial_metadata'])
      for (const option of check.messages(field)) tellReserved(option.message('header'));
    const { tape } = check.reader;
    for (const [index, item] of check.items('request_headers_to_remove').entries())
      if (RESERVED.test(tape.string(item)))
        report(atNode(check, item, `request_headers_to_remove[${index}]`), SAID);

    function tellReserved(header: Message | undefined): void {
      if (header !== undefined && RESERVED.test(header.text('key') ?? ''))
        report(fieldAt(header, 'key'), SAID);
    }
  },
};

const SAID = {
  message: 'Envoy sets this header itself',
  expected: 'another header',
};

/** The checks of health checks, outlier detection and circuit breakers. */
export const HEALTH_CHECKS: readonly StartupCheck[] = [
  grpcOverHttp1,
  healthCheckNames,
  statusRange,
  payloadHex,
  payloadMethod,
  eventSink,
  reservedHeader,
  ejectionTime,
  hostLimits,
];
