// Where listeners, clusters and routes come from: what another source gives is not known.

import { posix } from 'node:path';
import { quoted } from '../../secrecy/quoted.js';
import type { Meaning } from '../meaning/meaning.js';
import type { TlsDifference } from '../tls/change.js';
import { aroundDifference } from '../tls/tls-difference.js';
import { fieldOf, textOf } from './meanings.js';

/** What it means that configuration comes from another source; what a server's channel changes is told of the channel. */
export function configSourceDifference(old: Meaning, now: Meaning): TlsDifference | undefined {
  const [was, is] = [sourceText(old), sourceText(now)];
  return was === is || was === undefined || is === undefined
    ? undefined
    : aroundDifference(
        'unknown',
        `configuration comes from ${is} instead of ${was}; what it delivers is unknown`,
      );
}

function sourceText(source: Meaning): string | undefined {
  const path = textOf(source, 'path') ?? textOf(source, 'path_config_source', 'path');
  if (path !== undefined) return `the file ${quoted(posix.normalize(path))}`;
  if (fieldOf(source, 'api_config_source') !== undefined) return 'a server';
  return fieldOf(source, 'ads') === undefined ? undefined : 'the control plane';
}
