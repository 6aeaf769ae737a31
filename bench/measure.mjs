// Runs processes in turn and takes medians, so that what else the machine does falls on all alike.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * The output of a Node.js process with these arguments.
 *
 * @param {readonly string[]} args
 * @param {import('node:child_process').StdioOptions} stdio
 */
export function node(args, stdio = ['ignore', 'pipe', 'inherit']) {
  const { status, signal, error, stdout } = spawnSync(process.execPath, args, { stdio });
  if (status === 0) return stdout?.toString() ?? '';
  throw error ?? new Error(`node ${args.join(' ')} ended with ${status ?? signal}`);
}

/** @typedef {{ wall: number, cpu: number }} Time */
/** @typedef {{ length: number, first: Time, later: Time[] }} Sample */
/** @typedef {{ subject: string, files: readonly string[], calls: number, flags?: readonly string[] }} Subject */

/**
 * Times subjects, each in a process of its own, in turn and several times over.
 *
 * @param {Readonly<Record<string, Subject>>} subjects by name: the subject's function, the files that it takes, how often it
 *   is called, and flags for Node.js if it needs any
 * @param {number} rounds
 * @returns {Record<string, { length: number, first: Time, later: Time }>} by name: the length of what was made,
 *   and the medians of the first and of the later calls
 */
export function timeSubjects(subjects, rounds) {
  const names = Object.keys(subjects);
  /** @type {Record<string, Sample[]>} */
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const { subject, files, calls, flags = [] } = subjects[name];
      const output = node([...flags, here('child.mjs'), subject, String(calls), ...files]);
      samples[name].push(JSON.parse(output));
    }
  }
  return Object.fromEntries(
    names.map((name) => {
      const first = samples[name].map((sample) => sample.first);
      const later = samples[name].flatMap((sample) => sample.later);
      return [name, { length: samples[name][0].length, first: medians(first), later: medians(later) }];
    }),
  );
}

function medians(times) {
  return { wall: median(times.map(({ wall }) => wall)), cpu: median(times.map(({ cpu }) => cpu)) };
}

/** How long whole processes take, in turn: medians of their wall times, by name. */
export function timeProcesses(processes, rounds) {
  const names = Object.keys(processes);
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const start = performance.now();
      node(processes[name], 'ignore');
      times[name].push(performance.now() - start);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])]));
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The path of a file in this folder. */
export function here(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}
