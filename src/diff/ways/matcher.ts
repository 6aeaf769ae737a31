// What a matcher of the xDS API chooses (xds.type.matcher.v3.Matcher), as far as it asks only for texts and
// addresses: lists of predicates, trees by exact value, prefix, address or server name, and matchers in matchers.

import { type IpAddress, type IpRange, ipAddress, ipRange, isIn } from '../../envoy/ip-ranges.js';
import type { Meaning } from '../meaning/meaning.js';
import { fieldOf, isOn, itemsOf, textOf, textsOf, typeOf } from './meanings.js';

/** What an input reads of something; undefined for nothing, which no test matches. */
type Value = string | IpAddress | undefined;

/** The values that a matcher tells apart, of one input. */
interface Asked {
  /** What the input is known by to whoever reads it. */
  readonly input: string;
  /** One text of each kind that is told from others. */
  readonly texts: string[];
  readonly ranges: IpRange[];
}

/** A matcher that is followed. */
export interface Matcher {
  /** The name that the action gives; undefined where nothing matches. */
  readonly choose: (read: (input: string) => Value) => string | undefined;
  readonly asked: readonly Asked[];
}

/** What is not known or not followed in a matcher. */
class NotFollowed extends Error {}

type Choose = Matcher['choose'];
type Test = (read: (input: string) => Value) => boolean;

/** More parts of a text than one that are looked for at any place in it may be in one text together. */
const MOST_PARTS = 1;

/**
 * Reads a matcher.
 *
 * @param inputOf what an input is known by; undefined for one that is not followed
 * @param actionOf the name that an action gives; undefined for one that is not followed
 * @returns undefined where a part of it is not followed
 */
export function readMatcher(
  matcher: Meaning,
  inputOf: (input: Meaning | undefined) => string | undefined,
  actionOf: (action: Meaning | undefined) => string | undefined,
): Matcher | undefined {
  const reader = new MatcherReader(inputOf, actionOf);
  try {
    return { choose: reader.matcher(matcher), asked: [...reader.asked.values()] };
  } catch (error) {
    if (error instanceof NotFollowed) return undefined;
    throw error;
  }
}

class MatcherReader {
  readonly asked = new Map<string, Asked>();
  #parts = 0;

  constructor(
    private readonly inputOf: (input: Meaning | undefined) => string | undefined,
    private readonly actionOf: (action: Meaning | undefined) => string | undefined,
  ) {}

  matcher(matcher: Meaning | undefined): Choose {
    const list = itemsOf(matcher, 'matcher_list', 'matchers').map((one) => ({
      fits: this.predicate(fieldOf(one, 'predicate')),
      choose: this.onMatch(fieldOf(one, 'on_match')),
    }));
    const tree = fieldOf(matcher, 'matcher_tree');
    const branch = tree === undefined ? undefined : this.tree(tree);
    const otherwise = fieldOf(matcher, 'on_no_match');
    const none = otherwise === undefined ? undefined : this.onMatch(otherwise);
    return (read) => {
      for (const { fits, choose } of list) {
        const found = fits(read) ? choose(read) : undefined;
        if (found !== undefined) return found;
      }
      return branch?.(read) ?? none?.(read);
    };
  }

  private onMatch(onMatch: Meaning | undefined): Choose {
    if (onMatch === undefined || isOn(onMatch, 'keep_matching')) throw new NotFollowed();
    const inner = fieldOf(onMatch, 'matcher');
    if (inner !== undefined) return this.matcher(inner);
    const name = this.actionOf(fieldOf(onMatch, 'action', 'typed_config'));
    if (name === undefined) throw new NotFollowed();
    return () => name;
  }

  private predicate(predicate: Meaning | undefined): Test {
    const [all, any, not, single] = ['and_matcher', 'or_matcher', 'not_matcher', 'single_predicate'].map(
      (name) => fieldOf(predicate, name),
    );
    if (single !== undefined) return this.single(single);
    if (not !== undefined) {
      const test = this.predicate(not);
      return (read) => !test(read);
    }
    const tests = itemsOf(all ?? any, 'predicate').map((one) => this.predicate(one));
    if (tests.length === 0) throw new NotFollowed();
    return all === undefined
      ? (read) => tests.some((test) => test(read))
      : (read) => tests.every((test) => test(read));
  }

  private single(single: Meaning): Test {
    const asked = this.input(fieldOf(single, 'input', 'typed_config'));
    const text = fieldOf(single, 'value_match');
    const fits =
      text === undefined
        ? this.inRanges(asked, fieldOf(single, 'custom_match', 'typed_config'))
        : this.text(asked, text);
    return (read) => {
      const value = read(asked.input);
      return value !== undefined && fits(value);
    };
  }

  private input(input: Meaning | undefined): Asked {
    const name = this.inputOf(input);
    if (name === undefined) throw new NotFollowed();
    const known = this.asked.get(name) ?? { input: name, texts: [], ranges: [] };
    this.asked.set(name, known);
    return known;
  }

