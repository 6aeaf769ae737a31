// PEM as BoringSSL reads it (PEM_read_bio): blocks between a BEGIN and an END line; text around them is skipped.

/** A block: what its lines say it is, and its bytes. */
interface PemBlock {
  readonly label: string;
  readonly bytes: Buffer;
  /** Whether headers stand before the bytes, as in keys that are encrypted in the old way. */
  readonly hasHeaders: boolean;
}

const BEGIN = /^-----BEGIN (.*)-----$/;

/** The blocks of a text; undefined where one is not closed or its bytes are not base64. */
function pemBlocks(text: string): readonly PemBlock[] | undefined {
  const blocks: PemBlock[] = [];
  // What stands at the end of a line and is not visible does not count.
  const lines = text.split('\n').map((line) => line.replace(/[\0- ]+$/, ''));
  for (let at = 0; at < lines.length; at++) {
    const label = BEGIN.exec(lines[at] as string)?.[1];
    if (label === undefined) continue;
    const end = lines.indexOf(`-----END ${label}-----`, at);
    if (end < 0) return undefined;
    const inside = lines.slice(at + 1, end);
    const blank = inside.indexOf('');
    const hasHeaders = inside[0]?.includes(':') ?? false;
    const encoded = (hasHeaders ? inside.slice(blank + 1) : inside).join('').replace(/[ \t]/g, '');
    if (!/^[A-Za-z\d+/]*={0,2}$/.test(encoded) || encoded.length % 4 !== 0) return undefined;
    blocks.push({ label, bytes: Buffer.from(encoded, 'base64'), hasHeaders });
    at = end;
  }
  return blocks;
}

const CERTIFICATE = /^(?:(?:TRUSTED|X509) )?CERTIFICATE$/;
const KEY = /^(?:(?:RSA|EC|DSA|ENCRYPTED|ANY) )?PRIVATE KEY$/;

/**
 * Whether a text has a certificate.
 *
 * @param which whether all of its certificates have to be readable, or the first
 */
export function hasCertificate(text: string, which: 'first' | 'all'): boolean {
  const blocks = pemBlocks(text);
  if (blocks === undefined) return false;
  const certificates = blocks.filter(({ label }) => CERTIFICATE.test(label));
  const looked = which === 'first' ? certificates.slice(0, 1) : certificates;
  return certificates.length > 0 && looked.every(({ bytes }) => isSequence(bytes));
}

/** Whether a text has a private key. */
export function hasPrivateKey(text: string): boolean {
  const blocks = pemBlocks(text);
  const key = blocks?.find(({ label }) => KEY.test(label));
  return key !== undefined && (key.hasHeaders || isSequence(key.bytes));
}

/** Whether a text can be read for revocation lists; it need not have any. */
export function hasRevocationList(text: string): boolean {
  const read = pemBlocks(text)?.filter(({ label }) => label === 'X509 CRL' || CERTIFICATE.test(label));
  return read?.every(({ bytes }) => isSequence(bytes)) ?? false;
}

/** Whether bytes begin with a whole sequence of ASN.1, as certificates and keys are. */
export function isSequence(bytes: Buffer): boolean {
  if (bytes[0] !== 0x30 || bytes.length < 2) return false;
  const first = bytes[1] as number;
  if (first <= 0x80) return first === 0x80 || bytes.length >= 2 + first;
  const count = first & 0x7f;
  if (count > 4 || bytes.length < 2 + count) return false;
  return bytes.length >= 2 + count + bytes.readUIntBE(2, count);
}
