// What kind of value a plain scalar of YAML is.

import { Kind } from './tape.js';

const NUMBER =
  /^(?:[-+]?(?:0x[\da-fA-F]+|0o[0-7]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|\.(?:inf|Inf|INF))|\.(?:nan|NaN|NAN))$/;
const BOOL = /^(?:true|True|TRUE|false|False|FALSE|[yY]|yes|Yes|YES|[nN]|no|No|NO|on|On|ON|off|Off|OFF)$/;

/** The longest word that is a bool. */
const LONGEST_WORD = 5;

/**
 * The kind of a plain scalar without a tag, as yaml-cpp sees it, by which Envoy reads YAML.
 *
 * @param text the text that it is in, from `start` to `end`
 */
export function plainKind(text: string, start = 0, end = text.length): Kind {
  const first = text.charCodeAt(start);
  if ((first >= 0x30 && first <= 0x39) || first === 0x2d || first === 0x2b || first === 0x2e) {
    return NUMBER.test(text.slice(start, end)) ? Kind.Number : Kind.String;
  }
  if (end - start > LONGEST_WORD) return Kind.String;
  const word = text.slice(start, end);
  if (word === '~' || word === 'null' || word === 'Null' || word === 'NULL') return Kind.Null;
  return BOOL.test(word) ? Kind.Bool : Kind.String;
}

/** Whether a scalar that is a bool says true. */
export function isTrue(word: string): boolean {
  return /^(?:true|y|yes|on)$/i.test(word);
}
