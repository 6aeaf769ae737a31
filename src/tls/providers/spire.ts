// SPIRE's agent on a socket, reached through a cluster. It serves the workload's own certificate as `default`
// and its trust bundle as `ROOTCA` (spiffe/spire#1988), or both by SPIFFE ID where --secrets says so.

import {
  givenCertificateName,
  givenRootName,
  NO_SECRET_NAMES,
  ROOT_SECRET,
  WORKLOAD_SECRET,
} from '../secret-names.js';
import {
  type ProviderOptions,
  type ReachedServer,
  refusedByOthers,
  type ServerDescriptor,
} from './descriptor.js';
import type { Naming, Provider } from './provider.js';

/** SPIRE's agent. */
export const spire = {
  name: 'spire',
  help: "SPIRE's agent: envoy_grpc to the cluster spire_agent",
  refuses: {
    ...refusedByOthers('spire'),
    allFiles:
      '--all-files cannot be combined with --provider spire, which names secrets by SPIFFE ID: use --secrets',
  },
  server: {
    title: () => "SPIRE's agent",
    address: () => ({ target: '/run/spire/sockets/agent.sock' }),
    transport: () => 'envoy_grpc',
    cluster: 'spire_agent',
    credentials: () => ({ kind: 'none' }),
    waits: false,
  },
  pods: () => ({
    mounted: 'folder',
    volume: { sidecar: 'spire-agent-socket', gateway: 'spire-agent-socket' },
  }),
  provider: spireProvider,
} as const satisfies ServerDescriptor;

/** What stands for the files of a secret that the input asks for already. */
const IN_USE = 'a secret that is in use';

/** A workload has one identity at SPIRE: the first files that are met stand for it. */
function spireProvider(
  { description, source, cluster }: ReachedServer,
  { secrets = NO_SECRET_NAMES }: ProviderOptions,
): Provider {
  const own = new Map<string, string>();
  /** The default name for the first files of a kind; others cannot be the same secret. */
  const onlyOne = (name: string, files: string): Naming => {
    const first = own.get(name);
    if (first === undefined) {
      own.set(name, files);
      const message = `${name} takes the place of ${files}: SPIRE issues it from its own CA, so both ends of a connection must move`;
      return { name, warning: { code: 'issuer-changes', message } };
    }
    if (first !== files) {
      return {
        reason: 'ambiguous-name',
        detail: `${files} cannot also be ${name}, which is already ${first}`,
        remedy: 'say in --secrets which SPIFFE ID these files are',
      };
    }
    return { name };
  };
  return {
    name: spire.name,
    description,
    cluster,
    deliversExtras: false,
    reserve: (purpose, name) => {
      if (name === (purpose === 'certificate' ? WORKLOAD_SECRET : ROOT_SECRET) && !own.has(name))
        own.set(name, IN_USE);
    },
    nameCertificate: (files) =>
      givenCertificateName(secrets, files) ?? onlyOne(WORKLOAD_SECRET, `${files.chain} and ${files.key}`),
    nameRoot: (path) => givenRootName(secrets, path) ?? onlyOne(ROOT_SECRET, path),
    source: (_, api) => source(api),
    secretFiles: () => [],
  };
}
