// The texts that validate.proto knows by name, as protoc-gen-validate checks them. (Its class of a header
// name's characters has `+-.`, which is a range and takes the comma in.)

import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { StringFormat } from './rules.js';

const TESTS: Readonly<Record<StringFormat, (text: string) => boolean>> = {
  'http-header-name': (text) => /^:?[0-9a-zA-Z!#$%&'*+,\-.^_|~`]+$/.test(text),
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a header must not hold
  'http-header-value': (text) => /^[^\u0000-\u0008\u000A-\u001F\u007F]*$/.test(text),
  email: isEmail,
  hostname: isHostname,
  ip: (text) => isIP(text) !== 0,
  ipv4: isIPv4,
  ipv6: isIPv6,
  uri: (text) => URL.canParse(text),
  'uri-ref': (text) => URL.canParse(text, 'http://reference.invalid/'),
  address: (text) => isIP(text) !== 0 || isHostname(text),
  uuid: (text) => /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text),
};

/** What is not strict only has to stay on its line; it may be empty. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a header must not hold
const LOOSE = /^[^\u0000\u000A\u000D]*$/;

/** Whether a text has a form; `strict` is validate.proto's option for header names and values. */
export function hasFormat(text: string, format: StringFormat, strict = true): boolean {
  if (!strict && format.startsWith('http-header')) return LOOSE.test(text);
  return TESTS[format](text);
}

const NAMES: Readonly<Record<StringFormat, string>> = {
  'http-header-name': 'the name of an HTTP header',
  'http-header-value': 'text without control characters',
  email: 'an e-mail address',
  hostname: 'a host name',
  ip: 'an IP address',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  uri: 'an absolute URI',
  'uri-ref': 'a URI or a relative reference',
  address: 'a host name or IP address',
  uuid: 'a UUID',
};

/** A format in words. */
export function formatName(format: StringFormat): string {
  return NAMES[format];
}

function isHostname(text: string): boolean {
  const host = text.endsWith('.') ? text.slice(0, -1) : text;
  return (
    host.length <= 253 &&
    host.split('.').every((label) => /^(?!-)[a-z\d-]{1,63}(?<!-)$/i.test(label)) &&
    host !== ''
  );
}

function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@');
  return at > 0 && at <= 64 && text.length <= 254 && !/[\s<>()]/.test(text) && isHostname(text.slice(at + 1));
}
