// `xdsc explain`: its arguments, options and help.

import { Command } from 'commander';
import { choice } from '../choice.js';
import type { ExplainFlags } from './run-explain.js';

/** The command, ready to be added to the program. */
export function explainCommand(): Command {
  return new Command('explain')
    .description("Explain a message or field of Envoy's API: type, rules, deprecation, v3 counterpart.")
    .argument(
      '<path>',
      'a message and fields, e.g. Cluster.load_assignment; fields of Bootstrap; a field; the name of an extension',
    )
    .helpOption('-h, --help', 'print this help')
    .addOption(choice('--api <version>', 'API version (default: v3, else v2)', ['v2', 'v3']))
    .option('--envoy <version>', 'also say whether this Envoy has it: 1.28, contrib-1.40, istio-1.29')
    .addOption(choice('--format <name>', 'output format (default: text)', ['text', 'json']).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, flags: ExplainFlags) => {
      // Loaded now, so that other commands and --help do without it.
      const { runExplain } = await import('./run-explain.js');
      process.exitCode = runExplain(path, flags);
    });
}

const EXAMPLES = `
Examples:
  xdsc explain Cluster.tls_context.common_tls_context
  xdsc explain static_resources.clusters[0].lb_policy
  xdsc explain --api v3 UpstreamTlsContext.sni
  xdsc explain envoy.filters.http.rbac
`;
