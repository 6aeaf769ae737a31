// How long a comparison takes against the floor of parsing both sides, in one process: two bootstraps of 12 MB
// with 10,000 clusters that say the same in other words, that differ in a few places, and that differ in each.
//
//   node bench/diff.mjs [COUNT…]

import { diff } from '../dist/index.js';
import { bootstrap, bootstrapJson } from './bootstrap.mjs';

const RUNS = 5;

/** The newer sides that are tried, by what they show. */
const CASES = {
  same: (text) => `${text}`.replace('15000', '15001'),
  shuffled: (_, value) => JSON.stringify(reversed(value), null, 2),
  'a hundred changed': (text) => {
    let seen = 0;
    return text.replace(/"10s"/g, (word) => (seen++ % 100 === 0 ? '"11s"' : word));
  },
  'each SAN changed': (text) => text.replaceAll('/sa/', '/sa/new-'),
  'each timeout changed': (text) => text.replaceAll('"10s"', '"11s"'),
};

function reversed(value) {
  const { static_resources: held, ...rest } = value;
  const turn = (part) => Object.fromEntries(Object.entries(part).reverse());
  return turn({ ...rest, static_resources: { clusters: held.clusters.map(turn).reverse() } });
}

const counts = process.argv.slice(2).map(Number);
for (const count of counts.length > 0 ? counts : [2_500, 10_000]) {
  const text = bootstrapJson(count);
  for (const [name, change] of Object.entries(CASES)) {
    const other = Buffer.from(change(text, bootstrap(count))).toString('utf8');
    const times = { floor: [], diff: [] };
    let changes = 0;
    for (let run = 0; run < RUNS; run++) {
      times.floor.push(timed(() => [JSON.parse(text), JSON.parse(other)]));
      times.diff.push(
        timed(() => {
          changes = diff([{ name: 'old.json', text }], [{ name: 'new.json', text: other }]).changes.length;
        }),
      );
    }
    const [floor, took] = [Math.min(...times.floor), Math.min(...times.diff)];
    console.log(
      `${count} clusters, ${(text.length / 1e6).toFixed(1)} MB, ${name}: ${changes} changes, ${took.toFixed(0)} ms, ${(took / floor).toFixed(2)} times the floor of ${floor.toFixed(0)} ms`,
    );
  }
}

function timed(work) {
  globalThis.gc?.();
  const start = performance.now();
  work();
  return performance.now() - start;
}
