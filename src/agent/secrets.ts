// What is served: the secrets of a workload, in the form of either API.

import { createHash } from 'node:crypto';
import { Secret as SecretV2 } from '../envoy/generated/wire/envoy/api/v2/auth/secret.js';
import { Secret as SecretV3 } from '../envoy/generated/wire/envoy/extensions/transport_sockets/tls/v3/secret.js';

/** A workload's certificate with its key. */
export interface CertificateContent {
  readonly kind: 'certificate';
  /** PEM: the certificate first. */
  readonly chain: string;
  readonly privateKey: string;
}

/** The roots that peers are checked by. */
export interface RootsContent {
  readonly kind: 'roots';
  /** PEM. */
  readonly roots: string;
}

/** A secret under the name that it was asked for. */
export interface NamedSecret {
  readonly name: string;
  readonly content: CertificateContent | RootsContent;
  /** Of its public parts; equal for equal certificates and roots, on every server. */
  readonly version: string;
}

/** An API's Secret message. */
export interface SecretForm {
  readonly typeUrl: string;
  encode(secret: NamedSecret): Uint8Array;
}

/** The form of Envoy's v3 API. */
export const V3_FORM: SecretForm = {
  typeUrl: 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
  encode: (secret) => SecretV3.encode(SecretV3.fromPartial(messageOf(secret))).finish(),
};

/** The form of Envoy's v2 API. */
export const V2_FORM: SecretForm = {
  typeUrl: 'type.googleapis.com/envoy.api.v2.auth.Secret',
  encode: (secret) => SecretV2.encode(SecretV2.fromPartial(messageOf(secret))).finish(),
};

/** The version of a secret's content: a digest of what is public of it. */
export function versionOf(content: CertificateContent | RootsContent): string {
  const text = content.kind === 'certificate' ? content.chain : content.roots;
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** The version of a response with several secrets. */
export function versionOfAll(secrets: readonly NamedSecret[]): string {
  const [first] = secrets;
  if (secrets.length === 1 && first !== undefined) return first.version;
  const text = secrets.map(({ name, version }) => `${name} ${version}\n`).join('');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Both APIs have these fields under the same names. Istio sends bytes, not text. */
function messageOf({ name, content }: NamedSecret) {
  if (content.kind === 'roots')
    return {
      name,
      type: { $case: 'validationContext', value: { trustedCa: bytes(content.roots) } },
    } as const;
  return {
    name,
    type: {
      $case: 'tlsCertificate',
      value: { certificateChain: bytes(content.chain), privateKey: bytes(content.privateKey) },
    },
  } as const;
}

function bytes(text: string) {
  return { specifier: { $case: 'inlineBytes', value: Buffer.from(text) } } as const;
}
