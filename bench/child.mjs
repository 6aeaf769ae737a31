// Times one subject in this process and prints the times as JSON: the first call, which finds nothing
// compiled, and the calls after it.
//
//   node child.mjs SUBJECT CALLS FILE...

import { SUBJECTS } from './subjects.mjs';

const [subject, calls, ...files] = process.argv.slice(2);
const run = await SUBJECTS[subject](...files);

let length = 0;
const times = [];
for (let i = 0; i < Number(calls); i++) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  length = run();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  times.push({ wall, cpu: (user + system) / 1000 });
}
const [first, ...later] = times;
process.stdout.write(JSON.stringify({ length, first, later }));
