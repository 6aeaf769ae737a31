// How long an upgrade to v3 takes against the floor of parsing the input and printing the output, in one
// process: bootstraps of v2 whose every cluster changes. The fastest of several runs of each counts.
//
//   node bench/upgrade.mjs [COUNT…]

import { convert } from '#xdsc';
import { bootstrapJson } from './bootstrap.mjs';

const RUNS = 9;
/** An upgrade may take this many times as long as the floor. */
const LIMIT = 4;

const counts = process.argv.slice(2).map(Number);
for (const count of counts.length > 0 ? counts : [1_000, 10_000]) {
  const text = bootstrapJson(count);
  const output = upgraded(text);
  const value = JSON.parse(output);
  /** @type {{ floor: number[], upgrade: number[] }} */
  const times = { floor: [], upgrade: [] };
  for (let run = 0; run < RUNS; run++) {
    times.floor.push(timed(() => JSON.parse(text) && JSON.stringify(value, null, 2)));
    times.upgrade.push(timed(() => upgraded(text)));
  }
  const [floor, took] = [Math.min(...times.floor), Math.min(...times.upgrade)];
  console.log(
    `${count} clusters, ${(text.length / 1e6).toFixed(1)} MB: ${took.toFixed(0)} ms, ${(took / floor).toFixed(2)} times the floor of ${floor.toFixed(0)} ms (limit ${LIMIT})`,
  );
}

function upgraded(text) {
  const { files } = convert([{ name: 'v2.json', text }], { to: 'v3' });
  return [...files[0].chunks()].join('');
}

function timed(work) {
  const start = performance.now();
  work();
  return performance.now() - start;
}
