// Expressions of CEL over a message of the API or over TLS settings. Names of fields are checked when an expression
// is read: one that the API does not have would be an error at every message, or at none.

import { type CelInput, celEnv, isCelError, parse, plan } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import { type FieldInfo, type MessageInfo, message } from '../envoy/api-table.js';
import type { Message } from '../envoy/message.js';
import { nearName } from '../finding/near-name.js';
import { quoted } from '../secrecy/quoted.js';
import { type PlainTls, TLS_MEMBERS } from '../tls/plain-settings.js';
import { messageValue } from './message-value.js';

/** What an expression is about: `message`, and for TLS settings `tls`. */
export interface Subject {
  readonly type: MessageInfo | undefined;
  readonly hasTls: boolean;
}

/** What is asked about: a message, for TLS settings the context's. */
export class Asked {
  private value: CelInput | undefined;

  constructor(
    readonly message: Message,
    readonly tls?: PlainTls,
  ) {}

  /** The variables of an expression. */
  get bindings(): { readonly [name: string]: CelInput } {
    this.value ??= messageValue(this.message);
    return { message: this.value, ...(this.tls !== undefined && { tls: this.tls }) };
  }
}

/** What an expression gives: a bool, or why it gives none. */
type Outcome = boolean | { readonly problem: string };

/** Something that holds for a message or does not. */
export type Condition = (asked: Asked) => Outcome;

/** Reads an expression, or says what is wrong with it. */
export function compileExpression(
  text: string,
  subject: Subject,
): Condition | { readonly problem: string; readonly suggestion?: string } {
  try {
    const parsed = parse(text);
    const fault = new NameCheck(subject).fault(parsed.expr as unknown as Expr);
    if (fault !== undefined) return fault;
    const evaluate = plan(celEnv({ funcs: strings }), parsed);
    return ({ bindings }) => {
      const result = evaluate(bindings);
      if (typeof result === 'boolean') return result;
      return { problem: isCelError(result) ? reason(result.message) : 'the result is not a bool' };
    };
  } catch (error) {
    return { problem: `this is not an expression of CEL: ${quoted((error as Error).message)}` };
  }
}

/** Why an evaluation failed: in words of our own, since those of CEL may quote a value. */
function reason(message: string): string {
  if (/no such key|field not found|no such field/i.test(message))
    return 'it asks for a member that is not there';
  if (/overload/i.test(message)) return 'the types of two values do not fit together';
  return 'the evaluation failed';
}

/** The parts of a syntax tree of CEL that are looked at. */
interface Expr {
  readonly exprKind:
    | { readonly case: 'identExpr'; readonly value: { readonly name: string } }
    | { readonly case: 'selectExpr'; readonly value: { readonly operand: Expr; readonly field: string } }
    | {
        readonly case: 'callExpr';
        readonly value: { readonly target?: Expr; readonly function: string; readonly args: readonly Expr[] };
      }
    | { readonly case: 'listExpr'; readonly value: { readonly elements: readonly Expr[] } }
    | {
        readonly case: 'comprehensionExpr';
        readonly value: {
          readonly iterVar: string;
          readonly iterRange: Expr;
          readonly accuVar: string;
          readonly accuInit: Expr;
          readonly loopCondition: Expr;
          readonly loopStep: Expr;
          readonly result: Expr;
        };
      }
    | { readonly case: 'constExpr' | 'structExpr' | undefined; readonly value?: unknown };
}

/** What is known of the value of an expression. */
type Known = { readonly message: MessageInfo } | { readonly list: Known } | 'tls' | undefined;

interface NameFault {
  readonly problem: string;
  readonly suggestion?: string;
}

/** Walks an expression and finds the first name that nothing has. */
class NameCheck {
  private found: NameFault | undefined;

  constructor(private readonly subject: Subject) {}

  fault(expr: Expr): NameFault | undefined {
    const scope = new Map<string, Known>();
    const { type, hasTls } = this.subject;
    scope.set('message', type === undefined ? undefined : { message: type });
    if (hasTls) scope.set('tls', 'tls');
    this.known(expr, scope);
    return this.found;
  }

  private known({ exprKind }: Expr, scope: ReadonlyMap<string, Known>): Known {
    switch (exprKind.case) {
      case 'identExpr':
        return this.variable(exprKind.value.name, scope);
      case 'selectExpr':
        return this.select(this.known(exprKind.value.operand, scope), exprKind.value.field);
      case 'listExpr':
        for (const element of exprKind.value.elements) this.known(element, scope);
        return undefined;
      case 'callExpr': {
        const { target, function: name, args } = exprKind.value;
        const known = [...(target === undefined ? [] : [target]), ...args].map((one) =>
          this.known(one, scope),
        );
        const [first] = known;
        return name === '_[_]' && typeof first === 'object' && 'list' in first ? first.list : undefined;
      }
      case 'comprehensionExpr': {
        const { iterVar, iterRange, accuVar, accuInit, loopCondition, loopStep, result } = exprKind.value;
        const range = this.known(iterRange, scope);
        this.known(accuInit, scope);
        const item = typeof range === 'object' && 'list' in range ? range.list : undefined;
        const inner = new Map([...scope, [iterVar, item], [accuVar, undefined]]);
        for (const part of [loopCondition, loopStep, result]) this.known(part, inner);
        return undefined;
      }
      default:
        return undefined;
    }
  }

  private variable(name: string, scope: ReadonlyMap<string, Known>): Known {
    // Types are values in CEL.
    if (!scope.has(name) && !TYPES.has(name))
      this.report(`there is no variable ${quoted(name)}`, name, scope.keys());
    return scope.get(name);
  }

  private select(operand: Known, name: string): Known {
    if (operand === 'tls') {
      if (!(TLS_MEMBERS as readonly string[]).includes(name))
        this.report(`tls has no ${quoted(name)}`, name, TLS_MEMBERS);
      return undefined;
    }
    if (typeof operand !== 'object' || !('message' in operand)) return undefined;
    const { message: type } = operand;
    const field = type.field(name);
    if (field?.name !== name) {
      this.report(
        `${type.name} has no field ${quoted(name)}`,
        name,
        type.fields.map((one) => one.name),
      );
      return undefined;
    }
    return knownOf(field);
  }

  private report(problem: string, name: string, known: Iterable<string>): void {
    const suggestion = nearName(name, known);
    this.found ??= { problem, ...(suggestion !== undefined && { suggestion }) };
  }
}

const TYPES: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'dyn',
  'int',
  'list',
  'map',
  'null_type',
  'string',
  'type',
  'uint',
]);

function knownOf(field: FieldInfo): Known {
  if (field.kind !== 'message' || field.map !== undefined || field.type?.startsWith('google.protobuf.'))
    return undefined;
  const type = message(field.type as string);
  if (type === undefined) return undefined;
  return field.repeated ? { list: { message: type } } : { message: type };
}
