// What `manifests sds-agent` does: what is asked for over what the Helm values say, over Istio's defaults.

import type { Finding } from '../finding/finding.js';
import { NODE_AGENT_URI, withoutUnixScheme } from '../istio/sockets.js';
import { DEFAULT_DOMAIN } from '../istio/trust-domain.js';
import { quoted, quotedValue } from '../secrecy/quoted.js';
import { DEFAULT_MINOR, kubernetesMinor, OLDEST_MINOR } from './api-versions.js';
import {
  type CertificateAuthority,
  certificateAuthority,
  type Integration,
} from './certificate-authority.js';
import type { AgentValues } from './helm-values.js';
import { manifestsText } from './manifest.js';
import { sdsAgent } from './sds-agent.js';

/** A node agent as it is asked for; what is absent comes from the values, or is Istio's default. */
export interface AgentRequest {
  /** `citadel`, `vault`, or the name of another CA's client in the agent. */
  readonly ca?: string;
  readonly caAddress?: string;
  /** What calls an external CA: nothing (its signing key is injected), Citadel, or the agent. */
  readonly integration?: Integration;
  /** Environment of the CA's client. */
  readonly options?: { readonly [name: string]: string };
  /** `1.30` and its like. */
  readonly kubernetes?: string;
  readonly namespace?: string;
  readonly image?: string;
  /** Of Citadel, where it is a part of the way to the CA. */
  readonly citadelImage?: string;
  readonly trustDomain?: string;
  readonly values?: AgentValues;
}

/** The manifests as YAML; undefined where findings of level error say why there are none. */
export interface AgentText {
  readonly text: string | undefined;
  readonly findings: readonly Finding[];
}

const DEFAULT_HUB = 'docker.io/istio';
const DEFAULT_TAG = '1.1.7';
const DEFAULT_IMAGE = 'node-agent-k8s';
const CITADEL_IMAGE = 'citadel';

/** Makes the manifests of the node agent. */
export function sdsAgentManifests(request: AgentRequest): AgentText {
  const { namespace = 'istio-system', values = { env: {} } } = request;
  const findings: Finding[] = [];
  const { CA_PROVIDER, CA_ADDR, ...env } = values.env;
  const ca = request.ca ?? CA_PROVIDER;
  // What the values say of another CA does not hold for this one.
  const sameCa = request.ca === undefined || sameProvider(request.ca, CA_PROVIDER);
  if (!/^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/.test(namespace))
    findings.push(
      wrong(
        'namespace',
        `${quoted(namespace)} is not a valid name for a namespace`,
        'lowercase letters, digits and hyphens',
      ),
    );
  const minor = minorOf(request.kubernetes, findings);
  if (ca === undefined)
    findings.push(wrong('no-ca', 'no CA is specified', '--ca, or nodeagent.env.CA_PROVIDER in the values'));
  const address = request.caAddress ?? (sameCa ? CA_ADDR : undefined);
  const { authority, findings: wrongCa } =
    ca === undefined
      ? { authority: undefined, findings: [] }
      : certificateAuthority({
          ca,
          address,
          integration: request.integration,
          env: { ...env, ...request.options },
        });
  findings.push(...wrongCa, ...citadelImageFindings(request, authority));
  if (authority === undefined || findings.some(isError)) return { text: undefined, findings };
  const agent = sdsAgent({
    authority,
    namespace,
    minor,
    image: request.image ?? imageOf(values),
    citadelImage: request.citadelImage ?? imageOf({ ...values, image: CITADEL_IMAGE }),
    imagePullPolicy: values.imagePullPolicy,
    priorityClassName: values.priorityClassName,
    trustDomain: request.trustDomain ?? values.trustDomain ?? DEFAULT_DOMAIN,
    socket: withoutUnixScheme(values.udsPath ?? NODE_AGENT_URI),
    projectedToken: values.useTrustworthyJwt ?? true,
  });
  findings.push(...agent.findings);
  return { text: findings.some(isError) ? undefined : manifestsText(agent.manifests), findings };
}

function citadelImageFindings(
  { citadelImage }: AgentRequest,
  authority: CertificateAuthority | undefined,
): Finding[] {
  const integration = authority?.integration;
  if (
    citadelImage !== undefined &&
    (authority === undefined || integration === 'citadel' || integration === 'signing-key')
  )
    return [];
  if (citadelImage !== undefined)
    return [
      wrong(
        'citadel-image',
        '--citadel-image is set, but Citadel is not part of the manifests',
        '--integration citadel or signing-key, or no --citadel-image',
      ),
    ];
  if (integration !== 'citadel') return [];
  return [
    {
      code: 'citadel-image',
      level: 'warning',
      message: `Istio's Citadel image has no client for ${authority?.provider}`,
      expected: '--citadel-image with a build of Citadel that has this client',
    },
  ];
}

function sameProvider(ca: string, provider: string | undefined): boolean {
  return (
    provider !== undefined &&
    provider.toLowerCase().replace(/ca$/, '') === ca.toLowerCase().replace(/ca$/, '')
  );
}

function minorOf(text: string | undefined, findings: Finding[]): number {
  if (text === undefined) return DEFAULT_MINOR;
  const minor = kubernetesMinor(text);
  if (minor === undefined)
    findings.push(
      wrong('kubernetes', `${quotedValue(text)} is not a Kubernetes version`, 'a version such as 1.30'),
    );
  else if (minor < OLDEST_MINOR)
    findings.push(wrong('kubernetes', `Kubernetes ${text} is not supported`, `1.${OLDEST_MINOR} or later`));
  return minor ?? DEFAULT_MINOR;
}

/** The image as the chart puts it together. */
function imageOf({ image = DEFAULT_IMAGE, hub = DEFAULT_HUB, tag = DEFAULT_TAG }: AgentValues): string {
  return image.includes('/') ? image : `${hub}/${image}:${tag}`;
}

function wrong(code: string, message: string, expected: string): Finding {
  return { code, level: 'error', message, expected };
}

function isError({ level }: Finding): boolean {
  return level === 'error';
}
