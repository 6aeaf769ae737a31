// `xdsc sds-server`: its arguments, options and help.

import { Command } from 'commander';
import { KEY_TYPES } from '../../ca/key-types.js';
import { choice } from '../choice.js';
import { addSetting } from '../setting.js';
import type { SdsServerFlags } from './sds-server-flags.js';

const add = (text: string, texts: readonly string[]): readonly string[] => [...texts, text];

/** The command, ready to be added to the program. */
export function sdsServerCommand(): Command {
  return new Command('sds-server')
    .description('Serve workload identities over SDS, from any CA, on a laptop or in CI.')
    .helpOption('-h, --help', 'print this help')
    .optionsGroup('Workloads:')
    .option('--identity <account>', 'NAMESPACE/ACCOUNT or SPIFFE ID to serve (repeatable)', add, [])
    .option('--trust-domain <name>', 'trust domain (default: cluster.local)', 'cluster.local')
    .requiredOption(
      '--socket <path>',
      'the Unix socket; with {namespace} and {account} one for each workload',
    )
    .option('--socket-mode <mode>', 'permissions of the socket, octal (default: 600)')
    .option('--shared-socket', 'allow one socket for several workloads')
    .optionsGroup('Callers:')
    .addOption(
      choice('--auth <how>', 'how callers are known (default: token)', ['token', 'socket']).default('token'),
    )
    .option('--token-header <name>', 'header that holds the token (repeatable)', add, [])
    .option('--tokens <dir>', 'issue tokens, as DIR/NAMESPACE/ACCOUNT/token')
    .option('--token-ttl <duration>', 'their lifetime (default: 12h)', '12h')
    .option('--jwks <file>', 'public keys of the tokens, as /openid/v1/jwks has them')
    .option('--issuer <url>', 'accept tokens of this issuer only (repeatable)', add, [])
    .option('--audience <name>', 'audience of tokens (default: trust domain)', add, [])
    .option('--legacy-tokens', 'accept tokens of secrets, which never expire')
    .option('--token-file <path>', 'token for the CA with --auth socket; {namespace}, {account}')
    .optionsGroup('Certificates:')
    .addOption(choice('--key <type>', 'type of key (default: rsa-2048)', KEY_TYPES).default('rsa-2048'))
    .option('--ttl <duration>', 'requested lifetime (default: 24h)', '24h')
    .option('--rotate-every <duration>', 'rotate at this interval (default: at half the lifetime)')
    .option('--certificate-name <name>', 'name of the certificate (default: default)', 'default')
    .option('--root-name <name>', 'name of the trusted CA (default: ROOTCA)', 'ROOTCA')
    .option('--root-overlap <duration>', 'keep an old root this long (default: 10m)', '10m')
    .optionsGroup('The certificate authority:')
    .addOption(
      choice('--ca <which>', 'who signs (default: own)', [
        'own',
        'citadel',
        'istiod',
        'vault',
        'command',
      ]).default('own'),
    )
    .option('--intermediate', 'sign with an intermediate of the own CA')
    .option('--ca-address <address>', 'HOST:PORT, or the URL of Vault')
    .option('--ca-root <file>', 'PEM to verify the CA server with')
    .option('--ca-server-name <name>', 'name in its certificate, if not the host')
    .option('--ca-trust <file>', 'PEM of roots that the CA does not send')
    .option('--ca-command <line>', 'shell command that reads a CSR and prints the chain')
    .option('--ca-timeout <duration>', 'for one certificate, with retries (default: 10s)', '10s')
    .option('--option <setting>', 'setting of the CA client, KEY=VALUE (repeatable)', addSetting, {})
    .optionsGroup('Other:')
    .addOption(choice('--like <release>', 'reproduce the node agent of istio-1.1', ['istio-1.1']))
    .option('--metrics <address>', 'serve Prometheus metrics on [HOST:]PORT')
    .addHelpText('after', AFTER_HELP)
    .action(async (flags: SdsServerFlags) => {
      // Loaded now, so that other commands and --help do without it.
      const { runSdsServer } = await import('./run-sds-server.js');
      process.exitCode = await runSdsServer(flags);
    });
}

const AFTER_HELP = `
SIGHUP rotates all certificates, SIGUSR2 replaces the keys of the own CA.
Private keys stay in memory. Ctrl-C removes sockets and tokens.

Settings for --option:
  vault   VAULT_AUTH_PATH, VAULT_ROLE, VAULT_SIGN_CSR_PATH
  istiod  CLUSTER_ID, CERT_SIGNER
  --like  VALID_TOKEN, SECRET_GRACE_DURATION, SECRET_JOB_RUN_INTERVAL

Examples:
  xdsc sds-server --identity foo/sleep --socket run/uds_path --tokens run/tokens
  xdsc sds-server --identity foo/sleep --identity bar/httpbin --auth socket \\
    --socket 'run/{namespace}/{account}/uds_path'
  xdsc sds-server --identity foo/sleep --socket run/uds_path --jwks jwks.json \\
    --ca vault --ca-address https://vault:8200 --ca-root vault-ca.pem
`;
