// `xdsc bootstrap`: its arguments, options and help.

import { Command, InvalidArgumentError } from 'commander';
import { CONTROL_PLANE_TLS, DISCOVERIES } from '../../compile/bootstrap/values.js';
import { COMPATS } from '../../compile/pilot/context/compat.js';
import { ON_UNKNOWN } from '../../envoy/upgrade/subject.js';
import { choice } from '../choice.js';
import { dataplaneOption } from '../dataplane-flag.js';
import { addSetting } from '../setting.js';
import type { BootstrapFlags } from './run-bootstrap.js';

/** The command, ready to be added to the program. */
export function bootstrapCommand(): Command {
  return new Command('bootstrap')
    .description('Write the file that Envoy starts from, for one proxy of a mesh.')
    .argument('[path...]', 'Kubernetes and Istio resources: files, folders, globs, or - for standard input')
    .optionsGroup('Which proxy:')
    .option('--proxy <which>', 'NAME.NAMESPACE of a workload, or a file')
    .option('--mesh <file>', "Istio's MeshConfig, the istio ConfigMap, or Helm values")
    .option('--proxy-config <file>', "a ProxyConfig that wins over the mesh's defaultConfig")
    .option('--annotation <setting>', 'an annotation of its pod, NAME=VALUE (repeatable)', addSetting, {})
    .optionsGroup('Where its configuration comes from:')
    .addOption(choice('--discovery <how>', 'one of these (default static)', DISCOVERIES).default('static'))
    .option('--folder <path>', "where Envoy will find the files (default the ProxyConfig's configPath)")
    .addOption(choice('--control-plane-tls <how>', 'certificate for the control plane', CONTROL_PLANE_TLS))
    .option('--pilot-san <id>', 'who the control plane may be (repeatable)', addText)
    .optionsGroup('What else is in the bootstrap:')
    .option('--runtime <setting>', "a key of Envoy's runtime, NAME=VALUE (repeatable)", addSetting, {})
    .option('--max-heap <bytes>', 'refuse work near this size of the heap', parseBytes)
    .option('--template <file>', 'a Handlebars template in the place of the built-in one')
    .option('--print-template', 'print the built-in template, to begin with')
    .optionsGroup('How it is compiled:')
    .addOption(choice('--api <version>', "version of Envoy's API (default v2)", ['v2', 'v3']))
    .addOption(choice('--on-unknown <policy>', 'what v3 has no counterpart for (default fail)', ON_UNKNOWN))
    .addOption(dataplaneOption())
    .addOption(
      choice('--compat <which>', 'whose oddities are reproduced (default istio-1.1)', COMPATS).default(
        COMPATS[0],
      ),
    )
    .option(
      '--pilot-env <setting>',
      "a setting of Pilot's environment, NAME=VALUE (repeatable)",
      addSetting,
      {},
    )
    .optionsGroup('Output:')
    .option('-o, --output <dir>', 'write bootstrap.json and what belongs to it into this folder')
    .addOption(
      choice('--format <name>', 'form of the output (default json)', ['json', 'yaml']).default('json'),
    )
    .option('--stdin-filename <name>', 'what messages call standard input', '<stdin>')
    .optionsGroup('Others:')
    .option('--config <file>', 'the project file (default xdsc.config.yaml, here or above)')
    .option('--no-config', 'use no project file')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', AFTER_HELP)
    .action(async (paths: string[], flags: BootstrapFlags, command: Command) => {
      // Loaded now, so that other commands and --help do without it.
      const { printTemplate, runBootstrap } = await import('./run-bootstrap.js');
      if (flags.printTemplate === true) printTemplate();
      else if (flags.proxy === undefined)
        command.error("error: required option '--proxy <which>' not specified");
      else process.exitCode = await runBootstrap(paths, { ...flags, proxy: flags.proxy });
    });
}

const AFTER_HELP = `
Discovery:
  static  everything is in the bootstrap
  files   clusters, listeners, routes and endpoints are in files beside it, which
          Envoy watches
  ads     a control plane sends it all: Istio 1.1's own bootstrap

Without -o, the bootstrap is printed. With it, arguments.txt holds what Envoy
takes on its command line only.

Examples:
  xdsc bootstrap manifests/ --proxy productpage-v1-0.default > envoy.json
  xdsc bootstrap manifests/ --proxy proxy.json --discovery files -o out
  xdsc bootstrap --discovery ads --mesh mesh.yaml --proxy proxy.json
  xdsc bootstrap --print-template > my.hbs
`;

function addText(text: string, texts: readonly string[] = []): readonly string[] {
  return [...texts, text];
}

const UNITS: Readonly<Record<string, number>> = { '': 1, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

function parseBytes(text: string): number {
  const [, number = '', unit = ''] = /^(\d+)(\D*)$/.exec(text) ?? [];
  const size = UNITS[unit];
  if (number === '' || size === undefined || Number(number) === 0)
    throw new InvalidArgumentError('It is a number of bytes, or one with Ki, Mi or Gi.');
  return Number(number) * size;
}
