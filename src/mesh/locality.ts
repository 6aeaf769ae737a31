// Where an endpoint is: a locality's name, `region/zone/subzone`, with less of it where less is known
// (Pilot 1.1's ServiceInstance.GetLocality and util.ConvertLocality).

import type { Labels } from './model.js';

/** A place of the network. */
export interface Locality {
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
}

/** Overrides the locality of an instance in its registry. Labels cannot contain slashes, so dots may replace them. */
const LABEL = 'istio-locality';

/**
 * The name of an instance's locality.
 *
 * @param registered what its registry says
 */
export function localityName(labels: Labels | undefined, registered: string): string {
  const label = labels?.[LABEL] ?? '';
  if (label === '') return registered;
  return label.includes('/') ? label : label.replaceAll('.', '/');
}

/** The locality of a name; undefined for none. */
export function parseLocality(name: string): Locality | undefined {
  if (name === '') return undefined;
  const [region = '', zone = '', subZone = ''] = name.split('/');
  return { region, zone, subZone };
}
