// What is wrong with the values of an Istio resource's spec: enum names that do not exist, texts where
// numbers or bools belong, numbers out of their range, durations that are none, fields that are missing. Names
// and kinds of fields are checked where the spec is read (envoy/message.ts).

import { type EnumInfo, enumeration, type FieldInfo } from '../envoy/api-table.js';
import type { Message } from '../envoy/message.js';
import { isSecretField } from '../envoy/sensitive-fields.js';
import type { Finding } from '../finding/finding.js';
import { nearName } from '../finding/near-name.js';
import { UNIX_PREFIX } from '../istio/sockets.js';
import { quotedValue, withheld } from '../secrecy/quoted.js';
import { Kind } from '../source/tape.js';
import { parseDuration } from './duration.js';
import type { MessageRule, Range } from './validation/message-rule.js';
import { Problems } from './validation/problems.js';
import { checkFor, ruleFor } from './validation/rules.js';

/**
 * Checks all values of a message and of the messages in it.
 *
 * @param only names of the fields that matter; undefined for all
 * @param rule what is asked of the message, where that is not what its type says
 */
export function checkSpec(
  message: Message,
  findings: Finding[],
  only?: readonly string[],
  rule = ruleFor(message.type.name),
): void {
  const { tape } = message.reader;
  if (rule !== undefined) checkPresence(message, rule, findings);
  checkFor(message.type.name)?.(message, new Problems(message, findings));
  message.each((field, node) => {
    if (only !== undefined && !only.includes(field.name)) return;
    const path = message.path(field.name);
    if (field.map !== undefined) {
      if (tape.kind(node) !== Kind.Map) return;
      if (field.kind === 'message' && !isScalar(field)) {
        for (const found of message.mapMessages(field.name)) checkSpec(found, findings);
        return;
      }
      for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) {
        checkValue(message, field, tape.resolve(key + 1), `${path}.${tape.name(key)}`, findings, rule);
      }
    } else if (field.kind === 'message' && !isScalar(field)) {
      const inner = field.repeated ? message.messages(field.name) : [message.message(field.name)];
      const own = innerRule(message, rule, field.name);
      for (const found of inner) if (found !== undefined) checkSpec(found, findings, undefined, own);
    } else if (field.repeated) {
      message.items(field.name).forEach((item, index) => {
        checkValue(message, field, item, `${path}[${index}]`, findings, rule);
      });
    } else checkValue(message, field, node, path, findings, rule);
  });
}

/** What a message asks of those in a field of it, where that is not what their type says. */
function innerRule(message: Message, rule: MessageRule | undefined, field: string): MessageRule | undefined {
  const inner = rule?.onSocket?.[field];
  return inner !== undefined && message.text('bind')?.startsWith(UNIX_PREFIX) ? inner : undefined;
}

const DURATION = 'google.protobuf.Duration';
const BOOL = 'google.protobuf.BoolValue';

/** Whether a message is written as one value. */
function isScalar({ type }: FieldInfo): boolean {
  return type?.startsWith('google.protobuf.') ?? false;
}

function checkValue(
  { reader, type }: Message,
  field: FieldInfo,
  node: number,
  path: string,
  findings: Finding[],
  rule: MessageRule | undefined,
): void {
  const { tape, document } = reader;
  if (tape.kind(node) >= Kind.Map) return;
  const text = tape.string(node);
  const problem = problemOf(field, text, tape.kind(node)) ?? rangeProblem(rule?.ranges?.[field.name], text);
  if (problem === undefined) return;
  findings.push({
    code: 'wrong-value',
    level: 'error',
    message: `${field.name} is ${isSecretField(field, type.name) ? withheld(text) : quotedValue(text)}`,
    ...problem,
    path,
    region: document.source.region(tape.start(node), tape.end(node)),
  });
}

type Problem = Pick<Finding, 'expected' | 'suggestion'>;

function problemOf(field: FieldInfo, text: string, kind: Kind): Problem | undefined {
  if (field.kind === 'enum') return enumProblem(enumeration(field.type ?? ''), text);
  if (field.type === DURATION) {
    const duration = parseDuration(text);
    return duration === undefined || duration < 0n
      ? { expected: 'a duration such as 10s or 1m30s' }
      : undefined;
  }
  switch (field.type === BOOL ? 'bool' : field.scalar) {
    case 'bool':
      return /^(?:true|false)$/.test(text) ? undefined : { expected: 'true or false' };
    case 'uint32':
      return integerProblem(text, 0, 2 ** 32 - 1);
    case 'int32':
      return integerProblem(text, -(2 ** 31), 2 ** 31 - 1);
    case 'uint64':
      return /^\d+$/.test(text) ? undefined : { expected: 'an integer' };
    case 'double':
      return text !== '' && Number.isFinite(Number(text)) ? undefined : { expected: 'a number' };
    case 'string':
      // Istio rejects numbers and bools in string fields; YAML needs quotes to distinguish them.
      return kind === Kind.String ? undefined : { expected: 'a string: put it in quotes' };
    default:
      return undefined;
  }
}

function rangeProblem(range: Range | undefined, text: string): Problem | undefined {
  if (range === undefined) return undefined;
  const value = Number(text);
  return value >= range.least && value <= range.most
    ? undefined
    : { expected: `a number from ${range.least} to ${range.most}` };
}

/** Says which fields are missing, all of them. */
function checkPresence(message: Message, rule: MessageRule, findings: Finding[]): void {
  const { required = [], oneOf = [], level = 'error' } = rule;
  const { tape, document } = message.reader;
  const missing = required.filter((name) => isEmpty(message, name)).map(jsonName(message));
  if (oneOf.length > 0 && oneOf.every((name) => isEmpty(message, name)))
    missing.push(oneOf.map(jsonName(message)).join(' or '));
  const start = tape.start(message.node);
  for (const name of missing) {
    findings.push({
      code: 'missing-field',
      level,
      message: `${name} is missing`,
      expected: `the field ${name} of ${message.type.name.replace(/^.*\.v1(?:alpha\d)?\./, '')}`,
      ...(message.path() !== '' && { path: message.path() }),
      region: document.source.region(start, start),
    });
  }
}

/** Whether a field is absent, or a text or list with nothing in it. */
function isEmpty(message: Message, name: string): boolean {
  const value = message.value(name);
  if (value < 0) return true;
  const { tape } = message.reader;
  return tape.kind(value) === Kind.List ? message.items(name).length === 0 : message.text(name) === '';
}

function jsonName(message: Message): (name: string) => string {
  return (name) => message.type.field(name)?.jsonName ?? name;
}

function enumProblem(type: EnumInfo | undefined, text: string): Problem | undefined {
  if (type === undefined || type.byName(text) !== undefined) return undefined;
  if (/^-?\d+$/.test(text) && type.byNumber(Number(text)) !== undefined) return undefined;
  const names = type.values.map(({ name }) => name);
  const suggestion = nearName(text, names);
  return { expected: `one of ${names.join(', ')}`, ...(suggestion !== undefined && { suggestion }) };
}

function integerProblem(text: string, least: number, most: number): Problem | undefined {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && value >= least && value <= most) return undefined;
  return { expected: `an integer from ${least} to ${most}` };
}
