// What a regular expression of RE2 is, once it is parsed.

import type { ByteSet } from './byte-set.js';

/** What was in force where a part of the expression stood; bits. */
export const Flag = {
  /** (?i) */
  Fold: 1,
  /** The opposite of (?m): ^ and $ stand for the text's ends alone. */
  OneLine: 2,
  /** (?s) */
  DotMatchesNewline: 4,
  /** (?U), or a ? behind the operator */
  NonGreedy: 8,
  /** Tells $ from \z. */
  Dollar: 16,
} as const;

/** Matches the empty text at some places. */
type EmptyWidthOp =
  | 'begin-line'
  | 'end-line'
  | 'begin-text'
  | 'end-text'
  | 'word-boundary'
  | 'no-word-boundary';

export interface PlainNode {
  readonly op: 'no-match' | 'empty' | 'any-char' | 'any-byte' | EmptyWidthOp;
  readonly flags: number;
}

/** One byte or more, one after the other. */
export interface TextNode {
  readonly op: 'text';
  readonly bytes: readonly number[];
  readonly flags: number;
}

interface ClassNode {
  readonly op: 'class';
  readonly set: ByteSet;
  readonly flags: number;
}

export interface ListNode {
  readonly op: 'concat' | 'alternate';
  readonly subs: readonly Node[];
  readonly flags: number;
}

export interface RepeatNode {
  readonly op: 'star' | 'plus' | 'quest';
  readonly sub: Node;
  readonly flags: number;
}

export interface CountNode {
  readonly op: 'count';
  readonly sub: Node;
  readonly min: number;
  /** -1 for no bound. */
  readonly max: number;
  readonly flags: number;
}

export interface CaptureNode {
  readonly op: 'capture';
  readonly sub: Node;
  readonly number: number;
  readonly flags: number;
}

export type Node = PlainNode | TextNode | ClassNode | ListNode | RepeatNode | CountNode | CaptureNode;

export function isRepeat(node: Node): node is RepeatNode {
  return node.op === 'star' || node.op === 'plus' || node.op === 'quest';
}

/** Whether it is one byte, written out. */
export function isLiteral(node: Node): node is TextNode {
  return node.op === 'text' && node.bytes.length === 1;
}

/** Whether it matches one character and nothing else. */
export function isSingle(node: Node): boolean {
  return isLiteral(node) || node.op === 'class' || node.op === 'any-char' || node.op === 'any-byte';
}

export function isEmptyWidth(node: Node): boolean {
  switch (node.op) {
    case 'begin-line':
    case 'end-line':
    case 'begin-text':
    case 'end-text':
    case 'word-boundary':
    case 'no-word-boundary':
      return true;
    default:
      return false;
  }
}

/** Bytes as a node; none are the empty text. */
export function textNode(bytes: readonly number[], flags: number): Node {
  return bytes.length === 0 ? { op: 'empty', flags } : { op: 'text', bytes, flags };
}

/** Nodes as one: none of alternatives match nothing, none in a row match the empty text. */
export function listNode(op: ListNode['op'], subs: readonly Node[], flags: number): Node {
  if (subs.length === 1) return subs[0] as Node;
  if (subs.length === 0) return { op: op === 'alternate' ? 'no-match' : 'empty', flags };
  return { op, subs, flags };
}

/** A repetition; repetitions of repetitions fall into one. */
export function repeatNode(op: RepeatNode['op'], sub: Node, flags: number): Node {
  if (!isRepeat(sub) || sub.flags !== flags) return { op, sub, flags };
  return op === sub.op || sub.op === 'star' ? sub : { op: 'star', sub: sub.sub, flags };
}

/** Whether two expressions are the same, with the flags that matter to each. */
export function sameNode(a: Node, b: Node): boolean {
  const differing = a.flags ^ b.flags;
  switch (a.op) {
    case 'text':
      return b.op === 'text' && (differing & Flag.Fold) === 0 && sameBytes(a.bytes, b.bytes);
    case 'class':
      return b.op === 'class' && a.set.equals(b.set);
    case 'concat':
    case 'alternate':
      return (
        b.op === a.op &&
        a.subs.length === b.subs.length &&
        a.subs.every((sub, i) => sameNode(sub, b.subs[i] as Node))
      );
    case 'star':
    case 'plus':
    case 'quest':
      return b.op === a.op && (differing & Flag.NonGreedy) === 0 && sameNode(a.sub, b.sub);
    case 'count':
      return (
        b.op === 'count' &&
        (differing & Flag.NonGreedy) === 0 &&
        a.min === b.min &&
        a.max === b.max &&
        sameNode(a.sub, b.sub)
      );
    case 'capture':
      return b.op === 'capture' && a.number === b.number && sameNode(a.sub, b.sub);
    case 'end-text':
      return b.op === a.op && (differing & Flag.Dollar) === 0;
    default:
      return b.op === a.op;
  }
}

function sameBytes(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
