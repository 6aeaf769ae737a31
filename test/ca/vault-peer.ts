// The Vault of the tests: a fake, or the real one (or OpenBao) in the folder that XDSC_PEERS names.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FakeVault } from './fake-vault.js';
import { RealVault } from './real-vault.js';
import type { VaultPeer } from './vault-setup.js';
import type { Cluster } from './workloads.js';

/** Starts the Vault of the tests. */
export async function startVault(cluster: Cluster): Promise<VaultPeer> {
  const { XDSC_PEERS } = process.env;
  const program = ['vault', 'bao']
    .map((name) => join(XDSC_PEERS ?? '', name))
    .find((path) => existsSync(path));
  if (XDSC_PEERS === undefined || program === undefined) return FakeVault.start(cluster);
  return RealVault.start(program, cluster);
}
