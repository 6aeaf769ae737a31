// What Istio 1.1's own validation refuses in its resources (its pkg/config/validation) and Pilot takes all the same
// where it gets past the validation: Pilot leaves out what it cannot make.

import type { Message } from '../../envoy/message.js';
import type { Finding } from '../../finding/finding.js';
import { quoted } from '../../secrecy/quoted.js';
import type { Document } from '../../source/document.js';
import { isTls, parseProtocol } from '../protocol.js';
import { type Check, Problems } from './problems.js';

const says = (message: Message, field: string): boolean => (message.text(field) ?? '') !== '';

const clientTls: Check = (message, problems) => {
  if (message.enumName('mode') !== 'MUTUAL') return;
  for (const field of ['client_certificate', 'private_key'])
    if (!says(message, field)) problems.missing(field, 'of mode MUTUAL');
};

const server: Check = (message, problems) => {
  const text = message.message('port')?.text('protocol') ?? '';
  const protocol = parseProtocol(text);
  if (protocol === 'Unsupported') return;
  const tls = message.message('tls');
  if (isTls(protocol)) {
    if (tls === undefined) problems.missing('tls', `for a port with ${protocol}`);
  } else if (tls !== undefined && tls.text('https_redirect') !== 'true')
    problems.conflict('tls', `tls cannot be set for a port with ${protocol}, except for httpsRedirect`);
};

const serverTls: Check = (message, problems) => {
  const mode = message.enumName('mode') ?? 'PASSTHROUGH';
  if ((mode !== 'SIMPLE' && mode !== 'MUTUAL') || says(message, 'credential_name')) return;
  const files = ['server_certificate', 'private_key', ...(mode === 'MUTUAL' ? ['ca_certificates'] : [])];
  for (const field of files)
    if (!says(message, field)) problems.missing(field, `of mode ${mode}, or credentialName`);
};

/** The checks, by the full names of messages. */
const CHECKS: ReadonlyMap<string, Check> = new Map([
  ['istio.networking.v1alpha3.TLSSettings', clientTls],
  ['istio.networking.v1alpha3.Server', server],
  ['istio.networking.v1alpha3.Server.TLSOptions', serverTls],
]);

/** What Istio's validation refuses in a message and in those within it. */
export function refusals(message: Message, findings: Finding[]): void {
  CHECKS.get(message.type.name)?.(message, new Problems(message, findings));
  message.each((field) => {
    if (field.kind !== 'message' || field.map !== undefined || field.type?.startsWith('google.') === true)
      return;
    const inner = field.repeated ? message.messages(field.name) : [message.message(field.name)];
    for (const one of inner) if (one !== undefined) refusals(one, findings);
  });
}

/** Kinds of which the mesh has one, by the name that Pilot asks for. */
const ONLY_DEFAULT: ReadonlySet<string> = new Set(['MeshPolicy', 'ClusterRbacConfig', 'RbacConfig']);
const DEFAULT = 'default';

/** What is wrong with the name of a resource whose kind prescribes it. */
export function prescribedName(
  { tape, source }: Document,
  node: number,
  kind: string,
  name: string,
): Finding[] {
  if (!ONLY_DEFAULT.has(kind) || name === '' || name === DEFAULT) return [];
  const value = tape.resolve(tape.get(tape.get(node, 'metadata'), 'name'));
  return [
    {
      code: 'wrong-name',
      level: 'error',
      message: `${quoted(name)} is not a name that Istio 1.1 takes for a ${kind}`,
      expected: DEFAULT,
      path: 'metadata.name',
      region: source.region(tape.start(value), tape.end(value)),
    },
  ];
}
