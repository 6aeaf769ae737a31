// Tokens in files, as projected volumes have them: one for each workload, replaced before it expires. The public keys
// of their issuer are next to them.

import { chmodSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Observer } from './events.js';
import type { Identity } from './identity.js';
import { makeFolders, removeFiles } from './socket-files.js';
import type { TokenIssuer } from './token-issuer.js';

/** Where tokens are, and what they say. */
export interface TokenFilesOptions {
  readonly issuer: TokenIssuer;
  readonly folder: string;
  readonly identities: readonly Identity[];
  readonly audience: string;
  /** In seconds. */
  readonly lifetime: number;
  /** Permissions of the tokens. */
  readonly mode: number;
  readonly observe: Observer;
}

/** Public keys, in the form that a cluster has at /openid/v1/jwks. */
const KEYS = 'jwks.json';

/** Part of a token's lifetime after which it is replaced, as kubelet has it. */
const REPLACED_AT = 0.8;
/** Timers cannot wait longer. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Tokens that are kept fresh. */
export class TokenFiles {
  private timer: NodeJS.Timeout | undefined;
  private readonly made: string[] = [];

  private constructor(private readonly options: TokenFilesOptions) {}

  /** Writes the tokens. Throws what the operating system says where that fails. */
  static async start(options: TokenFilesOptions): Promise<TokenFiles> {
    const files = new TokenFiles(options);
    files.writeKeys();
    await files.write();
    return files;
  }

  /** The paths of all files. */
  get files(): readonly string[] {
    const { folder, identities } = this.options;
    return [join(folder, KEYS), ...identities.map((identity) => tokenFile(folder, identity))];
  }

  /** The folders that were made, the innermost first. */
  get folders(): readonly string[] {
    return this.made;
  }

  close(): void {
    clearTimeout(this.timer);
    removeFiles(this.files, this.folders);
  }

  private writeKeys(): void {
    const { folder, issuer } = this.options;
    this.made.unshift(...makeFolders(resolve(folder)));
    writeFileSync(join(folder, KEYS), `${JSON.stringify(issuer.keys, undefined, 2)}\n`);
    chmodSync(join(folder, KEYS), 0o644);
  }

  private async write(): Promise<void> {
    const { issuer, folder, identities, audience, lifetime, mode } = this.options;
    for (const identity of identities) {
      const file = tokenFile(folder, identity);
      this.made.unshift(...makeFolders(resolve(dirname(file))));
      // Whoever reads it while it is replaced gets the old token or the new one.
      writeFileSync(`${file}.new`, await issuer.projected(identity, { audience, lifetime }), { mode: 0o600 });
      chmodSync(`${file}.new`, mode);
      renameSync(`${file}.new`, file);
    }
    const wait = Math.min(lifetime * REPLACED_AT * 1000, LONGEST_TIMER);
    this.timer = setTimeout(() => {
      this.write().catch(({ message }: Error) => {
        this.options.observe({ kind: 'warning', message: `tokens could not be replaced: ${message}` });
      });
    }, wait);
  }
}

/** Where a workload's token is. */
function tokenFile(folder: string, { namespace, account }: Identity): string {
  return join(folder, namespace, account, 'token');
}
