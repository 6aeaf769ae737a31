// Which listener gets the connections to an address: the one that is bound there, else the one that is bound to
// all addresses of the port. A listener with `use_original_dst` hands connections on in the same way to listeners
// that need not be bound (Listener in Envoy's API).

import { memo } from '../../collections/memo.js';
import type { Meaning } from '../meaning/meaning.js';
import { addressOfAll, isLocal, listenerAddresses } from './addresses.js';
import { isOff, isOn } from './meanings.js';

/** Whether a listener opens its port itself. */
export function isBound(listener: Meaning): boolean {
  return !isOff(listener, 'bind_to_port') && !isOff(listener, 'deprecated_v1', 'bind_to_port');
}

/** Whether a listener hands connections on to the listener of their original destination. */
export function handsOver(listener: Meaning): boolean {
  return isOn(listener, 'use_original_dst');
}

/** The addresses at which others than the host's own processes reach a listener. */
export function outsideAddresses(listener: Meaning): string[] {
  return isBound(listener) ? listenerAddresses(listener).filter((address) => !isLocal(address)) : [];
}

/** A listener's declaration. */
interface Declared {
  readonly meaning: Meaning;
}

/** The listeners of one side by their addresses. */
export class Reach<Listener extends Declared> {
  readonly #bound = new Map<string, Listener[]>();
  readonly #all = new Map<string, Listener[]>();

  constructor(listeners: readonly Listener[]) {
    for (const listener of listeners) {
      const { meaning } = listener;
      for (const address of listenerAddresses(meaning)) {
        memo(this.#all, address, () => [] as Listener[]).push(listener);
        if (isBound(meaning)) memo(this.#bound, address, () => [] as Listener[]).push(listener);
      }
    }
  }

  /** All addresses that a listener has. */
  get addresses(): Iterable<string> {
    return this.#all.keys();
  }

  /** The listeners that a connection to an address goes to; several where a side declares several for it. */
  at(address: string): readonly Listener[] {
    return found(this.#bound, address);
  }

  /** Those that a connection is handed on to by a listener that hands over. */
  behind(address: string): readonly Listener[] {
    return found(this.#all, address);
  }
}

function found<Listener>(listeners: ReadonlyMap<string, Listener[]>, address: string): readonly Listener[] {
  return listeners.get(address) ?? listeners.get(addressOfAll(address) ?? '') ?? [];
}
