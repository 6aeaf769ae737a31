// The CA that the flags of `xdsc sds-server` name.

import type { CertificateAuthority } from '../../ca/authority.js';
import { CITADEL_ADDRESS, Citadel } from '../../ca/citadel.js';
import { CommandAuthority } from '../../ca/command.js';
import { ISTIOD_ADDRESS, Istiod } from '../../ca/istiod.js';
import { OwnAuthority } from '../../ca/own.js';
import { VAULT_DEFAULTS, Vault } from '../../ca/vault.js';
import { nearName } from '../../finding/near-name.js';
import { quoted } from '../../secrecy/quoted.js';
import { Failure } from '../exit.js';
import { milliseconds, pemFile, type SdsServerFlags } from './sds-server-flags.js';

/** Settings by who reads them. */
const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  vault: ['VAULT_AUTH_PATH', 'VAULT_ROLE', 'VAULT_SIGN_CSR_PATH'],
  istiod: ['CLUSTER_ID', 'CERT_SIGNER'],
  'istio-1.1': ['VALID_TOKEN', 'SECRET_GRACE_DURATION', 'SECRET_JOB_RUN_INTERVAL'],
};

/** Makes the CA, or throws a Failure that says which flag is missing. */
export async function certificateAuthority(flags: SdsServerFlags): Promise<CertificateAuthority> {
  const { ca, option, caAddress } = flags;
  checkSettings(flags);
  checkUnused(flags);
  const tlsRoots = flags.caRoot === undefined ? undefined : pemFile('--ca-root', flags.caRoot).join('');
  switch (ca) {
    case 'own':
      return OwnAuthority.create({
        trustDomain: flags.trustDomain,
        // The type of the CA's key is independent of the keys that it signs.
        keyType: flags.key.startsWith('ec') ? flags.key : 'rsa-2048',
        intermediate: flags.intermediate ?? false,
        maxLifetime: milliseconds('--ttl', flags.ttl) / 1000,
      });
    case 'citadel':
      return new Citadel({ address: hostPort(caAddress ?? CITADEL_ADDRESS), tlsRoots });
    case 'istiod':
      return new Istiod({
        address: hostPort(caAddress ?? ISTIOD_ADDRESS),
        tlsRoots,
        serverName: flags.caServerName,
        clusterId: option.CLUSTER_ID ?? 'Kubernetes',
        certSigner: option.CERT_SIGNER,
      });
    case 'vault':
      return new Vault({
        address: vaultAddress(caAddress),
        tlsRoots,
        serverName: flags.caServerName,
        authPath: option.VAULT_AUTH_PATH ?? VAULT_DEFAULTS.authPath,
        role: option.VAULT_ROLE ?? VAULT_DEFAULTS.role,
        signPath: option.VAULT_SIGN_CSR_PATH ?? VAULT_DEFAULTS.signPath,
      });
    case 'command':
      if (flags.caCommand === undefined)
        throw new Failure('there is no CA: --ca command needs --ca-command, a shell command that signs');
      return new CommandAuthority(flags.caCommand);
  }
}

function checkSettings({ ca, like, option }: SdsServerFlags): void {
  const known = [...(SETTINGS[ca] ?? []), ...(like === undefined ? [] : (SETTINGS[like] ?? []))];
  for (const name of Object.keys(option)) {
    if (known.includes(name)) continue;
    const meant = nearName(name, known);
    throw new Failure(
      `--option: ${name} is not a setting of --ca ${ca}${meant === undefined ? '' : `\n  did you mean ${meant}?`}`,
    );
  }
}

/** A flag for another CA is a mistake, and not to be passed over. */
function checkUnused({ ca, intermediate, caAddress, caCommand, caRoot, caServerName }: SdsServerFlags): void {
  const isRemote = ca !== 'own' && ca !== 'command';
  if (intermediate === true && ca !== 'own') throw new Failure('--intermediate is for --ca own');
  if (caCommand !== undefined && ca !== 'command') throw new Failure('--ca-command is for --ca command');
  if (caAddress !== undefined && !isRemote) throw new Failure(`--ca-address: --ca ${ca} has no address`);
  if (caServerName !== undefined && ca !== 'istiod' && ca !== 'vault')
    throw new Failure('--ca-server-name is for --ca istiod and --ca vault');
  if (caRoot !== undefined && !isRemote) throw new Failure(`--ca-root: --ca ${ca} is not a server`);
}

function hostPort(address: string): string {
  if (!/^(?:[\w.-]+|\[[\da-fA-F:]+\]):\d{1,5}$/.test(address))
    throw new Failure(`--ca-address: ${quoted(address)} is not HOST:PORT`);
  return address;
}

function vaultAddress(address: string | undefined): string {
  if (address === undefined)
    throw new Failure('there is no CA: --ca vault needs --ca-address, the URL of Vault');
  if (!/^https:\/\/[^/]/.test(address))
    throw new Failure(`--ca-address: ${quoted(address)} is not an https:// URL, and tokens are sent to it`);
  return address;
}
