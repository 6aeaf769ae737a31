// Dots in patterns for names that were meant as dots.

import { quoted } from '../../secrecy/quoted.js';
import { TYPED_SANS } from '../../tls/fields.js';
import { sanFields } from '../../tls/peer-validation.js';
import { validationsNaming } from '../checked-peer.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const sanPatternDots: Rule = {
  code: 'san-pattern-dots',
  level: 'note',
  finds: 'the regular expression for a subject alternative name has a dot that stands for any character',
  why: 'Names are accepted that were not meant: a.example.com fits the pattern a.example.com, and so does aXexample.com.',
  source: "RE2's syntax; Envoy's API: RegexMatcher.regex",
  remedy: 'write \\. for a dot',
  check(run, report) {
    // Every pattern has a field of this name.
    for (const validation of validationsNaming(run, 'regex')) {
      for (const field of sanFields(validation)) {
        for (const one of validation.messages(field)) {
          const matcher = field === TYPED_SANS ? one.message('matcher') : one;
          const holder = matcher?.message('safe_regex') ?? matcher;
          const pattern = holder?.text('regex');
          if (holder === undefined || pattern === undefined || !hasDotInName(pattern)) continue;
          report(fieldAt(holder, 'regex'), {
            message: `the dots in ${quoted(pattern)} stand for any character`,
            expected: '\\. where a dot is meant',
          });
        }
      }
    }
  },
};

/** Whether a dot stands, unescaped and not repeated, between two characters of a name. */
function hasDotInName(pattern: string): boolean {
  const plain = pattern.replace(/\\./g, '\\').replace(/\[[^\]]*\]/g, '[');
  return /(?:[\w*+)\]}?-])\.(?=[\w(-])/.test(plain);
}
