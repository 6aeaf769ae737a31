// The validate rules of earlier versions of Envoy, where they differ from those of the newest. From a table that
// `npm run generate` writes (scripts/generate/rule-changes.mjs describes it). Load this module only for runs that
// ask about versions.

import table from '../generated/rule-changes.data.js';
import type { FieldRules, MessageRules } from '../schema/rules.js';

/** A change: the rules that held before a minor version. */
interface RuleChange {
  readonly minor: number;
  /** The field; undefined for the required oneofs of the message. */
  readonly field: string | undefined;
  readonly before: string;
}

let changes: ReadonlyMap<string, readonly RuleChange[]> | undefined;

/** A message's rules in a minor version, from those of the newest. */
export function rulesIn(minor: number, type: string, newest: MessageRules): MessageRules {
  const due = new Map<string | undefined, RuleChange>();
  // Of several changes after the version, the first tells what held then.
  for (const change of changesOf(type))
    if (change.minor > minor && !due.has(change.field)) due.set(change.field, change);
  if (due.size === 0) return newest;
  const fields: Record<string, FieldRules> = { ...newest.fields };
  let required = newest.required;
  for (const [field, { before }] of due) {
    if (field === undefined) required = JSON.parse(before) as string[];
    else {
      const { presence, disallowed, unfinished } = fields[field] ?? {};
      fields[field] = {
        ...(JSON.parse(before) as FieldRules),
        ...(presence !== undefined && { presence }),
        ...(disallowed !== undefined && { disallowed }),
        ...(unfinished !== undefined && { unfinished }),
      };
    }
  }
  return { ...newest, fields, ...(required !== undefined && { required }) };
}

/** The version after one, up to another, in which a field's rules changed; undefined where they did not. */
export function ruleChange(type: string, field: string, after: number, upTo: number): number | undefined {
  return changesOf(type).find((one) => one.field === field && one.minor > after && one.minor <= upTo)?.minor;
}

function changesOf(type: string): readonly RuleChange[] {
  changes ??= readChanges();
  return changes.get(type) ?? [];
}

function readChanges(): ReadonlyMap<string, readonly RuleChange[]> {
  const read = new Map<string, RuleChange[]>();
  for (const line of table.split('\n')) {
    const [, name = '', version, before = ''] = /^(\S+) (\d+) (.*)$/.exec(line) ?? [];
    const isField = /\.[a-z]\w*$/.test(name);
    const end = isField ? name.lastIndexOf('.') : name.length;
    const type = name.slice(0, end);
    const change = { minor: Number(version), field: isField ? name.slice(end + 1) : undefined, before };
    read.set(type, [...(read.get(type) ?? []), change]);
  }
  return read;
}
