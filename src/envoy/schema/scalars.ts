// Whether a scalar is in the JSON form of its type, as Envoy reads that, and keeps its rules. v3 as Envoy 1.40
// reads it, v2 as its last Envoys did: both were tried, value by value.

import type { Level } from '../../finding/finding.js';
import { quotedValue } from '../../secrecy/quoted.js';
import { isTrue } from '../../source/plain-kind.js';
import { Kind, Style, type Tape } from '../../source/tape.js';
import type { Fault, Help } from './faults.js';
import * as faults from './faults.js';
import { Op, type ValueShape } from './shape.js';
import { bytesKeep, durationKeeps, enumKeeps, numberKeeps, stringKeeps } from './value-rules.js';
import * as forms from './well-known.js';

/** How the scalars of a document are read. */
export interface ScalarReading {
  readonly tape: Tape;
  readonly format: 'json' | 'yaml';
  /** Whether the message around is of v3. */
  isV3: boolean;
  /** How much a value weighs that its enum does not have: Envoy drops it from what comes by discovery. */
  readonly unknownLevel: Level;
  /** A value as messages show it: secrets are not shown. */
  readonly shown: (value: ValueShape, node: number) => string;
}

/** What is wrong with a scalar; with `about`, it is said once in a document. */
export interface ScalarFault {
  readonly fault: Fault;
  readonly about?: string;
}

/** Checks a scalar whose kind fits; undefined where nothing is wrong. A value that is right is noted in `value.right`. */
export function scalarFault(
  value: ValueShape,
  node: number,
  kind: Kind,
  reading: ScalarReading,
): ScalarFault | undefined {
  switch (value.op) {
    case Op.String:
      return value.rules === undefined || (value.nonEmpty && isLong(node, reading))
        ? undefined
        : said(stringFault(value, node, reading));
    case Op.Integer:
      return said(integerFault(value, node, reading));
    case Op.Enum:
      return enumFault(value, node, kind, reading);
    case Op.Duration:
      return said(durationFault(value, node, reading));
    case Op.Bool:
      return said(boolFault(value, node, kind, reading));
    case Op.Float:
      return said(floatFault(value, node, kind, reading));
    case Op.Bytes:
      return said(bytesFault(value, node, reading));
    case Op.Timestamp:
      return forms.isTimestamp(reading.tape.string(node)) ? undefined : said(badForm(value, node, reading));
    case Op.FieldMask:
      return forms.isFieldMask(reading.tape.string(node)) ? undefined : said(badForm(value, node, reading));
    default:
      return undefined;
  }
}

function said(fault: Fault | undefined): ScalarFault | undefined {
  return fault === undefined ? undefined : { fault };
}

/** Whether a string is written with a character or more. */
function isLong(node: number, { tape }: ScalarReading): boolean {
  const length = tape.end(node) - tape.start(node);
  return length > 2 && !tape.has(node, Style.Encoded);
}

function stringFault(value: ValueShape, node: number, reading: ScalarReading): Fault | undefined {
  const { tape } = reading;
  if (!stringKeeps(tape.string(node), value.rules ?? {})) return ruleBroken(value, node, reading);
  value.right = tape.raw(node);
  return undefined;
}

function integerFault(value: ValueShape, node: number, reading: ScalarReading): Fault | undefined {
  const { tape } = reading;
  const text = tape.string(node);
  const number =
    tape.has(node, Style.Quoted) || reading.format === 'json'
      ? forms.integerOf(text)
      : forms.yamlIntegerOf(text);
  if (number === undefined) return noNumber(value, node, text, reading);
  if (number < value.least || number > value.most) {
    const [least, most] = value.range;
    return number < least || number > most ? badForm(value, node, reading) : ruleBroken(value, node, reading);
  }
  if (!value.ranged && value.rules !== undefined && !numberKeeps(number, value.rules))
    return ruleBroken(value, node, reading);
  value.right = tape.raw(node);
  return undefined;
}

function floatFault(value: ValueShape, node: number, kind: Kind, reading: ScalarReading): Fault | undefined {
  const text = reading.tape.string(node);
  const number = forms.numberOf(text, kind === Kind.String);
  if (number === undefined) return noNumber(value, node, text, reading);
  if (value.single && Number.isFinite(number) && !Number.isFinite(Math.fround(number)))
    return badForm(value, node, reading);
  return value.rules !== undefined && !numberKeeps(number, value.rules)
    ? ruleBroken(value, node, reading)
    : undefined;
}

/** Signs and bases that numbers have elsewhere; tried with Envoy 1.40. */
const LOOSE_NUMBER = /^(?:\+\d+|0[xX][\da-fA-F]+)$/;

