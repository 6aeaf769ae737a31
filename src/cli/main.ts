// The program's first lines. `--version` is answered before anything else is loaded.

import { reportFailure } from './exit.js';
import { writeStandardOutput } from './outputs.js';
import { version } from './version.js';

try {
  const [first] = process.argv.slice(2);
  if (first === '--version' || first === '-V') writeStandardOutput([`${version}\n`]);
  else {
    const { run } = await import('./program.js');
    await run(process.argv);
  }
} catch (error) {
  process.exitCode = reportFailure(error);
}
