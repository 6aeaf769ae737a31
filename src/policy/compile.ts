// The policies of a project file, ready to be applied, and what is wrong with them.

import { typeNamed } from '../envoy/schema/type-names.js';
import type { Level } from '../finding/finding.js';
import { quoted } from '../secrecy/quoted.js';
import type { Rule } from '../validate/rule.js';
import { type Condition, compileExpression } from './cel.js';
import { compileSchema } from './json-schema.js';
import { type Policy, policyRule, type Target } from './policy.js';

/** A policy as it is written. */
export interface PolicyText {
  readonly code: string;
  readonly level: Level;
  readonly message: string;
  readonly remedy: string;
  /** `tls`, or the name of a message. */
  readonly on: string;
  readonly at: string | undefined;
  readonly when: string | undefined;
  readonly require: string | undefined;
  /** A JSON Schema, once its file was read. */
  readonly schema: unknown;
}

/** A field of a policy that something is wrong with. */
export interface PolicyFault {
  readonly field: 'on' | 'at' | 'when' | 'require' | 'schema';
  readonly problem: string;
  readonly suggestion?: string;
}

/** A policy as a rule, or what is wrong with it. */
export function compilePolicy(text: PolicyText): Rule | { readonly faults: readonly PolicyFault[] } {
  const target = targetNamed(text.on);
  if ('problem' in target) return { faults: [{ field: 'on', ...target }] };
  const faults: PolicyFault[] = [];
  const subject = { type: 'type' in target ? target.type : undefined, hasTls: 'tls' in target };
  const compiled = (field: 'when' | 'require'): Condition | undefined => {
    const expression = text[field];
    if (expression === undefined) return undefined;
    const found = compileExpression(expression, subject);
    if (typeof found === 'function') return found;
    faults.push({ field, ...found });
    return undefined;
  };
  const when = compiled('when');
  const require = text.require === undefined ? schemaOf(text, faults) : compiled('require');
  if (text.at !== undefined && 'type' in target && target.type.field(text.at) === undefined)
    faults.push({ field: 'at', problem: `${target.type.name} has no field ${quoted(text.at)}` });
  if (faults.length > 0 || require === undefined) return { faults };
  const { code, level, message, remedy, at } = text;
  return policyRule({ code, level, message, remedy, target, at, when, require } satisfies Policy);
}

function schemaOf({ schema }: PolicyText, faults: PolicyFault[]): Condition | undefined {
  const found = compileSchema(schema);
  if (typeof found === 'function') return found;
  faults.push({ field: 'schema', ...found });
  return undefined;
}

/** What a policy is about; a name without its package is that of a v3 message. */
function targetNamed(name: string): Target | { readonly problem: string; readonly suggestion?: string } {
  if (name === 'tls') return { tls: true };
  const found = typeNamed(name, 'v3');
  if ('type' in found) return { type: found.type };
  if ('candidates' in found)
    return { problem: `${quoted(name)} may be several messages: ${found.candidates.slice(0, 8).join(', ')}` };
  return {
    problem: `there is no message ${quoted(name)}`,
    ...(found.near !== undefined && { suggestion: found.near }),
  };
}
