// Which fields a document may have at all. A document has few names and many messages: asking thousands of
// them for a field that none has should cost next to nothing.

/** The names of a document, in a spelling that all spellings of a field have in common. */
export class Mentions {
  private readonly spelled: ReadonlySet<string>;
  private readonly known = new Map<string, boolean>();

  private constructor(names: readonly string[]) {
    const common = names.map(commonSpelling);
    // What old dumps have before the names of v2 in v3 messages.
    this.spelled = new Set([...common, ...common.map((name) => name.replace(/^hiddenenvoydeprecated/, ''))]);
  }

  /** The mentions of some names; the documents of one text share theirs. */
  static of(names: readonly string[]): Mentions {
    const shared = all.get(names);
    if (shared?.size === names.length) return shared.mentions;
    const mentions = new Mentions(names);
    all.set(names, { mentions, size: names.length });
    return mentions;
  }

  /** Whether a key may name a field; where it says no, none does. */
  has(field: string): boolean {
    let known = this.known.get(field);
    if (known === undefined) {
      known = this.spelled.has(commonSpelling(field));
      this.known.set(field, known);
    }
    return known;
  }
}

const all = new WeakMap<readonly string[], { readonly mentions: Mentions; readonly size: number }>();

/** `tls_context` and `tlsContext` alike. */
function commonSpelling(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}
