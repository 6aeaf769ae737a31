// Keys and rules that come over a channel that others can read and change.

import { isIP } from 'node:net';
import { memo } from '../../collections/memo.js';
import { oncePer } from '../../collections/once-per.js';
import type { Message } from '../../envoy/message.js';
import { socketPath } from '../../istio/sockets.js';
import { guardOfResource } from '../../tls/guard.js';
import { addressesOf } from '../addresses.js';
import { type FindingPlace, fieldAt } from '../place.js';
import type { Report, Rule } from '../rule.js';
import type { Instance } from '../run.js';
import { serversOfApi } from '../sds-servers.js';

export const unprotectedFetch: Rule = {
  code: 'unprotected-fetch',
  level: 'warning',
  finds: 'secrets, configuration or the keys of tokens are fetched over the network without TLS',
  why: 'Anyone on the network path can read private keys, or send configuration and keys of their own. For configuration without keys this is a note.',
  source: 'review practice',
  remedy: 'give the cluster a transport_socket with TLS, or reach the server over a Unix socket on the node',
  check({ instances }, report) {
    for (const instance of instances) {
      const ads = instance.bootstrap?.message('dynamic_resources')?.message('ads_config');
      reportSource(ads, instance, 'configuration comes', { level: 'note' }, report);
      for (const { secretSources, sources, clusterReferences } of instance.surveys) {
        for (const { message } of secretSources)
          reportSource(message.message('api_config_source'), instance, 'secrets come', {}, report);
        for (const { message } of sources)
          reportSource(
            message.message('api_config_source'),
            instance,
            'configuration comes',
            { level: 'note' },
            report,
          );
        for (const { name, message, field } of clusterReferences)
          if (message.around?.type.name.endsWith('.RemoteJwks') && isOpen(name, instance))
            reportAt(
              fieldAt(message, field),
              `the keys of tokens come over ${name}, which has no TLS`,
              {},
              report,
            );
      }
    }
  },
};

/** Reports the servers of an ApiConfigSource that are asked without TLS. */
function reportSource(
  api: Message | undefined,
  instance: Instance,
  what: string,
  said: { readonly level?: 'note' },
  report: Report,
): void {
  if (api === undefined) return;
  for (const service of api.messages('grpc_services')) {
    const google = service.message('google_grpc');
    if (google !== undefined && isOpenChannel(google))
      reportAt(fieldAt(google, 'target_uri'), `${what} over a channel without TLS`, said, report);
  }
  for (const { name, message, field } of serversOfApi(api))
    if (isOpen(name, instance))
      reportAt(fieldAt(message, field), `${what} over ${name}, which has no TLS`, said, report);
}

function reportAt(
  place: FindingPlace,
  message: string,
  said: { readonly level?: 'note' },
  report: Report,
): void {
  report(place, { message, expected: 'TLS to a server elsewhere', ...said });
}

/** Whether Google's client speaks without TLS to another machine. */
function isOpenChannel(google: Message): boolean {
  const target = google.text('target_uri') ?? '';
  if (target === '' || socketPath(target) !== undefined || isLocal(hostOf(target))) return false;
  return !google.has('channel_credentials') && !google.has('credentials_factory_name');
}

/** Whether a cluster of the run leads to other machines without TLS; thousands of sources name the same few. */
function isOpen(name: string, instance: Instance): boolean {
  return memo(openClusters(instance), name, () => leadsOut(name, instance));
}

const openClusters = oncePer((_: Instance) => new Map<string, boolean>());

function leadsOut(name: string, { clusters, surveys }: Instance): boolean {
  const cluster = clusters.get(name);
  if (cluster === undefined || hasOtherSocket(cluster)) return false;
  if (hostsOf(cluster).every(isLocal)) return false;
  const contexts = surveys
    .flatMap((survey) => survey.contexts)
    .filter(({ resource }) => resource?.node === cluster.node && resource.reader === cluster.reader);
  return guardOfResource(cluster, contexts) === 'plain text';
}

/** The hosts that a cluster names; none where they are discovered, or are Unix sockets. */
function hostsOf(cluster: Message): string[] {
  return addressesOf(cluster).flatMap((address) => address.message('socket_address')?.text('address') ?? []);
}

/** Whether a cluster has a transport socket that is neither TLS nor none: it may protect in its own way. */
function hasOtherSocket(cluster: Message): boolean {
  const socket = cluster.message('transport_socket');
  const type = socket?.message('typed_config')?.type.name ?? socket?.text('name') ?? '';
  return type !== '' && !/(?:TlsContext|RawBuffer|tls|raw_buffer)$/.test(type);
}

/** Whether a host is this machine. */
function isLocal(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === '::1' || host === 'localhost';
}

/** The host of a gRPC target, as in `dns:///sds.example:443`. */
function hostOf(target: string): string {
  return target
    .replace(/^[a-z][a-z0-9+.-]*:(?:\/\/[^/]*)?\/?(?=\D)/i, '')
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '');
}
