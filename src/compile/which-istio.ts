// Which Istio's control plane is reproduced: the one that is asked for, else the one that the resources are
// for, else the one that the proxy is of.

import type { Finding } from '../finding/finding.js';
import { firstOfEachIstio, type Istio, type IstioResource } from '../mesh/istio-api.js';
import { quoted } from '../secrecy/quoted.js';
import { type CompileInput, documentsOf } from './sources.js';

/** What decides. */
export interface IstioHints {
  /** The release that is asked for. */
  readonly given?: Istio;
  /** `ISTIO_VERSION` of the proxy; '' where it does not say. */
  readonly proxyVersion?: string;
}

/** The release, and a finding about the choice: an error where it cannot be made. */
export interface ChosenIstio {
  readonly istio: Istio;
  readonly findings: readonly Finding[];
}

/** Chooses the release. */
export function whichIstio(
  inputs: readonly CompileInput[],
  { given, proxyVersion = '' }: IstioHints,
): ChosenIstio {
  if (given !== undefined) return { istio: given, findings: [] };
  const shown = firstOfEachIstio(documentsOf(inputs));
  const old = shown.get('1.1');
  const today = shown.get('1.29');
  if (old !== undefined && today !== undefined) return { istio: '1.29', findings: [ambiguous(old, today)] };
  if (today !== undefined) return { istio: '1.29', findings: [] };
  if (old !== undefined) return { istio: '1.1', findings: [] };
  if (proxyVersion !== '')
    return { istio: /^1\.[01](?!\d)/.test(proxyVersion) ? '1.1' : '1.29', findings: [] };
  return { istio: '1.1', findings: [NOTHING_SHOWN] };
}

const NOTHING_SHOWN: Finding = {
  code: 'istio-assumed',
  level: 'note',
  message: 'nothing in the inputs shows which Istio they are for: this is what Pilot 1.1 makes of them',
  remedy: 'pass --istio 1.1 or --istio 1.29',
};

function ambiguous(old: IstioResource, today: IstioResource): Finding {
  const { source, tape } = today.document;
  const start = tape.start(today.node);
  const { line } = old.document.source.region(old.document.tape.start(old.node), 0);
  return {
    code: 'two-istios',
    level: 'error',
    message: `this ${quoted(today.kind)} is of ${quoted(today.apiVersion)}, but the ${quoted(old.kind)} in ${old.document.source.name}:${line} is of ${quoted(old.apiVersion)}, which Istio 1.1 has`,
    expected: 'resources for one Istio',
    remedy: 'pass --istio 1.1 or --istio 1.29; the resources of the other are not applied',
    region: source.region(start, start),
  };
}
