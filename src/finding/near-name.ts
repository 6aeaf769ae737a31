// The name that was probably meant: for messages about unknown fields, flags and options.
/**
 * The candidate nearest to a word, if one is near enough to be what was meant: at most a third of the
 * letters differ, counted in insertions, deletions, replacements and swaps of neighbours. Labels that dotted
 * names end with alike do not make them near: `a.default.svc.cluster.local` is far from `b.default.svc…`.
 */
export function nearName(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  const ownWord = fold(word);
  const names = Array.isArray(candidates) ? foldedNames(candidates) : undefined;
  let index = 0;
  for (const candidate of candidates) {
    const name = names?.[index++];
    const [own, other] =
      word.includes('.') && candidate.includes('.')
        ? (withoutSharedEnd(word, candidate).map(fold) as [string, string])
        : [ownWord, name ?? fold(candidate)];
    const limit = Math.min(bestDistance, Math.floor(Math.max(own.length, 3) / 3) + 1);
    if (Math.abs(other.length - own.length) >= limit) continue;
    const distance = editDistance(own, other, limit);
    if (distance < limit) {
      bestDistance = distance;
      best = candidate;
    }
  }
  return best;
}

/** Whether a word differs from a name by case, separators, or one letter: a slip, which has one right answer. */
export function isSlip(word: string, name: string): boolean {
  return editDistance(fold(word), fold(name), 2) < 2;
}

/** Two names without the labels that both end with; a label of each is left. */
function withoutSharedEnd(a: string, b: string): readonly [string, string] {
  let [first, second] = [a, b];
  for (;;) {
    const [cut, other] = [first.lastIndexOf('.'), second.lastIndexOf('.')];
    if (cut < 0 || other < 0 || first.slice(cut) !== second.slice(other)) return [first, second];
    [first, second] = [first.slice(0, cut), second.slice(0, other)];
  }
}

/** The candidates of a list as they are compared: thousands of words are held against the fields of one message. */
function foldedNames(candidates: readonly string[]): readonly string[] {
  const known = folded.get(candidates) ?? candidates.map(fold);
  folded.set(candidates, known);
  return known;
}

const folded = new WeakMap<readonly string[], readonly string[]>();

/** Both spellings of a field, and slips of case, count as the same. */
function fold(name: string): string {
  return name.replace(/[_-]/g, '').toLowerCase();
}

/** The optimal string alignment distance, or `limit` where it is not below that. */
function editDistance(a: string, b: string, limit: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let smallest = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (last[j - 1] as number) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] as number) + 1);
      }
      row.push(cost);
      smallest = Math.min(smallest, cost);
    }
    if (smallest >= limit) return limit;
    beforeLast = last;
    last = row;
  }
  return last[b.length] as number;
}
