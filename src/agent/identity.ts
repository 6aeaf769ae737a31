// A workload's identity: the service account that it runs as.

/** A service account of a trust domain. */
export interface Identity {
  readonly trustDomain: string;
  readonly namespace: string;
  readonly account: string;
}

const NAME = /^[a-z\d](?:[-a-z\d.]{0,251}[a-z\d])?$/;

/** The SPIFFE ID, as Istio forms it. */
export function spiffeId({ trustDomain, namespace, account }: Identity): string {
  return `spiffe://${trustDomain}/ns/${namespace}/sa/${account}`;
}

/** Reads `NAMESPACE/ACCOUNT` or a SPIFFE ID; undefined where the text is neither. */
export function readIdentity(text: string, trustDomain: string): Identity | undefined {
  const id = /^spiffe:\/\/([^/]+)\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(text);
  const short = /^([^/:]+)\/([^/:]+)$/.exec(text);
  const [domain, namespace, account] = id?.slice(1) ?? [trustDomain, ...(short?.slice(1) ?? [])];
  return checked(domain, namespace, account);
}

/** Reads the subject of a service account's token, `system:serviceaccount:NAMESPACE:ACCOUNT`. */
export function identityOfSubject(subject: string, trustDomain: string): Identity | undefined {
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(subject) ?? [];
  return checked(trustDomain, namespace, account);
}

function checked(domain?: string, namespace?: string, account?: string): Identity | undefined {
  if (domain === undefined || namespace === undefined || account === undefined) return undefined;
  if (!NAME.test(domain) || !NAME.test(namespace) || !NAME.test(account)) return undefined;
  return { trustDomain: domain, namespace, account };
}
