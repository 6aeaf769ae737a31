// Durations of node metadata, which Go writes.

import { durationText, parseDuration } from '../../../mesh/duration.js';

/** A duration in protobuf's JSON form; undefined where a text is none. */
export function goDuration(text: string): string | undefined {
  const nanoseconds = text === '' ? undefined : parseDuration(text);
  return nanoseconds === undefined ? undefined : durationText(nanoseconds);
}
