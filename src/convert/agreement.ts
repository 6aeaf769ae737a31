// Edits and aliases: what is at an anchor is read by all its aliases. An edit there is made only if all
// who read it want the same; and an anchor is cut only if its aliases are cut too.

import type { Edit } from '../source/edit.js';
import { Expansion } from '../source/expansion.js';
import { replaceMember } from '../source/map-edit.js';
import type { Tape } from '../source/tape.js';
import type { Left, Move } from './move.js';

interface Wanted {
  readonly edit: Edit;
  readonly map: number;
  readonly moves: Move[];
  agreed: boolean;
}

/**
 * Turns moves into edits.
 *
 * @param moves taken one by one, so that they need not all be there at once
 * @param settle gets each move: one that aliases forbid with what it would have moved left
 */
export function agreedEdits(
  tape: Tape,
  moves: Iterable<Move>,
  unread: ReadonlySet<number>,
  settle: (move: Move) => void,
): Edit[] {
  if (tape.aliases.length > 0) return editsAmongAliases(tape, [...moves], unread, settle);
  const edits: Edit[] = [];
  for (const move of moves) {
    for (const one of move.replacements) edits.push(editOf(tape, one));
    settle(move);
  }
  return edits;
}

function editsAmongAliases(
  tape: Tape,
  moves: readonly Move[],
  unread: ReadonlySet<number>,
  settle: (move: Move) => void,
): Edit[] {
  const wanted = collect(tape, moves);
  const expansion = new Expansion(tape, unread);
  for (const one of wanted.values()) {
    if (one.moves.length !== expansion.of(one.map)) one.agreed = false;
  }
  const refused = new Set<Move>();
  const refuse = (one: Wanted): void => {
    one.agreed = false;
    for (const move of one.moves) refused.add(move);
  };
  for (const one of wanted.values()) if (!one.agreed) refuse(one);
  // Each refusal may leave an alias standing whose anchor another edit would cut.
  for (let before = -1; before !== refused.size; ) {
    before = refused.size;
    for (const one of wanted.values())
      if (one.agreed && one.moves.some((move) => refused.has(move))) refuse(one);
    const edits = [...wanted.values()].filter((one) => one.agreed);
    for (const one of edits) if (cutsUsedAnchor(tape, one.edit, edits)) refuse(one);
  }
  for (const move of moves) settle(refused.has(move) ? withAliasLeft(move) : move);
  return [...wanted.values()].filter((one) => one.agreed).map((one) => one.edit);
}

function editOf(tape: Tape, { map, key, field }: Move['replacements'][number]): Edit {
  return replaceMember(tape, map, key, field.name, field.value);
}

/** Each edit once, with all the moves that want it; differing ones at one place agree on nothing. */
function collect(tape: Tape, moves: readonly Move[]): Map<number, Wanted> {
  const wanted = new Map<number, Wanted>();
  for (const move of moves) {
    for (const replacement of move.replacements) {
      const edit = editOf(tape, replacement);
      const known = wanted.get(edit.start);
      if (known === undefined)
        wanted.set(edit.start, { edit, map: replacement.map, moves: [move], agreed: true });
      else {
        known.moves.push(move);
        if (known.edit.text !== edit.text || known.edit.end !== edit.end) known.agreed = false;
      }
    }
  }
  return wanted;
}

/** Whether an edit takes away an anchor that something outside the cut text stands for. */
function cutsUsedAnchor(tape: Tape, edit: Edit, all: readonly Wanted[]): boolean {
  for (const [node, start] of tape.anchors) {
    if (start < edit.start || start >= edit.end) continue;
    const name = /^&[^\s,[\]{}]+/.exec(tape.text.slice(start, start + 256))?.[0].slice(1) ?? '';
    if (mentions(edit.text, `&${name}`)) continue;
    for (const alias of tape.aliases) {
      if (tape.resolve(alias) !== node) continue;
      const at = tape.start(alias);
      const cut = all.find((one) => at >= one.edit.start && at < one.edit.end);
      if (cut === undefined || mentions(cut.edit.text, `*${name}`)) return true;
    }
  }
  return false;
}

function mentions(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!/[^\s,[\]{}]/.test(text.charAt(at + word.length))) return true;
  }
  return false;
}

function withAliasLeft(move: Move): Move {
  const left: Left = {
    what: 'context',
    reason: 'alias',
    detail:
      'it shares text with other contexts through a YAML alias, and they cannot all change the same way',
    remedy: 'replace the alias with a copy of the text',
  };
  return { ...move, replacements: [], left: [...move.left, left], warnings: [] };
}
