// A Vault as the tests see it, a fake or a real one.

/** What a test changes of Vault. */
export interface VaultSetup {
  /** Whether the role to sign binds identities. */
  readonly binds: boolean;
  /** How often a login's token can be used; 0 is without end. */
  readonly uses: number;
  /** Of the role to sign, in seconds. */
  readonly maxTtl: number;
  /** Whom the role to log in is for. */
  readonly namespaces: readonly string[];
  readonly accounts: readonly string[];
}

export const USUAL: VaultSetup = {
  binds: true,
  uses: 0,
  maxTtl: 86_400,
  namespaces: ['foo', 'bar'],
  accounts: ['sleep', 'httpbin'],
};

/** A Vault with Kubernetes login and a PKI engine, under the names that the facts have. */
export interface VaultPeer {
  readonly address: string;
  /** PEM of the root of its own certificate. */
  readonly tlsRoots: string;
  /** PEM of the root of its PKI engine. */
  readonly root: string;
  /** Requests as they came; absent where they cannot be seen. */
  readonly seen?: readonly { readonly path: string; readonly body: unknown }[];
  setUp(setup: VaultSetup): Promise<void>;
  seal(isSealed: boolean): Promise<void>;
  stop(): void;
}
