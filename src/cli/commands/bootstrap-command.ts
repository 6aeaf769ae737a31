// `xdsc bootstrap`: its arguments, options and help.

import { Command, InvalidArgumentError } from 'commander';
import { CONTROL_PLANE_TLS, DISCOVERIES } from '../../compile/bootstrap/values.js';
import { COMPATS } from '../../compile/pilot/context/compat.js';
import { ON_UNKNOWN } from '../../envoy/upgrade/subject.js';
import { choice } from '../choice.js';
import { dataplaneOption } from '../dataplane-flag.js';
import { istioOption } from '../istio-flag.js';
import { addSetting } from '../setting.js';
import type { BootstrapFlags } from './run-bootstrap.js';

/** The command, ready to be added to the program. */
export function bootstrapCommand(): Command {
  return new Command('bootstrap')
    .description('Write the bootstrap file of one proxy.')
    .argument(
      '[path...]',
      'Kubernetes and Istio resources: files, directories, globs, or - for standard input',
    )
    .optionsGroup('Proxy:')
    .option('--proxy <which>', 'the proxy: NAME.NAMESPACE of a workload, or a file')
    .option('--mesh <file>', "Istio's MeshConfig, the istio ConfigMap, or Helm values")
    .option('--mesh-networks <file>', 'meshNetworks for Istio 1.29, or the istio ConfigMap')
    .addOption(istioOption())
    .option('--proxy-config <file>', "a ProxyConfig; overrides the mesh's defaultConfig")
    .option('--annotation <setting>', 'an annotation of the pod, NAME=VALUE (repeatable)', addSetting, {})
    .optionsGroup('Source of its configuration:')
    .addOption(
      choice('--discovery <how>', 'how Envoy gets its resources (default: static)', DISCOVERIES).default(
        'static',
      ),
    )
    .option(
      '--folder <path>',
      "directory of the files on Envoy's machine (default: the ProxyConfig's configPath)",
    )
    .addOption(choice('--control-plane-tls <how>', 'certificate for the control plane', CONTROL_PLANE_TLS))
    .option('--pilot-san <id>', 'accepted SAN of the control plane (repeatable)', addText)
    .optionsGroup('Contents of the bootstrap:')
    .option('--runtime <setting>', 'a runtime key of Envoy, NAME=VALUE (repeatable)', addSetting, {})
    .option('--max-heap <bytes>', 'reject requests near this heap size', parseBytes)
    .option('--template <file>', 'Handlebars template to use instead of the built-in one')
    .option('--print-template', 'print the built-in template')
    .optionsGroup('Compilation:')
    .addOption(choice('--api <version>', "version of Envoy's API (default: v2)", ['v2', 'v3']))
    .addOption(
      choice(
        '--on-unknown <policy>',
        'action for settings without a v3 counterpart (default: fail)',
        ON_UNKNOWN,
      ),
    )
    .addOption(dataplaneOption())
    .addOption(
      choice('--compat <which>', 'release whose quirks to reproduce (default: istio-1.1)', COMPATS).default(
        COMPATS[0],
      ),
    )
    .option(
      '--pilot-env <setting>',
      'an environment variable of Pilot, NAME=VALUE (repeatable)',
      addSetting,
      {},
    )
    .optionsGroup('Output:')
    .option('-o, --output <dir>', 'write bootstrap.json and its companion files to this directory')
    .addOption(choice('--format <name>', 'output format (default: json)', ['json', 'yaml']).default('json'))
    .option('--stdin-filename <name>', 'file name to report for standard input', '<stdin>')
    .optionsGroup('Others:')
    .option('--config <file>', 'project file (default: xdsc.config.yaml in this or a parent directory)')
    .option('--no-config', 'do not use a project file')
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
  static  the bootstrap contains all resources
  files   clusters, listeners, routes and endpoints are in separate files that
          Envoy watches
  ads     a control plane delivers all resources, as in Istio 1.1's own bootstrap

Without -o, the bootstrap is printed. With -o, arguments.txt holds the arguments
that Envoy accepts only on its command line.

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
    throw new InvalidArgumentError('Expected a number of bytes, optionally with Ki, Mi or Gi.');
  return Number(number) * size;
}
