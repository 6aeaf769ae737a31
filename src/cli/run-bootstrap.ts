// What `xdsc bootstrap` does: reads the inputs, compiles the proxy, writes its bootstrap and says what was wrong.

import { join } from 'node:path';
import { readProxyConfig } from '../compile/bootstrap/proxy-config.js';
import { staticBootstrap } from '../compile/bootstrap/static-bootstrap.js';
import { compileInputs } from '../compile/compile-inputs.js';
import type { Dataplane } from '../compile/dataplane.js';
import { jsonText } from '../compile/json-text.js';
import type { Finding } from '../finding/finding.js';
import { sortFindings } from '../finding/sort.js';
import { findingText } from '../report/finding-text.js';
import { EXIT, statusOf } from './exit.js';
import { readInputs } from './inputs.js';
import { writeOutputs } from './outputs.js';
import { readFlag, readMeshFlag, readProxyFlag } from './proxy-flags.js';
import { paintFor, say } from './terminal.js';
import { yamlText } from './yaml-text.js';

/** The command's options as they were given. */
export interface BootstrapFlags {
  readonly proxy: string;
  readonly mesh?: string;
  readonly proxyConfig?: string;
  readonly discovery: 'static';
  readonly dataplane: Dataplane;
  readonly output?: string;
  readonly format: 'json' | 'yaml';
  readonly stdinFilename: string;
}

/** Runs the command and gives the exit status. */
export async function runBootstrap(paths: readonly string[], flags: BootstrapFlags): Promise<number> {
  const findings: Finding[] = [];
  const settings = readMeshFlag(flags.mesh, findings);
  const proxy = readProxyFlag(flags.proxy, findings);
  const config =
    flags.proxyConfig === undefined
      ? undefined
      : readFlag(flags.proxyConfig, readProxyConfig, findings)?.config;
  const { inputs, findings: unread } = await readInputs(paths, {
    stdinFilename: flags.stdinFilename,
    output: flags.output,
  });
  findings.push(...unread);
  const { compiled, context, ...result } = compileInputs(inputs, {
    ...(settings !== undefined && { settings }),
    proxy,
    dataplane: flags.dataplane,
  });
  findings.push(...result.findings);
  const paint = paintFor(process.stderr);
  for (const finding of sortFindings(findings)) say(`${findingText(finding, paint)}\n`);
  const status = statusOf(findings);
  if (status !== EXIT.done || compiled === undefined || context === undefined) return status;
  const bootstrap = staticBootstrap(compiled, context.proxy, {
    ...context.mesh.settings.default_config,
    ...config,
  });
  const text = flags.format === 'yaml' ? yamlText(bootstrap) : `${jsonText(bootstrap, 0)}\n`;
  if (flags.output === undefined) writeOutputs([], [text]);
  else writeOutputs([{ path: join(flags.output, `bootstrap.${flags.format}`), chunks: [text] }]);
  return EXIT.done;
}
