// Line ends that edits cannot be made among: YAML also ends a line at a carriage return alone, but what is put in,
// and the lines around it, are worked out from line feeds.

import type { Finding } from '../finding/finding.js';
import type { Source } from './document.js';

/**
 * Why a text cannot be edited.
 *
 * @returns an error finding at the first carriage return without a line feed in YAML; undefined where there is none
 */
export function unfitLineEnds(source: Source): Finding | undefined {
  if (source.format !== 'yaml') return undefined;
  const offset = LONE_CARRIAGE_RETURN.exec(source.text)?.index;
  if (offset === undefined) return undefined;
  return {
    code: 'line-ends',
    level: 'error',
    message: 'this line ends with a carriage return alone, so the file cannot be edited in place',
    expected: 'lines that end with LF or CRLF',
    remedy: 'convert the line ends first',
    region: source.region(offset, offset + 1),
  };
}

const LONE_CARRIAGE_RETURN = /\r(?!\n)/;
