// What `xdsc plan` does: reads the inputs, plans, and prints the plan.

import { deliver } from '../../convert/delivery.js';
import { readMeshSettings } from '../../convert/mesh-settings.js';
import { podDelivery } from '../../convert/pod-delivery.js';
import type { Finding } from '../../finding/finding.js';
import { kubernetesMinor } from '../../kubernetes/api-versions.js';
import { readMeshConfig } from '../../mesh/mesh-config.js';
import { plan } from '../../plan/plan.js';
import { planMarkdown } from '../../report/plan-markdown.js';
import { quoted } from '../../secrecy/quoted.js';
import { visibleJson } from '../../secrecy/visible.js';
import { configMapEntries } from '../../source/config-map.js';
import { readSource } from '../../source/document.js';
import { EXIT, Failure } from '../exit.js';
import { type Input, readInputs, readText } from '../inputs.js';
import { tell } from '../tell.js';
import { tellReport } from '../told.js';

/** The command's options as they were given. */
export interface PlanFlags {
  readonly output?: string;
  readonly format: 'markdown' | 'json';
  readonly mesh?: string;
  readonly ca: string;
  readonly caAddress?: string;
  readonly root?: 'same' | 'new';
  readonly token?: string;
  readonly kubernetes?: string;
  readonly switch?: 'mesh' | 'workload';
  readonly trust?: 'both' | 'one';
  readonly allowPlaintext?: boolean;
  readonly waveSize: number;
}

/** Runs the command and gives the exit status. */
export async function runPlan(paths: readonly string[], flags: PlanFlags): Promise<number> {
  const { kubernetes } = flags;
  if (kubernetes !== undefined && kubernetesMinor(kubernetes) === undefined)
    throw new Failure(`--kubernetes ${quoted(kubernetes)} is not a version such as 1.30`);
  const findings: Finding[] = [];
  const { inputs, findings: unread } = await readInputs(paths, {
    stdinFilename: '<stdin>',
    output: flags.output,
  });
  findings.push(...unread);
  const mesh = readMesh(flags.mesh, inputs, findings);
  const options = {
    ...(flags.token !== undefined && { token: flags.token }),
    ...(mesh?.sds !== undefined && { mesh: mesh.sds }),
    ...(mesh?.settings.trust_domain && { trustDomain: mesh.settings.trust_domain }),
    keepSecret: true,
  };
  const delivery = deliver(options);
  if ('problem' in delivery) throw new Failure(delivery.problem);
  const { output, format, mesh: meshFile, token: _token, ...rest } = flags;
  const result = plan(
    inputs.filter(({ path }) => path !== meshFile),
    {
      ...rest,
      root: flags.root ?? (flags.ca.toLowerCase() === 'citadel' ? 'same' : 'new'),
      provider: delivery.provider,
      pods: podDelivery(options, delivery.provider),
      ...(mesh !== undefined && { settings: mesh.settings }),
      ...(meshFile !== undefined && { meshFile }),
    },
  );
  findings.push(...result.findings);
  const status = tell(findings);
  if (result.plan === undefined || status !== EXIT.done) return status;
  const text = format === 'json' ? `${visibleJson(result.plan, 2)}\n` : planMarkdown(result.plan);
  tellReport(text, output);
  return result.plan.result === 'no-order' ? EXIT.findings : EXIT.done;
}

/** The mesh's settings, and what they say of SDS; a mesh without SDS has its usual socket after the move. */
function readMesh(path: string | undefined, inputs: readonly Input[], findings: Finding[]) {
  const given = path === undefined ? inputs.find(holdsMesh) : { name: path, ...readText(path, path) };
  if (given === undefined) return undefined;
  if ('code' in given) {
    findings.push(given);
    return undefined;
  }
  const { settings, findings: wrong } = readMeshConfig(given.name, given.text);
  findings.push(...wrong);
  const sds = readMeshSettings(given.name, given.text).settings;
  return settings === undefined
    ? undefined
    : { settings, sds: sds === undefined || sds.sdsUdsPath === '' ? undefined : sds };
}

/** Whether an input has the ConfigMap that Helm writes the mesh's settings to. */
function holdsMesh({ name, text }: Input): boolean {
  if (!/\bConfigMap\b/.test(text)) return false;
  return readSource(name, text).documents.some((document) =>
    configMapEntries(document).some(({ configMap, key }) => configMap === 'istio' && key === 'mesh'),
  );
}
