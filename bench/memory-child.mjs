// Reads a file, converts it and writes the result to nowhere, or does nothing, and prints the most memory
// that this process had.
//
//   node memory-child.mjs [FILE]

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

const [file] = process.argv.slice(2);
if (file !== undefined) {
  const { convert } = await import('#xdsc');
  const { providerOf } = await import('./delivery.mjs');
  const { files } = convert([{ name: file, text: readFileSync(file, 'utf8') }], { provider: providerOf() });
  const nowhere = openSync('/dev/null', 'w');
  for (const chunk of files[0].chunks()) writeSync(nowhere, chunk);
  closeSync(nowhere);
}
// In kilobytes.
process.stdout.write(String(process.resourceUsage().maxRSS * 1024));
