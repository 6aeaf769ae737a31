// How far a long run is: a bar on a terminal, and nothing elsewhere.

import { draw } from './terminal.js';

/** Tells how far a run is. */
export interface Progress {
  /** So many are done. */
  at(done: number): void;
  /** Takes the bar away. */
  end(): void;
}

const NOTHING: Progress = { at() {}, end() {} };

const WIDTH = 30;
/** Milliseconds between two looks of the bar. */
const PERIOD = 100;

/** A bar for so many things, `what` in the plural. */
export function progressBar(total: number, what: string): Progress {
  if (!process.stderr.isTTY || process.env.TERM === 'dumb') return NOTHING;
  let last = performance.now();
  let drawn = false;
  return {
    at(done) {
      const now = performance.now();
      if (now - last < PERIOD) return;
      last = now;
      drawn = true;
      const filled = Math.round((WIDTH * done) / total);
      const bar = `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`;
      draw(`${bar} ${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${what}`);
    },
    end() {
      if (drawn) draw('');
    },
  };
}
