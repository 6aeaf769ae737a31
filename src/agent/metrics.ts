// Metrics in Prometheus' text form, over HTTP.

import { createServer, type Server } from 'node:http';
import { status } from '@grpc/grpc-js';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AgentEvent } from './events.js';

/** The agent's metrics. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly streams = this.gauge('xdsc_sds_streams', 'Open streams and calls.', ['api', 'method']);
  private readonly expiry = this.gauge(
    'xdsc_sds_certificate_expiry_seconds',
    'When the certificate of a workload expires, in seconds since 1970.',
    ['identity'],
  );
  private readonly roots = this.gauge('xdsc_sds_roots', 'Roots that are served.', []);
  private readonly issued = this.counter('xdsc_sds_issued_total', 'Certificates, by why they were issued.', [
    'reason',
  ]);
  private readonly failures = this.counter(
    'xdsc_sds_ca_failures_total',
    'Certificates that the CA did not issue.',
    ['code'],
  );
  private readonly refusals = this.counter('xdsc_sds_refusals_total', 'Calls that were refused.', ['code']);
  private readonly pushed = this.counter('xdsc_sds_responses_total', 'Responses that were sent.', []);
  private readonly nacks = this.counter('xdsc_sds_nacks_total', 'Responses that clients refused.', []);
  private readonly duration = new Histogram({
    name: 'xdsc_sds_issue_seconds',
    help: 'Time to make a key and have it signed.',
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10],
    registers: [this.registry],
  });

  /** Counts an event. */
  observe(event: AgentEvent): void {
    switch (event.kind) {
      case 'opened':
      case 'closed':
        this.streams.inc({ api: event.api, method: event.method }, event.kind === 'opened' ? 1 : -1);
        break;
      case 'issued':
        this.issued.inc({ reason: event.reason });
        this.duration.observe(event.took / 1000);
        this.expiry.set({ identity: event.identity }, event.notAfter / 1000);
        break;
      case 'ca-failed':
        this.failures.inc({ code: status[event.code] });
        break;
      case 'refused':
        this.refusals.inc({ code: status[event.code] });
        break;
      case 'pushed':
        this.pushed.inc();
        break;
      case 'nack':
        this.nacks.inc();
        break;
      case 'roots':
        this.roots.set(event.count);
        break;
      default:
        break;
    }
  }

  /** The metrics as text. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  /** Serves the metrics at /metrics; rejects where the address cannot be used. */
  serve(host: string, port: number): Promise<Server> {
    const server = createServer((request, reply) => {
      if (request.url !== '/metrics') {
        reply.writeHead(404).end();
        return;
      }
      void this.text().then((text) => {
        reply.writeHead(200, { 'content-type': this.registry.contentType });
        reply.end(text);
      });
    });
    return new Promise((done, failed) => {
      server.once('error', failed);
      server.listen(port, host, () => done(server));
    });
  }

  private gauge<T extends string>(name: string, help: string, labelNames: readonly T[]): Gauge<T> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  private counter<T extends string>(name: string, help: string, labelNames: readonly T[]): Counter<T> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }
}
