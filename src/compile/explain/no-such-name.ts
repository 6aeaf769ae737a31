// A name that a proxy's resources do not have.

import type { Finding } from '../../finding/finding.js';
import { nearName } from '../../finding/near-name.js';
import { quoted } from '../../secrecy/quoted.js';

/** How many names a message lists. */
const SHOWN = 12;

/** What is said of a name that none of a proxy's clusters and listeners has. */
export function noSuchName(names: readonly string[], name: string): Finding {
  const holding = names.filter((one) => one.includes(name));
  const meant = holding.length === 1 ? holding[0] : nearName(name, names);
  const listed = holding.length > 0 ? holding : names;
  const more = listed.length > SHOWN ? ` and ${listed.length - SHOWN} more` : '';
  return {
    code: 'no-such-name',
    level: 'error',
    message: `the proxy has no cluster or listener ${quoted(name)}`,
    ...(meant !== undefined && { suggestion: meant }),
    expected: `one of ${listed.slice(0, SHOWN).join(', ')}${more}`,
  };
}
