// Whether a text shows by itself that it is a secret, or holds one: key material, credentials in their usual
// notations, and texts too random to be a name.

/** Beginnings and forms of secrets. What they cover is replaced where a text is shown around it. */
const FORMS: readonly RegExp[] = [
  // PEM, whatever it holds; also in base64, as Kubernetes Secrets have it.
  /-----BEGIN [ A-Z0-9]*-*(?:[\w+/=\s:,-]|\\[nrt])*/g,
  /LS0tLS1CRUdJTi[\w+/=-]*/g,
  // The private and symmetric members of a JSON Web Key.
  /(?<=\\?"(?:d|k|p|q|dp|dq|qi)\\?"\s*:\s*\\?")[\w-]{16,}/g,
  // A JSON Web Token.
  /\beyJ[\w-]{8,}(?:\.[\w-]*)*/g,
  // User information in a URL.
  /(?<=\b[a-z][a-z0-9+.-]*:\/\/)[^\n/?#@"'<>]+(?=@)/gi,
  // Values of headers, queries and connection strings that name what they are.
  /(?<=\b(?:bearer|basic|negotiate)\s+)(?=[\w.~+/=-]*\d)[\w.~+/=-]{12,}/gi,
  /(?<=(?:passw(?:or)?d|passphrase|pwd|secret|token|api[-_]?key|access[-_]?key|sig|signature)=)[^\s&;,"'%{}()]{4,}/gi,
  // Tokens of services, by the prefixes that make them findable.
  /\b(?:A[KS]IA[0-9A-Z]{16}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|[sr]k_(?:live|test)_\w{10,}|hv[sb]\.[\w-]{20,}|AIza[\w-]{30,})/g,
];

/** Runs of the characters that keys, tokens and hashes are written in. */
const RUN = /[A-Za-z0-9+/=_-]{20,}/g;

/** The base64 form of a SHA-256 digest, as in pins of public keys. */
const PIN = /^[A-Za-z0-9+/]{43}=$/;

/** The value of an authorization header, whatever stands in it. */
const AUTHORIZATION = /(?:^|["'`])(?:bearer|basic|negotiate) +\S/i;

/** Most names and paths: none of their words is long enough for a secret. */
const PLAIN = /^[\w./-]*$/;
const WORD = /[\w-]{12}/;

/** Whether a text is or holds a secret, as far as its form shows. */
export function holdsSecret(text: string): boolean {
  if (text.length < 12 || (PLAIN.test(text) && !WORD.test(text))) return false;
  return (
    AUTHORIZATION.test(text) ||
    FORMS.some((form) => text.search(form) >= 0) ||
    (text.match(RUN) ?? []).some(isRandomRun)
  );
}

/** The text with `cover` in place of each secret that its form shows. */
export function withoutSecrets(text: string, cover: (secret: string) => string): string {
  if (text.length < 12) return text;
  const bare = FORMS.reduce((left, form) => left.replace(form, cover), text);
  return bare.replace(RUN, (run) => (isRandomRun(run) && !PIN.test(run) ? cover(run) : run));
}

/**
 * Whether a text may be a key where nothing says that it is harmless: as `holdsSecret`, and also digits and
 * letters of one case that are too mixed for a word, as in hexadecimal or base32.
 */
export function looksLikeKey(text: string): boolean {
  return holdsSecret(text) || (text.match(/[A-Za-z0-9+/=_-]{16,}/g) ?? []).some(isMixedRun);
}

/**
 * Whether a run is more random than names in camelCase and paths are: its words are too short. A slash is part of
 * base64; folders with random names are shorter than keys.
 */
function isRandomRun(run: string): boolean {
  const random = run.split('/').filter(isRandom);
  return random.reduce((sum, part) => sum + part.length, 0) >= 20;
}

function isRandom(part: string): boolean {
  const { length, pieces } = piecesOf(part);
  return length >= 9 && pieces * 3.3 >= length && /[A-Z]/.test(part) && /[a-z]/.test(part);
}

function isMixedRun(run: string): boolean {
  const { length, pieces } = piecesOf(run);
  if (length >= 16 && pieces * 3.2 >= length) return true;
  // No separator, both cases and several digits: hardly a name, whatever its words.
  const solid = /[A-Za-z0-9]{24,}/.exec(run)?.[0] ?? '';
  return /[a-z]/.test(solid) && /[A-Z]/.test(solid) && /\d.*\d/.test(solid);
}

/** How many letters and digits there are, and of how many words and numbers: capitals begin a word, or are one. */
function piecesOf(run: string): { readonly length: number; readonly pieces: number } {
  const found = run.match(/[A-Z]?[a-z]+|[A-Z]+|\d+/g) ?? [];
  return { length: found.reduce((sum, piece) => sum + piece.length, 0), pieces: found.length };
}
