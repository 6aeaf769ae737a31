// Who may do what, once it is known who they are: RBAC, JWT, external authorization and the like. Their changes
// are no matter of trust, and have a class of their own.

import { oncePer } from '../../collections/once-per.js';
import type { MessageInfo } from '../../envoy/api-table.js';
import type { Difference } from '../meaning/compare.js';
import type { Meaning, MessageMeaning } from '../meaning/meaning.js';
import type { TlsDifference } from './change.js';
import { aroundDifference } from './tls-difference.js';

/** Packages of filters that let requests and connections through or not. */
const AUTHORIZES =
  /^(?:envoy|istio)\..*\b(?:rbac|jwt_authn|jwt_auth|ext_authz|oauth2|basic_auth|api_key_auth|authn|authz|proto_api_scrubber)\./;

/** Names of such filters, where their type is not known. */
const NAMES_AUTHORIZATION = /\b(?:rbac|jwt[-_]authn?|ext_authz|oauth2|basic_auth|api_key_auth|istio_authn)\b/;

const isAuthorization = oncePer(({ name }: MessageInfo): boolean => AUTHORIZES.test(name));

/** What a difference means for authorization; undefined where it is no matter of that. */
export function authorizationDifference(difference: Difference): TlsDifference | undefined {
  if (!isWithin(difference.holder) && ![difference.old, difference.new].some(authorizes)) return undefined;
  return aroundDifference('authorization', 'authorization changes');
}

function isWithin(holder: MessageMeaning | undefined): boolean {
  for (let at = holder?.message; at !== undefined; at = at.around) if (isAuthorization(at.type)) return true;
  return false;
}

function authorizes(meaning: Meaning | undefined): boolean {
  if (meaning === undefined || meaning.shape === 'scalar') return false;
  if (meaning.shape === 'list') return meaning.items.some(authorizes);
  if (meaning.shape === 'map')
    return [...meaning.members].some(
      ([name, member]) => NAMES_AUTHORIZATION.test(name) || authorizes(member),
    );
  if (isAuthorization(meaning.type)) return true;
  const name = meaning.get('name');
  const isExtension = meaning.type.field('typed_config') !== undefined;
  if (isExtension && name?.shape === 'scalar' && NAMES_AUTHORIZATION.test(String(name.value))) return true;
  return [...meaning.members.keys()].some((inner) => authorizes(meaning.get(inner)));
}
