// Writes a bootstrap to be measured and, if wanted, what it becomes. In a process of its own, so that large
// texts leave no trace in the memory of what is measured.
//
//   node inputs.mjs COUNT FILE [CONVERTED]

import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { bootstrapJson, bootstrapYaml } from './bootstrap.mjs';

const [count, file, converted] = process.argv.slice(2);
const text = file.endsWith('.json') ? bootstrapJson(Number(count)) : bootstrapYaml(Number(count));
writeFileSync(file, text);
if (converted !== undefined) {
  const { convert } = await import('#xdsc');
  const { providerOf } = await import('./delivery.mjs');
  const { files } = convert([{ name: file, text }], { provider: providerOf() });
  const descriptor = openSync(converted, 'w');
  for (const chunk of files[0].chunks()) writeSync(descriptor, chunk);
  closeSync(descriptor);
}
