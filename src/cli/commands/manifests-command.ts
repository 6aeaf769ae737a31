// `xdsc manifests`: its arguments, options and help.

import { Argument, Command, InvalidArgumentError } from 'commander';
import { nearName } from '../../finding/near-name.js';
import { INTEGRATIONS } from '../../kubernetes/certificate-authority.js';
import { choice } from '../choice.js';
import type { ManifestsFlags } from './run-manifests.js';

const SUBJECTS = ['sds-agent'];

/** The command, ready to be added to the program. */
export function manifestsCommand(): Command {
  return new Command('manifests')
    .description('Print the manifests of the node agent that serves SDS and of its socket protection.')
    .addArgument(new Argument('<what>', 'sds-agent').argParser(parseSubject))
    .helpOption('-h, --help', 'print this help')
    .option('-o, --output <file>', 'write to this file')
    .optionsGroup('The certificate authority:')
    .option('--ca <name>', "citadel, vault, or the name of the agent's client for your CA")
    .option('--ca-address <address>', 'address of the CA, e.g. https://vault.example.org:8200')
    .addOption(
      choice(
        '--integration <who>',
        'component that calls an external CA (default: node-agent)',
        INTEGRATIONS,
      ),
    )
    .option(
      '--option <setting>',
      'environment variable of the CA client, KEY=VALUE or KEY=@FILE (repeatable)',
      addSetting,
      {},
    )
    .optionsGroup('The cluster:')
    .option('--kubernetes <version>', 'version of Kubernetes (default: 1.30)')
    .option('--namespace <name>', 'namespace of the agent (default: istio-system)')
    .option('--trust-domain <name>', 'trust domain (default: cluster.local)')
    .option('--image <image>', 'image of the agent')
    .option('--citadel-image <image>', 'image of Citadel, with --integration signing-key or citadel')
    .option(
      '--values <file>',
      'Helm values, e.g. values-istio-sds-auth.yaml (repeatable)',
      (file: string, files: readonly string[]) => [...files, file],
      [],
    )
    .addHelpText('after', AFTER_HELP)
    .action(async (_what: string, flags: ManifestsFlags) => {
      // Loaded now, so that other commands and --help do without it.
      const { runManifests } = await import('./run-manifests.js');
      process.exitCode = runManifests(flags);
    });
}

const AFTER_HELP = `
An external CA is integrated in one of three ways:
  signing-key  Citadel signs with the external CA's signing key
  citadel      Citadel forwards requests to the external CA
  node-agent   the agent on each node calls the external CA; Citadel is not involved

Up to Kubernetes 1.24, pod security policies protect the socket; since 1.26,
validating admission policies do.

Examples:
  xdsc manifests sds-agent --ca citadel | kubectl apply -f -
  xdsc manifests sds-agent --values values-istio-sds-auth.yaml --kubernetes 1.13
  xdsc manifests sds-agent --ca vault --ca-address https://vault:8200 \\
    --option VAULT_TLS_ROOT_CERT=@vault-ca.pem
`;

function parseSubject(text: string): string {
  if (SUBJECTS.includes(text)) return text;
  const meant = nearName(text, SUBJECTS);
  throw new InvalidArgumentError(
    `Expected ${SUBJECTS.join(' or ')}.${meant === undefined ? '' : `\n  did you mean ${meant}?`}`,
  );
}

function addSetting(
  text: string,
  settings: { readonly [name: string]: string },
): { readonly [name: string]: string } {
  const equals = text.indexOf('=');
  if (equals <= 0) throw new InvalidArgumentError('Expected KEY=VALUE.');
  return { ...settings, [text.slice(0, equals)]: text.slice(equals + 1) };
}
