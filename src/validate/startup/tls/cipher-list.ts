// The language of cipher_suites, as BoringSSL reads it (ssl_cipher_process_rulestr, in its strict mode): names of
// suites and of sets of suites, `+` between sets, the operators - + ! before a name, groups in brackets, @STRENGTH.

/** A suite: its two names, key exchange, authentication, encryption, hash, and the version that brought it. */
interface Suite {
  readonly names: readonly string[];
  readonly exchange: string;
  readonly authentication: string;
  readonly encryption: string;
  readonly hash: string;
  readonly version: string;
}

const suite = (row: string): Suite => {
  const [name = '', standard = '', exchange = '', authentication = '', encryption = '', hash = ''] =
    row.split(' ');
  // The suites that came with TLS 1.2 name their hash.
  const version = hash === 'SHA1' ? 'TLSv1' : 'TLSv1.2';
  return { names: [name, standard], exchange, authentication, encryption, hash, version };
};

const SUITES: readonly Suite[] = [
  'DES-CBC3-SHA TLS_RSA_WITH_3DES_EDE_CBC_SHA RSA RSA 3DES SHA1',
  'AES128-SHA TLS_RSA_WITH_AES_128_CBC_SHA RSA RSA AES128 SHA1',
  'AES256-SHA TLS_RSA_WITH_AES_256_CBC_SHA RSA RSA AES256 SHA1',
  'PSK-AES128-CBC-SHA TLS_PSK_WITH_AES_128_CBC_SHA PSK PSK AES128 SHA1',
  'PSK-AES256-CBC-SHA TLS_PSK_WITH_AES_256_CBC_SHA PSK PSK AES256 SHA1',
  'AES128-GCM-SHA256 TLS_RSA_WITH_AES_128_GCM_SHA256 RSA RSA AES128GCM AEAD',
  'AES256-GCM-SHA384 TLS_RSA_WITH_AES_256_GCM_SHA384 RSA RSA AES256GCM AEAD',
  'ECDHE-ECDSA-AES128-SHA TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA ECDHE ECDSA AES128 SHA1',
  'ECDHE-ECDSA-AES256-SHA TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA ECDHE ECDSA AES256 SHA1',
  'ECDHE-RSA-AES128-SHA TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA ECDHE RSA AES128 SHA1',
  'ECDHE-RSA-AES256-SHA TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA ECDHE RSA AES256 SHA1',
  'ECDHE-ECDSA-AES128-SHA256 TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 ECDHE ECDSA AES128 SHA256',
  'ECDHE-RSA-AES128-SHA256 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256 ECDHE RSA AES128 SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 ECDHE ECDSA AES128GCM AEAD',
  'ECDHE-ECDSA-AES256-GCM-SHA384 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 ECDHE ECDSA AES256GCM AEAD',
  'ECDHE-RSA-AES128-GCM-SHA256 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 ECDHE RSA AES128GCM AEAD',
  'ECDHE-RSA-AES256-GCM-SHA384 TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 ECDHE RSA AES256GCM AEAD',
  'ECDHE-PSK-AES128-CBC-SHA TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA ECDHE PSK AES128 SHA1',
  'ECDHE-PSK-AES256-CBC-SHA TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA ECDHE PSK AES256 SHA1',
  'ECDHE-RSA-CHACHA20-POLY1305 TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 ECDHE RSA CHACHA20 AEAD',
  'ECDHE-ECDSA-CHACHA20-POLY1305 TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 ECDHE ECDSA CHACHA20 AEAD',
  'ECDHE-PSK-CHACHA20-POLY1305 TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256 ECDHE PSK CHACHA20 AEAD',
].map(suite);

/** The suites of TLS 1.3: their names are known, but the list does not choose among them. */
const TLS_1_3: ReadonlySet<string> = new Set([
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
]);

/** What a set of suites asks of its members. */
interface SuiteSet {
  readonly exchange?: string;
  readonly authentication?: string;
  readonly encryption?: readonly string[];
  readonly hash?: string;
  readonly version?: string;
}

const ECDHE = { exchange: 'ECDHE' };
const ECDSA = { authentication: 'ECDSA' };
const SHA1 = { hash: 'SHA1' };
const TLS_1 = { version: 'TLSv1' };

const SETS: ReadonlyMap<string, SuiteSet> = new Map<string, SuiteSet>([
  ['ALL', {}],
  ['HIGH', {}],
  ['FIPS', {}],
  ['kRSA', { exchange: 'RSA' }],
  ['kECDHE', ECDHE],
  ['kEECDH', ECDHE],
  ['ECDH', ECDHE],
  ['ECDHE', ECDHE],
  ['EECDH', ECDHE],
  ['kPSK', { exchange: 'PSK' }],
  ['aRSA', { authentication: 'RSA' }],
  ['aECDSA', ECDSA],
  ['ECDSA', ECDSA],
  ['aPSK', { authentication: 'PSK' }],
  ['RSA', { exchange: 'RSA', authentication: 'RSA' }],
  ['PSK', { exchange: 'PSK', authentication: 'PSK' }],
  ['3DES', { encryption: ['3DES'] }],
  ['AES128', { encryption: ['AES128', 'AES128GCM'] }],
  ['AES256', { encryption: ['AES256', 'AES256GCM'] }],
  ['AES', { encryption: ['AES128', 'AES128GCM', 'AES256', 'AES256GCM'] }],
  ['AESGCM', { encryption: ['AES128GCM', 'AES256GCM'] }],
  ['CHACHA20', { encryption: ['CHACHA20'] }],
  ['SHA1', SHA1],
  ['SHA', SHA1],
  ['SSLv3', TLS_1],
  ['TLSv1', TLS_1],
  ['TLSv1.2', { version: 'TLSv1.2' }],
]);

