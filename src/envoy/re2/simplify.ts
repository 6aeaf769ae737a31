// Writes an expression with *, +, ? and nothing else that repeats, as RE2 does before it makes a program of it.

import {
  type CountNode,
  Flag,
  isEmptyWidth,
  isLiteral,
  isRepeat,
  isSingle,
  listNode,
  type Node,
  type RepeatNode,
  repeatNode,
  sameNode,
  textNode,
} from './syntax.js';

/** The expression without counts, and without classes that match nothing. */
export function simplify(node: Node): Node {
  return withoutCounts(joined(node));
}

/** Repetitions of one character that stand side by side become one: a*a+ is a+. */
function joined(node: Node): Node {
  switch (node.op) {
    case 'concat':
      return joinedList(node.subs.map(joined), node.flags);
    case 'alternate':
      return { ...node, subs: node.subs.map(joined) };
    case 'star':
    case 'plus':
    case 'quest':
    case 'count':
    case 'capture':
      return { ...node, sub: joined(node.sub) };
    default:
      return node;
  }
}

function joinedList(subs: readonly Node[], flags: number): Node {
  const result: Node[] = [];
  let changed = false;
  for (const sub of subs) {
    const last = result.at(-1);
    const pair = last === undefined ? undefined : joinedPair(last, sub);
    if (pair === undefined) result.push(sub);
    else {
      changed = true;
      result.pop();
      result.push(...pair);
    }
  }
  return { op: 'concat', subs: changed ? result.filter(({ op }) => op !== 'empty') : result, flags };
}

/** A repeated character with what follows it; undefined where they stay apart. */
function joinedPair(first: Node, second: Node): Node[] | undefined {
  if (first.op !== 'count' && !isRepeat(first)) return undefined;
  const { sub, flags } = first;
  if (!isSingle(sub)) return undefined;
  const [min, max] = bounds(first);
  const repeated = (least: number, most: number): Node => ({
    op: 'count',
    sub,
    min: min + least,
    max: max === -1 || most === -1 ? -1 : max + most,
    flags,
  });
  if (second.op === 'count' || isRepeat(second)) {
    if (!sameNode(sub, second.sub) || ((flags ^ second.flags) & Flag.NonGreedy) !== 0) return undefined;
    return [repeated(...bounds(second))];
  }
  if (sameNode(sub, second)) return [repeated(1, 1)];
  if (!isLiteral(sub) || second.op !== 'text' || ((sub.flags ^ second.flags) & Flag.Fold) !== 0)
    return undefined;
  const [byte] = sub.bytes;
  let count = 0;
  while (count < second.bytes.length && second.bytes[count] === byte) count++;
  if (count === 0) return undefined;
  const rest = second.bytes.slice(count);
  return rest.length === 0
    ? [repeated(count, count)]
    : [repeated(count, count), textNode(rest, second.flags)];
}

/** How often something is repeated; -1 for no bound. */
function bounds(node: RepeatNode | CountNode): [number, number] {
  switch (node.op) {
    case 'star':
      return [0, -1];
    case 'plus':
      return [1, -1];
    case 'quest':
      return [0, 1];
    case 'count':
      return [node.min, node.max];
  }
}

function withoutCounts(node: Node): Node {
  switch (node.op) {
    case 'class':
      return node.set.size === 0 ? { op: 'no-match', flags: node.flags } : node;
    case 'concat':
    case 'alternate':
      return { ...node, subs: node.subs.map(withoutCounts) };
    case 'capture':
      return { ...node, sub: withoutCounts(node.sub) };
    case 'star':
    case 'plus':
    case 'quest': {
      const sub = withoutCounts(node.sub);
      if (sub.op === 'empty') return sub;
      return sub.op === node.op && sub.flags === node.flags ? sub : { ...node, sub };
    }
    case 'count': {
      const sub = withoutCounts(node.sub);
      return sub.op === 'empty' ? sub : written(sub, node.min, node.max, node.flags);
    }
    default:
      return node;
  }
}

/** A repetition written out. */
function written(node: Node, from: number, to: number, flags: number): Node {
  // What matches the empty text does so as well the second time.
  const isIdle =
    isEmptyWidth(node) ||
    ((node.op === 'concat' || node.op === 'alternate') && node.subs.every(isEmptyWidth));
  const min = isIdle ? Math.min(from, 1) : from;
  const max = isIdle ? Math.min(to, 1) : to;
  if (max === -1) {
    if (min === 0) return repeatNode('star', node, flags);
    const last = repeatNode('plus', node, flags);
    return listNode('concat', [...new Array<Node>(min - 1).fill(node), last], flags);
  }
  if (min === 0 && max === 0) return { op: 'empty', flags };
  if (min === 1 && max === 1) return node;
  const certain = min > 0 ? listNode('concat', new Array<Node>(min).fill(node), flags) : undefined;
  if (max <= min) return certain ?? { op: 'no-match', flags };
  let rest = repeatNode('quest', node, flags);
  for (let count = min + 1; count < max; count++)
    rest = repeatNode('quest', { op: 'concat', subs: [node, rest], flags }, flags);
  return certain === undefined ? rest : { op: 'concat', subs: [certain, rest], flags };
}
