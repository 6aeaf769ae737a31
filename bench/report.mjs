// The bench's output: a line for each figure, with its target and whether that is met.

const NAME = 36;
const COLUMN = 12;

export class Report {
  print(line) {
    process.stdout.write(`${line}\n`);
  }

  section(title, note) {
    this.print(`\n${title}`);
    if (note !== undefined) this.print(`  ${note}`);
  }

  /** Times of later calls and of the first one, with what the processor did in all threads. */
  times(name, { first, later }, against, target) {
    const ratio = against && later.wall / against.later.wall;
    const cold = against && first.wall / against.first.wall;
    const cpu = against && later.cpu / against.later.cpu;
    this.row(name, [
      `${ms(later.wall)}${times(ratio)}`,
      `cpu ${ms(later.cpu)}${times(cpu)}`,
      `first call ${ms(first.wall)}${times(cold)}`,
      verdict(ratio, target),
    ]);
  }

  /** Times for a cluster in milliseconds, convert's and the floor's, against convert's with the fewest clusters. */
  growth(name, { time, floor }, fewest, target) {
    const ratio = time / fewest;
    this.row(name, [
      `${us(time)}${times(ratio)}`,
      floor === undefined ? '' : `floor ${us(floor)}${times(time / floor)}`,
      verdict(ratio, target),
    ]);
  }

  memory(above, bytes, target) {
    const ratio = above / bytes;
    this.row('peak above empty', [
      `${mb(above)}${times(ratio)} of ${mb(bytes)} in and out`,
      verdict(ratio, target),
    ]);
  }

  start(name, time, against, target) {
    const ratio = against && time / against;
    this.row(name, [`${ms(time)}${times(ratio)}`, verdict(ratio, target)]);
  }

  row(name, cells) {
    const line = cells.map((cell) => cell.padEnd(COLUMN * 2)).join(' ');
    this.print(`  ${name.padEnd(NAME)} ${line}`.trimEnd());
  }
}

function verdict(ratio, target) {
  if (target === undefined) return '';
  return `target ${target.toFixed(1)}: ${ratio <= target ? 'met' : 'MISSED'}`;
}

function times(ratio) {
  return ratio === undefined ? '' : ` (${ratio.toFixed(2)} times)`;
}

function ms(milliseconds) {
  return `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
}

function us(milliseconds) {
  return `${(milliseconds * 1000).toFixed(1)} µs`;
}

function mb(bytes) {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
