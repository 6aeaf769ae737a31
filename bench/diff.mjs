// How long a comparison takes against the floor of parsing both sides, in one process: two bootstraps of 12 MB
// with 10,000 clusters that say the same in other words, that differ in a few places, and that differ in each.
//
//   node bench/diff.mjs [COUNT…]

import { convert, diff } from '#xdsc';
import { bootstrap, bootstrapJson } from './bootstrap.mjs';
import { providerOf } from './delivery.mjs';
import { median } from './measure.mjs';

/** How often each is timed; of the times the median counts. Only the first case's first call finds a cold engine. */
const RUNS = 7;

/** The newer sides that are tried, by what they show. */
const CASES = {
  'each SAN changed': (text) => text.replaceAll('/sa/', '/sa/new-'),
  same: (text) => `${text}`.replace('15000', '15001'),
  shuffled: (_, value) => JSON.stringify(reversed(value), null, 2),
  'a hundred changed': (text) => {
    let seen = 0;
    return text.replace(/"10s"/g, (word) => (seen++ % 100 === 0 ? '"11s"' : word));
  },
  'each context moved to SDS': moved,
  'each timeout changed': (text) => text.replaceAll('"10s"', '"11s"'),
};

function reversed(value) {
  const { static_resources: held, ...rest } = value;
  const turn = (part) => Object.fromEntries(Object.entries(part).reverse());
  return turn({ ...rest, static_resources: { clusters: held.clusters.map(turn).reverse() } });
}

const counts = process.argv.slice(2).map(Number);
for (const count of counts.length > 0 ? counts : [10_000, 2_500]) {
  const text = bootstrapJson(count);
  for (const [name, change] of Object.entries(CASES)) {
    const other = Buffer.from(change(text, bootstrap(count))).toString('utf8');
    /** @type {{ floor: number[], diff: number[] }} */
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
    const [floor, took] = [median(times.floor), median(times.diff)];
    const megabytes = [text, other].map(({ length }) => (length / 1e6).toFixed(1)).join(' and ');
    console.log(
      `${count} clusters, ${megabytes} MB, ${name}: ${changes} changes, ${took.toFixed(0)} ms, ${(took / floor).toFixed(2)} times the floor of ${floor.toFixed(0)} ms; the first call ${(times.diff[0] / floor).toFixed(2)} times`,
    );
  }
}

function timed(work) {
  globalThis.gc?.();
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** The text with each workload's certificate moved to SDS: three times as long. */
function moved(text) {
  const provider = providerOf({ provider: 'istio', token: 'kubernetes' });
  const [file] = convert([{ name: 'old.json', text }], { provider, mounts: ['/etc/certs'] }).files;
  return [...file.chunks()].join('');
}
