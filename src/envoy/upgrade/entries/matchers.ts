// String, header and query parameter matchers. Sources: the comments on the fields that v3 no longer has, in
// envoy/api/v2/route/route_components.proto and envoy/type/matcher/string.proto of Envoy 1.14.

import { quoted } from '../../../secrecy/quoted.js';
import type { Fragment } from '../../../source/fragment.js';
import { type Entry, type FieldRule, leaveOut, needless } from '../entry.js';
import type { Subject } from '../subject.js';

/** A regular expression, which is matched by RE2 today. */
function safeRegex(regex: Fragment): Fragment {
  return { regex };
}

/** The regular expression of a field: v2 matched with std::regex, whose syntax differs in rare parts. */
export function regexOf(subject: Subject, name: string): Fragment {
  const text = subject.text(name) ?? '';
  if (/\(\?[=!<]|\\[1-9]/.test(text))
    subject.note(
      'check-meaning',
      name,
      `${quoted(text)} looks ahead or back, which RE2 cannot: Envoy will refuse it`,
    );
  return safeRegex(text);
}

/** A HeaderMatcher's own way of matching, as a StringMatcher. */
function asStringMatch(kind: string): FieldRule {
  return (subject, name) => {
    // v2 took an empty text for any.
    if (subject.text(name) === '') subject.replace(name, { present_match: true });
    else subject.replace(name, { string_match: { [kind]: subject.moved(name) ?? '' } });
  };
}

export const MATCHERS: readonly Entry[] = [
  {
    type: 'envoy.type.matcher.v3.RegexMatcher',
    fields: {
      google_re2(subject, name) {
        if (subject.message.message(name)?.has('max_program_size'))
          subject.note(
            'left-out',
            name,
            'max_program_size is left out: the limit is re2.max_program_size.error_level in the runtime',
          );
        subject.remove(name);
      },
    },
  },
  {
    type: 'envoy.type.matcher.v3.StringMatcher',
    fields: {
      regex: (subject, name) => subject.replace(name, { safe_regex: regexOf(subject, name) }),
    },
  },
  {
    type: 'envoy.config.route.v3.HeaderMatcher',
    fields: {
      exact_match: asStringMatch('exact'),
      prefix_match: asStringMatch('prefix'),
      suffix_match: asStringMatch('suffix'),
      contains_match: asStringMatch('contains'),
      safe_regex_match: asStringMatch('safe_regex'),
      regex_match: (subject, name) =>
        subject.replace(name, { string_match: { safe_regex: regexOf(subject, name) } }),
    },
  },
  {
    type: 'envoy.config.route.v3.QueryParameterMatcher',
    fields: {
      value(subject, name) {
        const text = subject.text(name) ?? '';
        if (text === '') subject.replace(name, { present_match: true });
        else if (subject.isTrue('regex'))
          subject.replace(name, { string_match: { safe_regex: regexOf(subject, name) } });
        else subject.replace(name, { string_match: { exact: text } });
      },
      regex: needless,
    },
    after(subject) {
      // v2 took a parameter without a value for its presence.
      const said = ['value', 'string_match', 'present_match'].some((name) => subject.has(name));
      if (!said) subject.add('present_match', true);
    },
  },
  {
    type: 'envoy.config.core.v3.HeaderValueOption',
    fields: {
      append: (subject, name) =>
        subject.replace(name, {
          append_action: subject.isTrue(name) ? 'APPEND_IF_EXISTS_OR_ADD' : 'OVERWRITE_IF_EXISTS_OR_ADD',
        }),
    },
  },
  {
    type: 'envoy.config.core.v3.Node',
    fields: {
      build_version: leaveOut('Envoy says its version itself'),
      listening_addresses: leaveOut('Envoy says its listeners itself'),
    },
  },
];
