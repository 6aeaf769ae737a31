// What is wrong with a message of a resource, as findings at the fields that are wrong.

import type { Message } from '../../envoy/message.js';
import type { Finding, Level } from '../../finding/finding.js';
import { nearName } from '../../finding/near-name.js';
import { quotedValue } from '../../secrecy/quoted.js';
import { Kind, type Tape } from '../../source/tape.js';

/** What is said of a value. */
export interface Fault {
  /** What should be there instead. */
  readonly expected: string;
  /** Names of which one was probably meant. */
  readonly names?: readonly string[];
  /** By default an error. */
  readonly level?: Level;
}

/** A check of one message: it says what is wrong beyond the names and types of fields. */
export type Check = (message: Message, problems: Problems) => void;

/** Collects what is wrong with one message. */
export class Problems {
  constructor(
    private readonly message: Message,
    private readonly findings: Finding[],
  ) {}

  /** The same for a message within this one. */
  of(message: Message): Problems {
    return new Problems(message, this.findings);
  }

  /** A field has to be there, in this message. */
  missing(name: string, why?: string, level: Level = 'error'): void {
    const { tape } = this.message.reader;
    const start = tape.start(this.message.node);
    const field = this.named(name);
    this.add(level, 'missing-field', `${field} is missing`, start, start, this.message.path(), {
      expected: `the field ${field}${why === undefined ? '' : ` ${why}`}`,
    });
  }

  /** The value of a field is wrong, if it is there. */
  value(name: string, fault: Fault | undefined): void {
    const node = this.message.value(name);
    if (node >= 0) this.at(name, node, this.message.path(name), fault);
  }

  /** Texts in a list are wrong: each is tried. */
  items(name: string, test: (text: string, index: number) => Fault | undefined): void {
    this.message.items(name).forEach((node, index) => {
      const text = this.message.reader.tape.string(this.message.reader.tape.resolve(node));
      this.at(name, node, `${this.message.path(name)}[${index}]`, test(text, index));
    });
  }

  /** The keys of a map are wrong, or the values behind them. */
  entries(name: string, test: (key: string, value: string) => Fault | undefined): void {
    const { tape } = this.message.reader;
    const map = this.message.value(name);
    if (map < 0) return;
    const end = tape.links[map] as number;
    for (let key = map + 1; key < end; key = tape.next(key + 1)) {
      const value = tape.resolve(key + 1);
      this.at(
        name,
        key + 1,
        `${this.message.path(name)}.${tape.name(key)}`,
        test(tape.name(key), scalar(tape, value)),
      );
    }
  }

  /** Fields cannot be combined, or one has no meaning here. */
  conflict(name: string, text: string, level: Level = 'error'): void {
    const { tape } = this.message.reader;
    const node = this.message.key(name);
    if (node < 0) return;
    this.add(level, 'conflicting-fields', text, tape.start(node), tape.end(node), this.message.path(name));
  }

  private at(name: string, at: number, path: string, fault: Fault | undefined): void {
    if (fault === undefined) return;
    const { tape } = this.message.reader;
    const node = tape.resolve(at);
    const text = scalar(tape, node);
    const { expected, names = [], level = 'error' } = fault;
    const suggestion = nearName(text, names);
    this.add(
      level,
      'wrong-value',
      `${this.named(name)} is ${quotedValue(text)}`,
      tape.start(node),
      tape.end(node),
      path,
      {
        expected,
        ...(suggestion !== undefined && { suggestion }),
      },
    );
  }

  private named(name: string): string {
    return this.message.type.field(name)?.jsonName ?? name;
  }

  private add(
    level: Level,
    code: string,
    message: string,
    start: number,
    end: number,
    path: string,
    more: Partial<Finding> = {},
  ): void {
    this.findings.push({
      code,
      level,
      message,
      ...more,
      ...(path !== '' && { path }),
      region: this.message.reader.document.source.region(start, end),
    });
  }
}

/** Whether a map is there and not empty. */
export function hasEntries(message: Message, name: string): boolean {
  const map = message.value(name);
  return map >= 0 && (message.reader.tape.links[map] as number) > map + 1;
}

function scalar(tape: Tape, node: number): string {
  return tape.kind(node) >= Kind.Map ? '' : tape.string(node);
}
