// `xdsc schema`: its arguments, options and help.

import { Command } from 'commander';
import { choice } from '../choice.js';
import type { SchemaFlags } from './run-schema.js';

/** The command, ready to be added to the program. */
export function schemaCommand(): Command {
  return new Command('schema')
    .description("Print the JSON Schema of a message of Envoy's API.")
    .argument('[message]', 'a message, e.g. Cluster, auth.Secret or a full name (default: Bootstrap)')
    .helpOption('-h, --help', 'print this help')
    .addOption(choice('--api <version>', 'API version (default: v3)', ['v2', 'v3']))
    .addHelpText('after', EXAMPLES)
    .action(async (name: string | undefined, flags: SchemaFlags) => {
      // Loaded now, so that other commands and --help do without it.
      const { runSchema } = await import('./run-schema.js');
      process.exitCode = runSchema(name, flags);
    });
}

const EXAMPLES = `
The package contains the schemas of all resources, in dist/schema/v2 and
dist/schema/v3. Editors complete and check a YAML file that begins with
  # yaml-language-server: $schema=./node_modules/xdsc/dist/schema/v3/Bootstrap.json

Examples:
  xdsc schema > bootstrap.schema.json
  xdsc schema --api v2 Listener
`;
