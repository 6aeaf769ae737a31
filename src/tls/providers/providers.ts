// The providers of secrets, in the order of the help text.

import { custom } from './custom.js';
import type { ProviderDescriptor } from './descriptor.js';
import { files } from './files.js';
import { istio } from './istio.js';
import { istioAgent } from './istio-agent.js';
import { spire } from './spire.js';

/** All providers. */
export const PROVIDERS = [
  istio,
  istioAgent,
  spire,
  files,
  custom,
] as const satisfies readonly ProviderDescriptor[];

export type ProviderName = (typeof PROVIDERS)[number]['name'];

/** The descriptor of a provider; by default Istio's node agent. */
export function providerNamed(name: ProviderName | undefined): ProviderDescriptor {
  return PROVIDERS.find((provider) => provider.name === name) ?? istio;
}
