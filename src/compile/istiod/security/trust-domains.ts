// Trust domains: those that clients may be of, and principals in all of a mesh's (istiod 1.29's trustdomain).

import type { Settings } from '../../../mesh/istiod/model.js';
import type { Context } from '../context/context.js';

/** The trust domains that clients may be of; none for any. */
export function clientDomains({ mesh, features }: Context): readonly string[] {
  if (features.skipValidateTrustDomain) return [];
  const { trust_domain, trust_domain_aliases, ca_certificates = [] } = mesh.settings;
  const all = [
    trust_domain,
    ...trust_domain_aliases,
    ...ca_certificates.flatMap(({ trust_domains = [] }) => trust_domains),
  ];
  return [...new Set(all.filter((domain) => domain !== ''))];
}

const DEFAULT_DOMAIN = 'cluster.local';

/** Principals in all trust domains of the mesh, where they are in one of them. */
export function inAllDomains(settings: Settings, principals: readonly string[]): readonly string[] {
  const domains = [settings.trust_domain, ...settings.trust_domain_aliases];
  return principals.flatMap((principal) => {
    const [own = '', ...rest] = principal.split('/');
    if (rest.length !== 4 || own === '*') return [principal];
    if (own !== DEFAULT_DOMAIN && !domains.some((domain) => isAlike(own, domain))) return [principal];
    return [
      ...new Set(domains.map((domain) => (endsAlike(domain, own) ? principal : [domain, ...rest].join('/')))),
    ];
  });
}

function isAlike(a: string, b: string): boolean {
  return a === b || b === '*' || beginsAlike(a, b) || beginsAlike(b, a) || endsAlike(a, b) || endsAlike(b, a);
}

function beginsAlike(text: string, pattern: string): boolean {
  return pattern.endsWith('*') && text.startsWith(pattern.slice(0, -1));
}

function endsAlike(text: string, pattern: string): boolean {
  return pattern.startsWith('*') && text.endsWith(pattern.slice(1));
}
