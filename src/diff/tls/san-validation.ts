// Upstream names that are checked by what stands outside of the TLS context: the HTTP options of a cluster can
// ask that the server's certificate has the name that a request asks for.

import type { Difference } from '../meaning/compare.js';
import { type Meaning, MessageMeaning } from '../meaning/meaning.js';
import type { TlsDifference } from './change.js';

const FIELD = 'auto_san_validation';

/** Where the options stand, in the versions of the API. */
const HOLDERS = ['typed_extension_protocol_options', 'upstream_http_protocol_options'];

/** What a change of a cluster's HTTP options means; undefined where it leaves the check of names as it is. */
export function sanValidationDifference({
  old,
  new: now,
  path,
  field,
}: Difference): TlsDifference | undefined {
  if (field?.name !== FIELD && !HOLDERS.includes(field?.name ?? '')) return undefined;
  const isValue = path?.step === `.${FIELD}`;
  const [was, is] = [old, now].map((meaning) => (isValue ? isOn(meaning) : validates(meaning)));
  if (was === is) return undefined;
  const message = is
    ? 'the server name is checked against the certificate now'
    : 'the server name is no longer checked against the certificate';
  return { class: is ? 'tightened' : 'loosened', field: FIELD, message, old: String(was), new: String(is) };
}

/** Whether a difference is of the options, which deprecated fields and their successors say alike. */
export function isSanValidation({ field }: TlsDifference): boolean {
  return field === FIELD;
}

function validates(meaning: Meaning | undefined): boolean {
  if (meaning?.shape === 'map') return [...meaning.members.values()].some(validates);
  if (!(meaning instanceof MessageMeaning)) return false;
  return isOn(meaning.get(FIELD)) || validates(meaning.get('upstream_http_protocol_options'));
}

function isOn(meaning: Meaning | undefined): boolean {
  return meaning?.shape === 'scalar' && meaning.value === true;
}