  private text(asked: Asked, matcher: Meaning): (value: string | IpAddress) => boolean {
    const fold = (text: string): string => (isOn(matcher, 'ignore_case') ? text.toLowerCase() : text);
    const exact = textOf(matcher, 'exact');
    if (exact !== undefined) return this.exact(asked, exact, fold);
    for (const [kind, sample] of PARTS) {
      const part = textOf(matcher, kind);
      if (part === undefined) continue;
      if (++this.#parts > MOST_PARTS) throw new NotFollowed();
      asked.texts.push(part, sample(part));
      return (value) => typeof value === 'string' && TESTS[kind](fold(value), fold(part));
    }
    throw new NotFollowed();
  }

  /** An address may be written in several ways. */
  private exact(
    asked: Asked,
    exact: string,
    fold: (text: string) => string = (text) => text,
  ): (value: string | IpAddress) => boolean {
    asked.texts.push(exact);
    const address = ipAddress(exact);
    if (address !== undefined) asked.ranges.push({ ...address, length: address.bits });
    return (value) =>
      typeof value === 'string'
        ? fold(value) === fold(exact)
        : address?.bits === value.bits && address.base === value.base;
  }

  private inRanges(asked: Asked, custom: Meaning | undefined): (value: string | IpAddress) => boolean {
    if (typeOf(custom) !== 'Ip') throw new NotFollowed();
    const ranges = this.ranges(asked, itemsOf(custom, 'cidr_ranges'));
    return (value) => typeof value !== 'string' && ranges.some((one) => isIn(one, value));
  }

  private ranges(asked: Asked, items: readonly Meaning[]): IpRange[] {
    return items.map((item) => {
      const range = ipRange(textOf(item, 'address_prefix') ?? '', Number(textOf(item, 'prefix_len') ?? 0));
      if (range === undefined) throw new NotFollowed();
      asked.ranges.push(range);
      return range;
    });
  }

  private tree(tree: Meaning): Choose {
    const asked = this.input(fieldOf(tree, 'input', 'typed_config'));
    const branch = this.branch(tree, asked);
    return (read) => {
      const value = read(asked.input);
      return value === undefined ? undefined : branch(value)?.(read);
    };
  }

  private branch(tree: Meaning, asked: Asked): (value: string | IpAddress) => Choose | undefined {
    const exact = fieldOf(tree, 'exact_match_map', 'map');
    if (exact?.shape === 'map') {
      const branches = [...exact.members].map(([text, onMatch]) => ({
        fits: this.exact(asked, text),
        choose: this.onMatch(onMatch),
      }));
      return (value) => branches.find(({ fits }) => fits(value))?.choose;
    }
    const prefix = fieldOf(tree, 'prefix_match_map', 'map');
    if (prefix?.shape === 'map') {
      const branches = [...prefix.members]
        .map(([text, onMatch]) => ({ text, choose: this.onMatch(onMatch) }))
        .sort((a, b) => b.text.length - a.text.length);
      for (const { text } of branches) asked.texts.push(text, `${text}-other`);
      return (value) =>
        typeof value === 'string' ? branches.find(({ text }) => value.startsWith(text))?.choose : undefined;
    }
    const custom = fieldOf(tree, 'custom_match', 'typed_config');
    if (typeOf(custom) === 'IPMatcher') return this.byAddress(asked, custom);
    if (typeOf(custom) === 'ServerNameMatcher') return this.byDomain(asked, custom);
    throw new NotFollowed();
  }

  /** The longest range. */
  private byAddress(
    asked: Asked,
    custom: Meaning | undefined,
  ): (value: string | IpAddress) => Choose | undefined {
    const branches = itemsOf(custom, 'range_matchers').flatMap((one) => {
      const choose = this.onMatch(fieldOf(one, 'on_match'));
      return this.ranges(asked, itemsOf(one, 'ranges')).map((range) => ({ range, choose }));
    });
    branches.sort((a, b) => b.range.length - a.range.length);
    return (value) =>
      typeof value === 'string' ? undefined : branches.find(({ range }) => isIn(range, value))?.choose;
  }

  /** The whole name, then the longest wildcard. */
  private byDomain(
    asked: Asked,
    custom: Meaning | undefined,
  ): (value: string | IpAddress) => Choose | undefined {
    const branches = new Map<string, Choose>();
    for (const one of itemsOf(custom, 'domain_matchers')) {
      const choose = this.onMatch(fieldOf(one, 'on_match'));
      for (const domain of textsOf(one, 'domains')) {
        const name = domain.toLowerCase();
        asked.texts.push(name);
        if (!branches.has(name)) branches.set(name, choose);
      }
    }
    return (value) =>
      typeof value === 'string' ? namesFor(value).flatMap((name) => branches.get(name) ?? [])[0] : undefined;
  }
}

/** A name, then the wildcards that it fits, the longest first. */
export function namesFor(name: string): string[] {
  if (name === '') return [];
  const labels = name.split('.');
  return [name, ...labels.slice(1).map((_, i) => `*.${labels.slice(i + 1).join('.')}`), '*'];
}

const TESTS = {
  prefix: (value: string, part: string): boolean => value.startsWith(part),
  suffix: (value: string, part: string): boolean => value.endsWith(part),
  contains: (value: string, part: string): boolean => value.includes(part),
} as const;

const PARTS: readonly [keyof typeof TESTS, (part: string) => string][] = [
  ['prefix', (part) => `${part}-other`],
  ['suffix', (part) => `other-${part}`],
  ['contains', (part) => `other-${part}-other`],
];
