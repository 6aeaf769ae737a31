// Which resource of one side is which of the other: those of one kind and name. A listener is first of all where
// it is reached: one that took another's address takes its connections, whatever it is called.

import { canonical } from './meaning/canonical.js';
import type { ResourcesById, SideResource } from './resources.js';
import type { ResourceId } from './tls/change.js';
import { addressOfAll, listenerAddresses } from './ways/addresses.js';
import { fieldOf } from './ways/meanings.js';

/** The pairs of resources of two sides. */
export class ResourcePairs {
  /** Of listeners that are one of their name on each side: by the newer one, and by the older one. */
  private readonly before = new Map<SideResource, SideResource | undefined>();
  private readonly after = new Set<SideResource>();
  /** Listeners of the older side that were looked for by their addresses. */
  private readonly left = new Set<SideResource>();

  constructor(
    readonly old: ResourcesById,
    readonly now: ResourcesById,
  ) {
    this.pairListeners();
  }

  /** The resources of the older side that one of the newer side is compared with. */
  earlier(resource: SideResource): readonly SideResource[] {
    if (!this.before.has(resource)) return this.old.all(resource.id);
    const found = this.before.get(resource);
    return found === undefined ? [] : [found];
  }

  /** Whether a resource of the older side is compared with none of the newer one. */
  isGone(resource: SideResource): boolean {
    return this.left.has(resource) || this.now.all(resource.id).length === 0
      ? !this.after.has(resource)
      : false;
  }

  private pairListeners(): void {
    const [left, right] = [this.singles(this.old, this.now), this.singles(this.now, this.old)];
    // Most listeners are what they were.
    if (right.every((one) => isWhereItWas(this.old.all(one.id)[0], one)) && right.length === left.length)
      return;
    for (const one of left) this.left.add(one);
    const addresses = new Map(
      [...left, ...right].map((one) => [one, new Set(listenerAddresses(one.meaning))]),
    );
    const pair = (fits: (old: SideResource, now: SideResource) => boolean): void => {
      for (const now of right) {
        if (this.before.has(now)) continue;
        const old = left.find((one) => !this.after.has(one) && fits(one, now));
        if (old === undefined) continue;
        this.before.set(now, old);
        this.after.add(old);
      }
    };
    const share = (a: SideResource, b: SideResource): boolean =>
      [...(addresses.get(a) ?? [])].some((address) => addresses.get(b)?.has(address));
    pair((old, now) => isSame(old.id, now.id) && share(old, now));
    pair(share);
    pair((old, now) => isSame(old.id, now.id));
    // One that takes over by an address of all hosts, or that is renamed and moved in one change.
    const covers = (a: SideResource, b: SideResource): boolean =>
      [...(addresses.get(a) ?? [])].some((one) => addresses.get(b)?.has(addressOfAll(one) ?? ''));
    pair((old, now) => covers(old, now) || covers(now, old));
    pair((old, now) => chainsText(old) === chainsText(now));
    for (const now of right) if (!this.before.has(now)) this.before.set(now, undefined);
  }

  /** Listeners that are alone of their name on both sides. */
  private singles(side: ResourcesById, other: ResourcesById): SideResource[] {
    return side.singles('listener').filter(({ id }) => other.all(id).length <= 1);
  }
}

function chainsText({ meaning }: SideResource): string {
  return [fieldOf(meaning, 'filter_chains'), fieldOf(meaning, 'default_filter_chain')]
    .map((part) => (part === undefined ? '' : canonical(part)))
    .join();
}

function isSame(a: ResourceId, b: ResourceId): boolean {
  return a.kind === b.kind && a.name === b.name;
}

function isWhereItWas(old: SideResource | undefined, now: SideResource): boolean {
  return old !== undefined && listenerAddresses(old.meaning).join() === listenerAddresses(now.meaning).join();
}
