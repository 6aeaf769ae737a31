// Tokens in files, as projected volumes have them: one for each workload, replaced before it expires.

import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Observer } from './events.js';
import type { Identity } from './identity.js';
import { removeFiles } from './socket-files.js';
import type { TokenIssuer } from './token-issuer.js';

/** Where tokens are, and what they say. */
export interface TokenFilesOptions {
  readonly issuer: TokenIssuer;
  readonly folder: string;
  readonly identities: readonly Identity[];
  readonly audience: string;
  /** In seconds. */
  readonly lifetime: number;
  readonly observe: Observer;
}

/** Part of a token's lifetime after which it is replaced, as kubelet has it. */
const REPLACED_AT = 0.8;
/** Timers cannot wait longer. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Tokens that are kept fresh. */
export class TokenFiles {
  private timer: NodeJS.Timeout | undefined;

  private constructor(private readonly options: TokenFilesOptions) {}

  /** Writes the tokens. Throws what the operating system says where that fails. */
  static async start(options: TokenFilesOptions): Promise<TokenFiles> {
    const files = new TokenFiles(options);
    await files.write();
    return files;
  }

  /** The paths of all tokens. */
  get files(): readonly string[] {
    return this.options.identities.map((identity) => tokenFile(this.options.folder, identity));
  }

  /** The folders that may be empty afterwards, the innermost first. */
  get folders(): readonly string[] {
    const accounts = this.files.map((file) => dirname(file));
    const namespaces = accounts.map((account) => dirname(account));
    return [...new Set([...accounts, ...namespaces, this.options.folder])];
  }

  close(): void {
    clearTimeout(this.timer);
    removeFiles(this.files, this.folders);
  }

  private async write(): Promise<void> {
    const { issuer, folder, identities, audience, lifetime } = this.options;
    for (const identity of identities) {
      const file = tokenFile(folder, identity);
      mkdirSync(dirname(file), { recursive: true });
      // Whoever reads it while it is replaced gets the old token or the new one.
      writeFileSync(`${file}.new`, await issuer.projected(identity, { audience, lifetime }), { mode: 0o600 });
      chmodSync(`${file}.new`, 0o644);
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
export function tokenFile(folder: string, { namespace, account }: Identity): string {
  return join(folder, namespace, account, 'token');
}
