// What a context presents: which certificates are the same, whatever their order and however they arrive.

import { shownSetting } from '../../disclosure/shown-value.js';
import { CERTIFICATES, type CertificateRole, certificateRole } from '../../tls/fields.js';
import { certificateText } from '../../tls/in-words.js';
import type { Certificate } from '../../tls/settings.js';
import type { TlsClass, TlsDifference } from './change.js';
import { relateCertificates, type SecretRules } from './same-secret.js';
import { sameValue } from './same-value.js';
import { channelChanges } from './secret-source.js';
import { deliveryDifference, difference, namesOf } from './tls-difference.js';

/** What two contexts present differently. */
export function certificateDifferences(
  old: readonly Certificate[],
  now: readonly Certificate[],
  rules: SecretRules,
): TlsDifference[] {
  if (old.length === 0 && now.length === 0) return [];
  const left = [...old];
  const right = [...now];
  const found: TlsDifference[] = [];
  // Those that are the same first, so that one more or less does not shift the others.
  for (const relation of ['same', 'unknown'] as const) {
    for (const one of [...left]) {
      const other = right.find((candidate) => relateCertificates(one, candidate, rules).is === relation);
      if (other === undefined) continue;
      left.splice(left.indexOf(one), 1);
      right.splice(right.indexOf(other), 1);
      found.push(...certificateDifference(one, other, rules));
    }
  }
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [one, other] = [left[i], right[i]];
    const message =
      one === undefined
        ? 'another certificate is presented as well'
        : other === undefined
          ? 'a certificate is no longer presented'
          : 'another certificate is presented';
    found.push(difference('identity', CERTIFICATES, message, certificateText(one), certificateText(other)));
  }
  if (left.length === 0 && found.length === 0 && old.length > 1) {
    const order = (list: readonly Certificate[]): string => list.map(certificateText).join(', ');
    if (order(old) !== order(now))
      found.push(
        difference('negotiation', CERTIFICATES, 'the order of certificates changes', order(old), order(now)),
      );
  }
  return found;
}

function certificateDifference(old: Certificate, now: Certificate, rules: SecretRules): TlsDifference[] {
  const relation = relateCertificates(old, now, rules);
  const found = deliveryDifference(
    relation,
    'certificate',
    CERTIFICATES,
    certificateText(old),
    certificateText(now),
  );
  if (old.delivery === 'sds' && now.delivery === 'sds')
    found.push(...channelChanges(old.secret.source, now.secret.source, CERTIFICATES, rules));
  if (old.delivery !== 'direct' || now.delivery !== 'direct') return found;
  for (const name of namesOf(old.extras, now.extras)) {
    const [was, is] = [old.extras[name], now.extras[name]];
    if (sameValue(was, is)) continue;
    const role = certificateRole(name);
    const kind = role === undefined ? 'other' : KINDS[role];
    found.push(
      difference(
        kind,
        `${CERTIFICATES}.${name}`,
        `${name} changes`,
        shownSetting(name, was),
        shownSetting(name, is),
      ),
    );
  }
  return found;
}

/** How files are watched and opened is a matter of delivery. */
const KINDS: Readonly<Record<CertificateRole, TlsClass>> = {
  key: 'identity',
  password: 'delivery',
  'watched-folder': 'delivery',
};
