// The secrets that a TLS context asks for by name, and what for.

import { oncePer } from '../collections/once-per.js';
import type { Message } from '../envoy/message.js';
import type { TlsContext } from './context.js';
import { VALIDATION } from './fields.js';

/** A secret that a context asks for. */
export interface SecretUse {
  readonly purpose: 'certificate' | 'root' | 'session-tickets';
  /** The SdsSecretConfig: a name, and where the secret comes from. */
  readonly message: Message;
  readonly context: TlsContext;
}

const NONE: readonly SecretUse[] = [];

/** The secrets of a context, in the order of the API's fields. */
export const secretUses = oncePer((context: TlsContext): readonly SecretUse[] => {
  const { common, message: at } = context;
  const uses: SecretUse[] = [];
  const add = (purpose: SecretUse['purpose'], message: Message | undefined): void => {
    if (message !== undefined) uses.push({ purpose, message, context });
  };
  for (const config of common?.messages('tls_certificate_sds_secret_configs') ?? [])
    add('certificate', config);
  add('root', common?.message('validation_context_sds_secret_config'));
  add(
    'root',
    common?.message('combined_validation_context')?.message('validation_context_sds_secret_config'),
  );
  add('session-tickets', at.message('session_ticket_keys_sds_secret_config'));
  return uses.length === 0 ? NONE : uses;
});

/** The name that a use asks for; '' where there is none. */
export function secretName({ message }: SecretUse): string {
  return message.text('name') ?? '';
}

/** Where a use's secret comes from; undefined for a static secret of the bootstrap. */
export function secretSource({ message }: SecretUse): Message | undefined {
  return message.message('sds_config');
}

/** The fields of a Secret that hold what each use asks for. */
const CONTENTS: Readonly<Record<SecretUse['purpose'], string>> = {
  certificate: 'tls_certificate',
  root: VALIDATION,
  'session-tickets': 'session_ticket_keys',
};

/** The field of a Secret that holds what a use asks for. */
export function askedContent({ purpose }: SecretUse): string {
  return CONTENTS[purpose];
}

/** The field of a Secret that holds what it delivers; undefined where it holds nothing. */
export function heldContent(secret: Message): string | undefined {
  return [...Object.values(CONTENTS), 'generic_secret'].find((field) => secret.has(field));
}

/** Whether a Secret is for others than TLS contexts. */
export function isGeneric(secret: Message): boolean {
  return secret.has('generic_secret');
}
