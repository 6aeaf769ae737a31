// The runtime that Envoy has when it starts: what the layers of the bootstrap hold. Without layers Envoy has none
// but the one that its admin interface fills later.

import type { Message } from '../../envoy/message.js';
import { Kind, type Tape } from '../../source/tape.js';
import type { Scene } from './check.js';

/**
 * An integer of the runtime.
 *
 * @param key as in `re2.max_program_size.error_level`
 * @param byDefault what holds where no layer has the key
 * @returns undefined where a layer may have it that is in no file of the run
 */
export function runtimeInteger(scene: Scene, key: string, byDefault: number): number | undefined {
  const layers = scene.instance.bootstrap?.message('layered_runtime')?.messages('layers') ?? [];
  let value = byDefault;
  for (const layer of layers) {
    // Static resources are read before anything is discovered.
    if (layer.has('disk_layer') || (layer.has('rtds_layer') && scene.isDynamic)) return undefined;
    const found = staticValue(layer, key);
    if (found === undefined) continue;
    const { tape } = layer.reader;
    const number = Number(tape.string(found));
    if (!Number.isInteger(number) || number < 0) return undefined;
    value = number;
  }
  return value;
}

/** The value of a key, which may be written with its dots or as structs in structs. */
function staticValue(layer: Message, key: string): number | undefined {
  const struct = layer.value('static_layer');
  return struct < 0 ? undefined : valueIn(layer.reader.tape, struct, key);
}

function valueIn(tape: Tape, struct: number, key: string): number | undefined {
  if (tape.kind(struct) !== Kind.Map) return undefined;
  let found: number | undefined;
  for (let at = struct + 1; at < (tape.links[struct] as number); at = tape.next(at + 1)) {
    const name = tape.name(at);
    const value = tape.resolve(at + 1);
    if (name === key) found = value;
    else if (key.startsWith(`${name}.`)) found = valueIn(tape, value, key.slice(name.length + 1)) ?? found;
  }
  return found;
}
