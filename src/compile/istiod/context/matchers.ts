// Envoy's matchers of texts and of metadata.

import type { StringMatcher } from '../../../envoy/generated/types/envoy/type/matcher/v3/string.js';
import type { ValueMatcher } from '../../../envoy/generated/types/envoy/type/matcher/v3/value.js';
import type { StringMatch } from '../../../envoy/generated/types/networking/v1/virtual_service.js';

/** A StringMatch as Envoy has it; undefined where it says nothing. */
export function stringMatcher({ exact, prefix, regex }: StringMatch): StringMatcher | undefined {
  if (exact !== undefined) return { exact };
  if (prefix !== undefined) return { prefix };
  return regex === undefined ? undefined : { safe_regex: { regex } };
}

/** The filter that checks tokens; it keeps what they claim in metadata of its name. */
export const JWT_FILTER = 'envoy.filters.http.jwt_authn';
/** Under which key. */
export const JWT_PAYLOAD = 'payload';

/** A matcher of one value of metadata. */
export function metadataMatcher(filter: string, path: readonly string[], value: ValueMatcher) {
  return { filter, path: path.map((key) => ({ key })), value };
}

/** A matcher of a claim, which may be a list of values. */
export function claimMatcher(claims: readonly string[], value: ValueMatcher) {
  return metadataMatcher(JWT_FILTER, [JWT_PAYLOAD, ...claims], {
    or_match: { value_matchers: [{ list_match: { one_of: value } }, value] },
  });
}