/** A text that is not a number in JSON; Envoy reads some of those too. */
function noNumber(value: ValueShape, node: number, text: string, reading: ScalarReading): Fault {
  return LOOSE_NUMBER.test(text) ? faults.looseForm(value, quotedValue(text)) : badForm(value, node, reading);
}

/** Texts that Envoy reads as bools, in any case. */
const BOOL_TEXT = /^(?:true|t|yes|y|1|false|f|no|n|0)$/i;
const BOOL_TEXT_OF_V2 = /^(?:true|false)$/;

function boolFault(value: ValueShape, node: number, kind: Kind, reading: ScalarReading): Fault | undefined {
  const text = reading.tape.string(node);
  if (kind === Kind.String) {
    const isRead = (reading.isV3 ? BOOL_TEXT : BOOL_TEXT_OF_V2).test(text);
    return isRead ? faults.looseForm(value, 'a string') : faults.wrongKind(value, kind);
  }
  const only = value.rules?.const;
  return only !== undefined && isTrue(text) !== only ? ruleBroken(value, node, reading) : undefined;
}

function bytesFault(value: ValueShape, node: number, reading: ScalarReading): Fault | undefined {
  const text = reading.tape.string(node);
  // The readers of v2's Envoys skipped blanks.
  const length = forms.base64Length(reading.isV3 ? text : text.replace(/\s/g, ''));
  if (length < 0) return badForm(value, node, reading);
  return value.rules !== undefined && !bytesKeep(length, value.rules)
    ? ruleBroken(value, node, reading)
    : undefined;
}

function durationFault(value: ValueShape, node: number, reading: ScalarReading): Fault | undefined {
  const { tape } = reading;
  const nanos = forms.durationNanos(tape.string(node));
  if (nanos === undefined) return badForm(value, node, reading);
  if (value.rules !== undefined && !durationKeeps(nanos, value.rules))
    return ruleBroken(value, node, reading);
  if (reading.isV3 && !forms.isCountable(nanos)) return faults.unfitDuration(value, nanos < 0n);
  value.right = tape.raw(node);
  return undefined;
}

function enumFault(
  value: ValueShape,
  node: number,
  kind: Kind,
  reading: ScalarReading,
): ScalarFault | undefined {
  const { values, rules } = value;
  if (values === undefined) return undefined;
  const text = reading.tape.string(node);
  const known = values.byName(text);
  if (known !== undefined) {
    if (rules !== undefined && !enumKeeps(known.number, true, rules))
      return said(ruleBroken(value, node, reading));
    value.right = reading.tape.raw(node);
    return undefined;
  }
  if (kind === Kind.Number) return said(enumNumberFault(value, node, text, reading));
  if (/^-?\d+$/.test(text))
    return said(enumNumberFault(value, node, text, reading) ?? faults.looseForm(value, 'a string'));
  const wanted = text.toUpperCase();
  const loose = values.values.find(({ name }) => name.toUpperCase() === wanted);
  if (loose === undefined) return said(faults.unknownValue(value, text, reading.unknownLevel));
  if (rules !== undefined && !enumKeeps(loose.number, true, rules))
    return said(ruleBroken(value, node, reading));
  // Envoy reads the names of enum values in any case.
  return { fault: faults.enumCase(value, text, loose.name), about: `${values.name} ${text}` };
}

function enumNumberFault(
  value: ValueShape,
  node: number,
  text: string,
  reading: ScalarReading,
): Fault | undefined {
  const whole = forms.integerOf(text);
  if (whole === undefined || whole < -(2 ** 31) || whole > 2 ** 31 - 1) return badForm(value, node, reading);
  const isDefined = value.values?.byNumber(Number(whole)) !== undefined;
  return value.rules !== undefined && !enumKeeps(Number(whole), isDefined, value.rules)
    ? ruleBroken(value, node, reading)
    : undefined;
}

function badForm(value: ValueShape, node: number, reading: ScalarReading): Fault {
  return faults.badForm(value, reading.shown(value, node), durationMeant(value, node, reading));
}

function ruleBroken(value: ValueShape, node: number, reading: ScalarReading): Fault {
  return faults.ruleBroken(value, reading.shown(value, node));
}

/** The duration that a number, or one in another unit, was meant for. */
export function durationMeant({ op }: ValueShape, node: number, { tape }: ScalarReading): Help {
  const meant = op === Op.Duration ? forms.durationMeant(tape.string(node)) : undefined;
  return meant === undefined ? {} : { suggestion: meant };
}
