// What a compilation made, for people.

import { compareText } from '../collections/compare-text.js';
import { RESOURCE_KINDS, type ResourceKind } from '../compile/output/response.js';
import type { Written } from '../compile/output/writer.js';
import type { Istio } from '../mesh/istio-api.js';
import type { ProxyDescription } from '../mesh/proxy.js';
import { visible } from '../secrecy/visible.js';
import type { Paint } from './finding-text.js';

/** What was compiled. */
export interface CompileSummary {
  readonly proxies: readonly Pick<ProxyDescription, 'id' | 'type'>[];
  /** Undefined where only one proxy was asked for. */
  readonly withoutSidecar: number | undefined;
  readonly kinds: readonly ResourceKind[];
  readonly counts: { readonly [Kind in ResourceKind]: Written };
  /** Kinds of resources that do not matter, with their numbers. */
  readonly ignored: ReadonlyMap<string, number>;
  /** The folder; undefined for standard output. */
  readonly output: string | undefined;
  /** The release of Istio whose control plane this is of. */
  readonly istio: Istio;
}

/** The summary as lines of text. */
export function compileSummary(summary: CompileSummary, paint: Paint): string {
  const { proxies, withoutSidecar, kinds, counts, ignored, output, istio } = summary;
  const into = `${output === undefined ? '' : ` into ${output}`}, Istio ${istio}`;
  const lines =
    withoutSidecar === undefined
      ? [
          `${paint.strong(visible(proxies[0]?.id || 'the proxy'))}${into}: ${kinds.map((kind) => numbered(counts[kind].written, kind)).join(', ')}`,
        ]
      : fleetLines(proxies, withoutSidecar, kinds, counts, into, paint);
  if (ignored.size > 0) {
    const others = [...ignored].sort(([a], [b]) => compareText(a, b));
    lines.push(
      `  ${paint.faint(`not read: ${others.map(([kind, count]) => `${number(count)} ${visible(kind || 'without a kind')}`).join(', ')}`)}`,
    );
  }
  return lines.join('\n');
}

function fleetLines(
  proxies: CompileSummary['proxies'],
  withoutSidecar: number,
  kinds: readonly ResourceKind[],
  counts: CompileSummary['counts'],
  into: string,
  paint: Paint,
): string[] {
  const gateways = proxies.filter(({ type }) => type === 'router').length;
  const lines = [
    `${paint.strong(plural(proxies.length, 'proxy', 'proxies'))}${into}: ${plural(proxies.length - gateways, 'sidecar')}, ${plural(gateways, 'gateway')}`,
  ];
  for (const kind of RESOURCE_KINDS) {
    if (!kinds.includes(kind)) continue;
    const { written, made } = counts[kind];
    lines.push(`  ${numbered(written, kind)} written, ${number(made)} made: the rest are shared`);
  }
  if (withoutSidecar > 0)
    lines.push(`  ${plural(withoutSidecar, 'workload')} left out: sidecar.istio.io/inject is false`);
  return lines;
}

/** A number of resources; the kinds are plurals. */
function numbered(count: number, kind: ResourceKind): string {
  return `${number(count)} ${count === 1 ? kind.slice(0, -1) : kind}`;
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

function number(count: number): string {
  return count.toLocaleString('en');
}
