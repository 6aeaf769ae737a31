// What alternatives have in common at their beginning is matched once: ABC|ABD is AB[CD]. It tells how large the
// program of an expression is.

import { ByteSet } from './byte-set.js';
import {
  Flag,
  isEmptyWidth,
  isLiteral,
  isSingle,
  listNode,
  type Node,
  sameNode,
  type TextNode,
  textNode,
} from './syntax.js';

/** The alternatives, with common beginnings put before those that have them. */
export function factorAlternatives(alternatives: readonly Node[], flags: number): readonly Node[] {
  const byText = withCommonTexts(alternatives, flags);
  return withMergedClasses(withCommonParts(byText, flags), flags);
}

/** Replaces each run of alternatives that begin with the same bytes. */
function withCommonTexts(alternatives: readonly Node[], flags: number): readonly Node[] {
  const result: Node[] = [];
  let run: Node[] = [];
  let common: readonly number[] = [];
  let fold = 0;
  const close = () => {
    if (run.length < 2) result.push(...run);
    else {
      const rests = run.map((node) => withoutBytes(node, common.length));
      result.push(prefixed(textNode(common, fold), rests, flags));
    }
  };
  for (const node of alternatives) {
    const text = leadingText(node);
    const own = text === undefined ? 0 : text.flags & Flag.Fold;
    const bytes = text?.bytes ?? [];
    if (run.length > 0 && own === fold) {
      const shared = sharedLength(common, bytes);
      if (shared > 0) {
        run.push(node);
        common = common.slice(0, shared);
        continue;
      }
    }
    close();
    run = [node];
    common = bytes;
    fold = own;
  }
  close();
  return result;
}

/** Replaces each run of alternatives whose first part is the same, where that part is simple. */
function withCommonParts(alternatives: readonly Node[], flags: number): readonly Node[] {
  const result: Node[] = [];
  let run: Node[] = [];
  let common: Node | undefined;
  const close = () => {
    if (run.length < 2 || common === undefined) result.push(...run);
    else result.push(prefixed(common, run.map(withoutFirst), flags));
  };
  for (const node of alternatives) {
    const first = firstPart(node);
    if (common !== undefined && first !== undefined && isFactored(common) && sameNode(common, first)) {
      run.push(node);
      continue;
    }
    close();
    run = [node];
    common = first;
  }
  close();
  return result;
}

/** Replaces each run of single characters and classes by one class. */
function withMergedClasses(alternatives: readonly Node[], flags: number): readonly Node[] {
  const result: Node[] = [];
  let run: Node[] = [];
  const close = () => {
    if (run.length < 2) result.push(...run);
    else {
      const set = new ByteSet();
      for (const node of run) set.addAll(bytesOf(node));
      result.push({ op: 'class', set, flags: flags & ~Flag.Fold });
    }
    run = [];
  };
  for (const node of alternatives) {
    if (isLiteral(node) || node.op === 'class') run.push(node);
    else {
      close();
      result.push(node);
    }
  }
  close();
  return result;
}

/** What follows a common beginning is factored in turn. */
function prefixed(prefix: Node, rests: readonly Node[], flags: number): Node {
  const rest = listNode('alternate', factorAlternatives(rests, flags), flags);
  return { op: 'concat', subs: [prefix, rest], flags };
}

function bytesOf(node: Node): ByteSet {
  if (node.op === 'class') return node.set;
  const [byte = 0] = (node as TextNode).bytes;
  const set = ByteSet.of([byte, byte]);
  return (node.flags & Flag.Fold) === 0 ? set : set.folded();
}

function leadingText(node: Node): TextNode | undefined {
  let at = node;
  while (at.op === 'concat') at = at.subs[0] as Node;
  return at.op === 'text' ? at : undefined;
}

function sharedLength(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

/** An alternative without the bytes that it begins with. */
function withoutBytes(node: Node, count: number): Node {
  if (node.op === 'text') return textNode(node.bytes.slice(count), node.flags);
  if (node.op !== 'concat') return node;
  const [first, ...others] = node.subs;
  const rest = withoutBytes(first as Node, count);
  return rest.op === 'empty' ? listNode('concat', others, node.flags) : { ...node, subs: [rest, ...others] };
}

function firstPart(node: Node): Node | undefined {
  if (node.op === 'empty') return undefined;
  if (node.op !== 'concat') return node;
  const [first] = node.subs;
  return first?.op === 'empty' ? undefined : first;
}

function withoutFirst(node: Node): Node {
  if (node.op !== 'concat') return { op: 'empty', flags: node.flags };
  return listNode('concat', node.subs.slice(1), node.flags);
}

/** Whether a part may be matched once for several alternatives without a change of what is preferred. */
function isFactored(node: Node): boolean {
  if (isEmptyWidth(node) || node.op === 'class' || node.op === 'any-char' || node.op === 'any-byte')
    return true;
  return node.op === 'count' && node.min === node.max && isSingle(node.sub);
}
