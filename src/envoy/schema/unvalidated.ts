// Messages whose validate rules Envoy does not ask for: it takes a value that breaks them.

/** The codes of faults that validate rules alone make. */
const RULES: ReadonlySet<string> = new Set(['broken-rule', 'missing-field']);

/**
 * What Envoy 1.40 reads without its rules, with the codes of what it takes. Typed load balancing policies: a
 * LeastRequest with `choice_count: 1` starts, but it checks in code that a subset has policies, that a `table_size`
 * is prime and that ring sizes are in order. The SPIFFE validator: it starts without trust domains.
 */
const UNVALIDATED: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig', RULES] as const,
  ...[
    ['client_side_weighted_round_robin.v3.ClientSideWeightedRoundRobin', RULES] as const,
    ['least_request.v3.LeastRequest', RULES] as const,
    ['maglev.v3.Maglev', RULES] as const,
    ['random.v3.Random', RULES] as const,
    ['ring_hash.v3.RingHash', RULES] as const,
    ['round_robin.v3.RoundRobin', RULES] as const,
    ['subset.v3.Subset', new Set(['broken-rule'])] as const,
  ].map(([name, codes]) => [`envoy.extensions.load_balancing_policies.${name}`, codes] as const),
]);

/** What such an extension is in, and a policy may hold policies of its own in. */
const BORDER = 'envoy.config.core.v3.TypedExtensionConfig';

/**
 * Whether Envoy takes what a fault is about.
 *
 * @param code of the fault
 * @param holders the names of the messages around, from the outermost on
 */
export function isTaken(code: string, holders: readonly string[]): boolean {
  if (!RULES.has(code)) return false;
  const inside = holders.slice(holders.lastIndexOf(BORDER) + 1);
  return inside.some((name) => UNVALIDATED.get(name)?.has(code));
}
