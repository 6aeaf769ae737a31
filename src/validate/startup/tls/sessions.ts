import { atNode, fieldAt } from '../../place.js';
import type { StartupCheck } from '../check.js';
import { inlineBytes } from '../data-source.js';
import { checkIp } from '../ip-addresses.js';
import { CONTEXTS, HOLDERS, onceComplete, partsOf, UPSTREAM_CONTEXT } from './parts.js';

const TICKET_KEY_BYTES = 80;

const ticketKeyLength: StartupCheck = {
  code: 'ticket-key-length',
  on: HOLDERS,
  finds: `a session ticket key that is written inline has not exactly ${TICKET_KEY_BYTES} bytes`,
  refusal: 'Incorrect TLS session ticket key length. Length …, expected length 80.',
  remedy: 'create one with: openssl rand 80 | base64 -w0, and give it as inline_bytes',
  check(at, report, scene) {
    for (const key of partsOf(at, scene).ticketKeys?.messages('keys') ?? []) {
      const length = inlineBytes(key)?.length;
      if (length === undefined || length === 0 || length === TICKET_KEY_BYTES) continue;
      report(fieldAt(key), {
        message: `this session ticket key has ${length} bytes`,
        expected: `${TICKET_KEY_BYTES} bytes`,
      });
    }
  },
};

/** The most bytes of a list of protocols, each with its length before it. */
const ALPN_LIMIT = 65_535;

const badAlpn: StartupCheck = {
  code: 'bad-alpn',
  on: CONTEXTS,
  finds: 'alpn_protocols has a protocol of more than 255 bytes, or in a client context an empty one',
  refusal: 'Invalid ALPN protocol string',
  remedy: 'list protocols such as h2 and http/1.1, each as an item of its own',
  check(context, report, scene) {
    if (!context.reader.mentions.has('alpn_protocols')) return;
    const parts = partsOf(context, scene);
    const { common } = parts;
    if (common === undefined) return;
    const { tape } = context.reader;
    const items = common.items('alpn_protocols');
    const texts = items.map((item) => tape.string(item));
    if (texts.join(',') === '') return;
    const isClient = context.type.name === UPSTREAM_CONTEXT;
    for (const [index, text] of texts.entries()) {
      const names = text.split(',');
      const isLong = names.some((name) => Buffer.byteLength(name) > 255);
      if (!isLong && !(isClient && names.includes(''))) continue;
      report(atNode(common, items[index] as number, `alpn_protocols[${index}]`), {
        ...onceComplete(parts, `${isLong ? 'a protocol has more than 255 bytes' : 'a protocol is empty'}`),
        expected: 'protocols of 1 to 255 bytes',
      });
    }
    if (Buffer.byteLength(texts.join(',')) >= ALPN_LIMIT)
      report(fieldAt(common, 'alpn_protocols'), {
        ...onceComplete(parts, 'these protocols are too long together'),
        expected: `less than ${ALPN_LIMIT} bytes`,
      });
  },
};

const serverNameNul: StartupCheck = {
  code: 'server-name-nul',
  on: [UPSTREAM_CONTEXT],
  finds: 'sni has a NUL character',
  refusal: 'SNI names containing NULL-byte are not allowed',
  remedy: 'remove the character',
  check(context, report) {
    if (context.text('sni')?.includes('\0'))
      report(fieldAt(context, 'sni'), {
        message: 'this server name has a NUL character',
        expected: 'a DNS name',
      });
  },
};

const keyLogRange: StartupCheck = {
  code: 'key-log-range',
  on: CONTEXTS,
  finds: 'an address range of key_log does not begin with an IP address',
  refusal: "invalid ip/mask combo '…' (format is <ip>/<# mask bits>)",
  remedy: 'give an IP address as address_prefix',
  check(context, report) {
    const log = context.message('common_tls_context')?.message('key_log');
    if (log === undefined) return;
    for (const field of ['local_address_range', 'remote_address_range'])
      for (const range of log.messages(field)) checkIp(range, 'address_prefix', 'an IP address', report);
  },
};

/** The checks of the rest. */
export const SESSION_CHECKS: readonly StartupCheck[] = [ticketKeyLength, badAlpn, serverNameNul, keyLogRange];