/** The names that a list may have: of suites first, then of sets. */
export const CIPHER_NAMES: readonly string[] = [
  ...SUITES.flatMap(({ names }) => names),
  ...TLS_1_3,
  ...SETS.keys(),
  'DEFAULT',
];

/** Why a list is refused, and where in it; without a place where the list as a whole is. */
export interface CipherFault {
  readonly at?: number;
  readonly kind: 'unknown' | 'syntax' | 'nothing-left';
  /** The word that is at fault. */
  readonly word: string;
}

/** Why BoringSSL refuses a list; undefined where it takes it. */
export function cipherListFault(list: string): CipherFault | undefined {
  const reading = new Reading(list);
  try {
    reading.read();
  } catch (fault) {
    if (fault instanceof Refused) return fault.fault;
    throw fault;
  }
  return reading.offered.size > 0 ? undefined : { kind: 'nothing-left', word: '' };
}

class Refused extends Error {
  constructor(readonly fault: CipherFault) {
    super(fault.kind);
  }
}

type Operator = '' | '-' | '+' | '!' | '@';

class Reading {
  readonly offered = new Set<Suite>();
  private readonly killed = new Set<Suite>();
  private at = 0;

  constructor(private readonly list: string) {}

  read(): void {
    if (this.list.startsWith('DEFAULT')) {
      this.apply('', inSets([{}]));
      this.at = 'DEFAULT'.length;
    }
    let inGroup = false;
    let hasGroup = false;
    while (this.at < this.list.length) {
      const char = this.list[this.at] as string;
      if (inGroup && (char === ']' || char === '|')) {
        inGroup = char === '|';
        this.at++;
      } else if (!inGroup && char === '[') {
        inGroup = true;
        hasGroup = true;
        this.at++;
      } else if (!inGroup && char === ':') this.at++;
      else {
        const operator = /[-+!@]/.test(char) ? (char as Operator) : '';
        // Neither is combined with groups.
        if (operator !== '' && hasGroup) this.refuse('syntax', char, this.at);
        if (operator !== '') this.at++;
        this.rule(operator);
      }
    }
    if (inGroup) this.refuse('syntax', '[', this.at);
  }

  /** One name, or sets with `+` between them, and what the operator does with it. */
  private rule(operator: Operator): void {
    const start = this.at;
    const words: string[] = [];
    do {
      if (words.length > 0) this.at++;
      words.push(this.word());
    } while (operator !== '@' && this.list[this.at] === '+');
    if (operator === '@') {
      if (words[0] !== 'STRENGTH') this.refuse('unknown', `@${words[0]}`, start);
      while (this.at < this.list.length && this.list[this.at] !== ':') this.at++;
      return;
    }
    const [only = ''] = words;
    if (words.length === 1) {
      if (TLS_1_3.has(only)) return;
      const one = SUITES.filter(({ names }) => names.includes(only));
      if (one.length > 0) {
        this.apply(operator, one);
        return;
      }
    }
    const sets = words.map((word) => SETS.get(word) ?? this.refuse('unknown', word, start));
    const members = inSets(sets);
    const namesDeprecated = operator !== '' || words.includes('3DES');
    this.apply(operator, namesDeprecated ? members : members.filter((one) => !isDeprecated(one)));
  }

  private word(): string {
    const start = this.at;
    while (/[\w.-]/.test(this.list[this.at] ?? '')) this.at++;
    if (this.at === start) this.refuse('syntax', this.list[start] ?? '', start);
    return this.list.slice(start, this.at);
  }

  private apply(operator: Operator, suites: readonly Suite[]): void {
    for (const one of suites) {
      if (operator === '' && !this.killed.has(one)) this.offered.add(one);
      else if (operator === '-' || operator === '!') this.offered.delete(one);
      if (operator === '!') this.killed.add(one);
    }
  }

  private refuse(kind: 'unknown' | 'syntax', word: string, at: number): never {
    throw new Refused({ at, kind, word });
  }
}

/** Suites that a set brings only where it is named for them. */
function isDeprecated({ encryption, hash }: Suite): boolean {
  return encryption === '3DES' || hash === 'SHA256';
}

/** The suites in all of some sets. Of a set after one with a version BoringSSL asks that it has the same. */
function inSets(sets: readonly SuiteSet[]): Suite[] {
  const version = sets.at(-1)?.version;
  const first = sets.findIndex((set) => set.version !== undefined);
  if (first >= 0 && sets.slice(first).some((set) => set.version !== sets[first]?.version)) return [];
  return SUITES.filter(
    (one) =>
      (version === undefined || one.version === version) &&
      sets.every(
        (set) =>
          (set.exchange ?? one.exchange) === one.exchange &&
          (set.authentication ?? one.authentication) === one.authentication &&
          (set.encryption?.includes(one.encryption) ?? true) &&
          (set.hash ?? one.hash) === one.hash,
      ),
  );
}
