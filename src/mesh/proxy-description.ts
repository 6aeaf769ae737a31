// The description of a proxy's node: read from a file like proxy.json, or derived from the pod that it runs in.

import { type NormalValue, plainValue } from '../envoy/normal-value.js';
import type { Finding } from '../finding/finding.js';
import { nearName } from '../finding/near-name.js';
import { quoted, quotedValue } from '../secrecy/quoted.js';
import { readSource } from '../source/document.js';
import { Kind, type Tape } from '../source/tape.js';
import { hasLabels } from './instances.js';
import type { Locality } from './locality.js';
import { type Mesh, UNSPECIFIED_ADDRESS, type Workload } from './model.js';
import type { ProxyDescription } from './proxy.js';

/** A proxy as a file describes it, with what else the file says of its installation. */
export interface ProxyFile {
  readonly description: ProxyDescription;
  /** Its metadata as they are written; the description has them as texts. */
  readonly metadata?: { readonly [name: string]: NormalValue };
  /** Settings of Pilot's environment (`pilot_env`). */
  readonly environment: { readonly [name: string]: string };
  /** Routes that are asked for beside those that the listeners name. */
  readonly routes: readonly string[];
}

/** A proxy file, or findings of level error that say why there is none. */
export interface ReadProxyFile {
  readonly file: ProxyFile | undefined;
  readonly findings: readonly Finding[];
}

const FIELDS = ['type', 'ip', 'id', 'domain', 'metadata', 'locality', 'pilot_env', 'routes'];

/** Reads a proxy's description in JSON or YAML. */
export function readProxyFile(name: string, text: string): ReadProxyFile {
  const source = readSource(name, text);
  const findings: Finding[] = [...source.findings];
  const [document] = source.documents;
  if (document === undefined) return { file: undefined, findings };
  const { tape } = document;
  const report = (node: number, message: string, expected: string, suggestion?: string): void => {
    findings.push({
      code: 'proxy-file',
      level: 'error',
      message,
      expected,
      ...(suggestion !== undefined && { suggestion }),
      region: source.region(tape.start(node), tape.end(node)),
    });
  };
  if (tape.kind(0) !== Kind.Map) {
    report(0, 'this is not a proxy description', `a map of ${FIELDS.join(', ')}`);
    return { file: undefined, findings };
  }
  for (let key = 1; key < (tape.links[0] as number); key = tape.next(key + 1)) {
    const field = tape.name(key);
    if (!FIELDS.includes(field))
      report(
        key,
        `a proxy description has no field ${quoted(field)}`,
        FIELDS.join(', '),
        nearName(field, FIELDS),
      );
  }
  const type = tape.get(0, 'type');
  const typeName = type < 0 ? 'sidecar' : tape.string(type);
  if (typeName !== 'sidecar' && typeName !== 'router')
    report(
      type,
      `type is ${quotedValue(typeName)}`,
      'sidecar or router',
      nearName(typeName, ['sidecar', 'router']),
    );
  for (const field of ['ip', 'domain']) {
    if (tape.get(0, field) < 0) report(0, `the proxy's ${field} is missing`, `the field ${field}`);
  }
  if (findings.some(({ level }) => level === 'error')) return { file: undefined, findings };
  const locality = tape.get(0, 'locality');
  return {
    file: {
      description: {
        type: typeName as ProxyDescription['type'],
        ip: textAt(tape, 'ip'),
        id: textAt(tape, 'id'),
        domain: textAt(tape, 'domain'),
        metadata: textsAt(tape, 'metadata'),
        locality: locality < 0 ? undefined : localityAt(tape, locality),
      },
      metadata: mapAt(tape, 'metadata'),
      environment: textsAt(tape, 'pilot_env'),
      routes: listAt(tape, 'routes'),
    },
    findings,
  };
}

function textAt(tape: Tape, name: string): string {
  const node = tape.get(0, name);
  return node < 0 ? '' : tape.string(node);
}

function textsAt(tape: Tape, name: string): { readonly [name: string]: string } {
  return Object.fromEntries(Object.entries(mapAt(tape, name)).map(([key, text]) => [key, String(text)]));
}

function mapAt(tape: Tape, name: string): { readonly [name: string]: NormalValue } {
  const node = tape.get(0, name);
  const value = node < 0 ? {} : plainValue(tape, node);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return {};
  return value as { readonly [name: string]: NormalValue };
}

function listAt(tape: Tape, name: string): readonly string[] {
  const node = tape.get(0, name);
  const value = node < 0 ? [] : plainValue(tape, node);
  return Array.isArray(value) ? value.map(String) : [];
}

function localityAt(tape: Tape, node: number): Locality {
  const text = (...names: string[]): string => {
    const found = names.map((name) => tape.get(node, name)).find((value) => value >= 0);
    return found === undefined ? '' : tape.string(found);
  };
  return { region: text('region'), zone: text('zone'), subZone: text('sub_zone', 'subZone') };
}

/** The version that a described proxy has: that of the Pilot whose output is reproduced. */
const PROXY_VERSION = '1.1.7';

/**
 * The workload of a name.
 *
 * @param name that of a Pod or of what makes Pods, followed by a dot and its namespace where there are several
 */
export function workloadNamed({ workloads }: Mesh, name: string): Workload | undefined {
  const full =
    workloads.find((workload) => name === `${workload.name}.${workload.namespace}`) ??
    workloads.find(({ owner, namespace }) => owner !== '' && name === `${owner}.${namespace}`);
  if (full !== undefined) return full;
  const alike = workloads.filter((workload) => name === workload.name || name === workload.owner);
  const [first] = alike;
  return alike.every(({ namespace }) => namespace === first?.namespace) ? first : undefined;
}

/** The id of a workload's proxy, `NAME.NAMESPACE`. */
function proxyId({ name, namespace }: Workload): string {
  return `${name}.${namespace}`;
}

/** A proxy as the injector would describe it for a workload. */
export function describeWorkload(mesh: Mesh, workload: Workload): ProxyDescription {
  return {
    type: isGateway(mesh, workload) ? 'router' : 'sidecar',
    ip: workload.ip || UNSPECIFIED_ADDRESS,
    id: proxyId(workload),
    domain: `${workload.namespace}.svc.${mesh.domainSuffix}`,
    metadata: {
      ...workload.labels,
      ISTIO_PROXY_VERSION: PROXY_VERSION,
      POD_NAME: workload.name,
      CONFIG_NAMESPACE: workload.namespace,
      INTERCEPTION_MODE:
        workload.annotations['sidecar.istio.io/interceptionMode'] ??
        mesh.settings.default_config?.interception_mode ??
        'REDIRECT',
    },
    // A node has a locality only if it is configured; otherwise the registry has it.
    locality: undefined,
    workload,
  };
}

/** Whether a Gateway is for a pod, by its labels. */
export function isGateway({ configs }: Mesh, { labels }: Workload): boolean {
  return configs.Gateway.some(({ spec }) => {
    const selector = spec.selector ?? {};
    return Object.keys(selector).length > 0 && hasLabels(labels, selector);
  });
}
