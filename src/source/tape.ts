// The tape: one document's structure as flat arrays of numbers beside its text. A node is an index; its
// children follow it. Nothing is copied out of the text until somebody asks for it, and every node knows
// where it is, so that findings have positions and edits have ranges.

/** What a node is. `Key` nodes are only inside maps, each before its value. */
export const Kind = {
  Null: 0,
  Bool: 1,
  Number: 2,
  String: 3,
  Map: 4,
  List: 5,
  Alias: 6,
  Key: 7,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** How a node is written, as bits. */
export const Style = {
  Plain: 0,
  /** The text between start and end is not the value: escapes, folding or block indentation. */
  Encoded: 1,
  Quoted: 2,
  /** A block collection or block scalar of YAML. */
  Block: 4,
  /** The merge key `<<` of YAML 1.1. */
  Merge: 8,
  /** A key of YAML with the tag `!ignore`: Envoy passes its member over. */
  Ignored: 16,
  /** A value that means something only together with earlier copies of its field: JSON that repeats a key. */
  Scattered: 32,
} as const;

/** Most documents have none, and thousands of them would have an empty map each. */
const NO_ANCHORS: ReadonlyMap<number, number> = new Map();

/** How a node's encoded text becomes its value; each reader of a format brings its own. */
export type Decode = (tape: Tape, node: number) => string;

/** Three numbers and two bytes. */
const NODE_BYTES = 14;
const SLAB_BYTES = 1 << 16;

let slab = new ArrayBuffer(0);
let slabUsed = 0;

/** Memory for a tape. Small ones share a piece: thousands of documents would otherwise have five each. */
function roomFor(capacity: number): { readonly buffer: ArrayBuffer; readonly offset: number } {
  // Numbers are at multiples of four.
  const bytes = (capacity * NODE_BYTES + 3) & ~3;
  if (bytes > SLAB_BYTES / 4) return { buffer: new ArrayBuffer(bytes), offset: 0 };
  if (slabUsed + bytes > slab.byteLength) {
    slab = new ArrayBuffer(SLAB_BYTES);
    slabUsed = 0;
  }
  const offset = slabUsed;
  slabUsed += bytes;
  return { buffer: slab, offset };
}

/**
 * A document's structure. `starts` and `ends` are offsets into `text` in UTF-16 code units, quotes
 * included. `links` holds for a map or list the node after its last descendant, for a key the number of
 * its name in `names`, for an alias the node it stands for (its anchor's), else nothing.
 */
export class Tape {
  size = 0;
  kinds: Uint8Array;
  styles: Uint8Array;
  starts: Int32Array;
  ends: Int32Array;
  links: Int32Array;
  /** Every distinct key of the text, decoded; a key node holds an index into it. */
  readonly names: string[];
  /** Alias nodes in the order of the text. */
  readonly aliases: number[] = [];
  private anchorStarts: Map<number, number> | undefined;
  private overrides: Map<number, string> | undefined;

  constructor(
    readonly text: string,
    private readonly decode: Decode,
    capacity: number,
    names: string[] = [],
  ) {
    this.names = names;
    const room = roomFor(capacity);
    const { buffer } = room;
    let { offset } = room;
    const numbers = (): Int32Array => {
      const array = new Int32Array(buffer, offset, capacity);
      offset += 4 * capacity;
      return array;
    };
    this.starts = numbers();
    this.ends = numbers();
    this.links = numbers();
    this.kinds = new Uint8Array(buffer, offset, capacity);
    this.styles = new Uint8Array(buffer, offset + capacity, capacity);
  }

  /** Appends a node and returns its index. */
  push(kind: Kind, style: number, start: number, end: number, link = 0): number {
    const node = this.size;
    if (node === this.kinds.length) this.grow();
    this.kinds[node] = kind;
    this.styles[node] = style;
    this.starts[node] = start;
    this.ends[node] = end;
    this.links[node] = link;
    this.size = node + 1;
    return node;
  }

  /** Says that a node has an anchor, and where `&name` begins. */
  addAnchor(node: number, start: number): void {
    this.anchorStarts ??= new Map();
    this.anchorStarts.set(node, start);
  }

  /** Makes room for more nodes; the arrays are other ones afterwards. */
  grow(): void {
    const capacity = Math.max(64, Math.ceil(this.kinds.length * 1.5));
    const widen = <A extends Uint8Array | Int32Array>(from: A, to: A): A => {
      to.set(from);
      return to;
    };
    this.kinds = widen(this.kinds, new Uint8Array(capacity));
    this.styles = widen(this.styles, new Uint8Array(capacity));
    this.starts = widen(this.starts, new Int32Array(capacity));
    this.ends = widen(this.ends, new Int32Array(capacity));
    this.links = widen(this.links, new Int32Array(capacity));
  }

  /** Anchored nodes, with where `&name` begins. */
  get anchors(): ReadonlyMap<number, number> {
    return this.anchorStarts ?? NO_ANCHORS;
  }

  kind(node: number): Kind {
    return this.kinds[node] as Kind;
  }

  start(node: number): number {
    return this.starts[node] as number;
  }

  end(node: number): number {
    return this.ends[node] as number;
  }

  /** The node after this one and all it holds. */
  next(node: number): number {
    const kind = this.kinds[node];
    return kind === Kind.Map || kind === Kind.List ? (this.links[node] as number) : node + 1;
  }

  /** The node itself, or what an alias stands for. */
  resolve(node: number): number {
    return this.kinds[node] === Kind.Alias ? (this.links[node] as number) : node;
  }

  /** The name that a key node spells. */
  name(key: number): string {
    return this.names[this.links[key] as number] as string;
  }

  has(node: number, style: number): boolean {
    return ((this.styles[node] as number) & style) !== 0;
  }

  /** The text of a node as it is written, quotes included. */
  raw(node: number): string {
    return this.text.slice(this.starts[node], this.ends[node]);
  }

  /** The value of a scalar as text: a string's characters, a number's or bool's spelling. */
  string(node: number): string {
    const style = this.styles[node] as number;
    if (style & Style.Encoded) return this.overrides?.get(node) ?? this.decode(this, node);
    const start = this.starts[node] as number;
    const end = this.ends[node] as number;
    return style & Style.Quoted ? this.text.slice(start + 1, end - 1) : this.text.slice(start, end);
  }

  /** Has a scalar read as another text than it is written. */
  override(node: number, text: string): void {
    this.overrides ??= new Map();
    this.overrides.set(node, text);
    this.styles[node] = (this.styles[node] as number) | Style.Encoded;
  }

  /** Whether any scalar is read as another text than it is written. */
  get isOverridden(): boolean {
    return this.overrides !== undefined;
  }

  /** The value node under a name in a map, by exact spelling and without merge keys; -1 if there is none, or no map. */
  get(map: number, name: string): number {
    if (map < 0 || this.kinds[map] !== Kind.Map) return -1;
    const end = this.links[map] as number;
    for (let key = map + 1; key < end; key = this.next(key + 1)) {
      if (this.name(key) === name) return this.resolve(key + 1);
    }
    return -1;
  }

  /** As `get`, and of repeated keys the last. */
  last(map: number, name: string): number {
    let found = -1;
    if (map < 0 || this.kinds[map] !== Kind.Map) return found;
    const end = this.links[map] as number;
    for (let key = map + 1; key < end; key = this.next(key + 1)) {
      if (this.name(key) === name) found = this.resolve(key + 1);
    }
    return found;
  }
}
