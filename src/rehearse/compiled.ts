// What a proxy starts from and watches: its bootstrap with discovery files beside it, as `xdsc bootstrap --discovery
// files --api v3` writes them.

import { bootstrap } from '../compile/bootstrap/bootstrap.js';
import type { CompileInput } from '../compile/compile.js';
import { jsonText } from '../compile/output/json-text.js';
import type { NormalValue } from '../envoy/normal-value.js';
import type { Finding } from '../finding/finding.js';
import { NODE_AGENT_URI } from '../istio/sockets.js';
import type { MeshSettings } from '../mesh/model.js';

/** Where a proxy's identity comes from. */
export type Delivery = 'files' | 'sds';

/** The folder of the configuration in a pod. */
export const CONFIG_FOLDER = '/etc/istio/proxy';

/** The names of the bootstrap, the listeners and the clusters among the files. */
export const BOOTSTRAP_FILE = 'bootstrap.json';
export const LISTENERS_FILE = 'lds.json';
export const CLUSTERS_FILE = 'cds.json';

/** Files by their paths below the folder of the configuration, as messages in normal form. */
export type ProxyFiles = ReadonlyMap<string, NormalValue>;

/** A proxy's configuration, or findings of level error that say why there is none. */
export interface CompiledProxy {
  readonly files: ProxyFiles;
  /** What Envoy is started with besides. */
  readonly arguments: readonly string[];
  readonly findings: readonly Finding[];
}

/**
 * Compiles the configuration of one proxy.
 *
 * @param proxy `NAME.NAMESPACE` of its pod
 */
export function compileProxy(
  inputs: readonly CompileInput[],
  proxy: string,
  settings: MeshSettings,
  delivery: Delivery,
): CompiledProxy {
  const result = bootstrap(inputs, {
    settings: delivered(settings, delivery),
    proxy,
    api: 'v3',
    dataplane: 'envoy',
    discovery: 'files',
    folder: CONFIG_FOLDER,
  });
  const files = new Map<string, NormalValue>(result.files.map(({ path, content }) => [path, content]));
  if (result.bootstrap !== undefined) files.set(BOOTSTRAP_FILE, result.bootstrap);
  return { files, arguments: result.arguments.flatMap((line) => line.split(' ')), findings: result.findings };
}

/** The mesh's settings before and after its move to SDS; a mesh that names no socket has the usual one. */
function delivered(settings: MeshSettings, delivery: Delivery): MeshSettings {
  if (delivery === 'files') return { ...settings, sds_uds_path: '' };
  if (settings.sds_uds_path !== '') return settings;
  return { ...settings, sds_uds_path: NODE_AGENT_URI, enable_sds_token_mount: true };
}

/** The text of one of the files. */
export function fileText(content: NormalValue): string {
  return `${jsonText(content, 0)}\n`;
}
