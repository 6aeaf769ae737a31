// Regular expressions, wherever the API has one: Envoy compiles each with RE2 when it reads the configuration, and
// bounds the size of its program.

import { oncePer } from '../../../collections/once-per.js';
import type { Message } from '../../../envoy/message.js';
import { type CompiledRegex, compileRegex } from '../../../envoy/re2/regex.js';
import type { Level } from '../../../finding/finding.js';
import { quotedValue } from '../../../secrecy/quoted.js';
import { SDS_CONFIG, VALIDATION_SECRET } from '../../../tls/fields.js';
import { secretName, secretSource } from '../../../tls/secret-uses.js';
import { fieldAt } from '../../place.js';
import type { Area, Scene, StartupCheck } from '../check.js';
import { enclosing } from '../enclosing.js';
import { runtimeInteger } from '../runtime.js';

const MATCHERS = ['envoy.type.matcher.v3.RegexMatcher', 'xds.type.matcher.v3.RegexMatcher'];

/** Envoy's own bound. */
const MOST_INSTRUCTIONS = 100;

const invalidRegex: StartupCheck = {
  code: 'invalid-regex',
  on: MATCHERS,
  finds: 'a regular expression is not of the syntax of RE2',
  refusal: 'invalid perl operator: (?!',
  remedy:
    "write it in RE2's syntax, which has no look-around, references to groups or possessive quantifiers",
  check(matcher, report, scene) {
    const compiled = compile(matcher);
    if (compiled === undefined || !('fault' in compiled) || isOtherEngine(matcher, scene)) return;
    const { fault, part } = compiled;
    report(fieldAt(matcher, 'regex'), {
      message: `RE2 cannot compile this regular expression: ${fault}${part === '' ? '' : `: ${quotedValue(part)}`}`,
      level: levelAt(matcher, scene),
      expected: EXPECTED.find(([sign]) => sign.test(part))?.[1] ?? 'the syntax of RE2',
    });
  },
};

/** What RE2 has nothing for, by the part that it is stopped by. */
const EXPECTED: readonly (readonly [RegExp, string])[] = [
  [/^\(\?<?[=!]$/, 'the syntax of RE2, which looks neither ahead nor behind'],
  [/^\(\?>$/, 'the syntax of RE2, which has no atomic groups'],
  [/^\\[1-9]$/, 'the syntax of RE2, which has no references to groups'],
  [/^[*+?}]\+$|\+\+$/, 'the syntax of RE2, which has no possessive quantifiers'],
  [/^\{\d+(?:,\d*)?\}\??$/, 'at most 1000 repetitions, those around it counted in'],
];

const largeRegex: StartupCheck = {
  code: 'large-regex',
  on: MATCHERS,
  finds: 'the program of a regular expression has more instructions than Envoy allows',
  refusal: "regex '…' RE2 program size of 244 > max program size of 100 set for the error level threshold",
  remedy:
    'write a shorter expression, with * or + instead of counted repetitions, or raise re2.max_program_size.error_level in a static layer of layered_runtime',
  check(matcher, report, scene) {
    const compiled = compile(matcher);
    if (compiled === undefined || !('size' in compiled)) return;
    const { size } = compiled;
    const own = ownBound(matcher);
    if (own === undefined && (size <= MOST_INSTRUCTIONS || isOtherEngine(matcher, scene))) return;
    const bound = own ?? sharedBound(matcher, scene);
    if (bound === undefined || size <= bound) return;
    // Without the bootstrap nobody knows whether its runtime allows more.
    const isOpen = own === undefined && scene.instance.bootstrap === undefined;
    report(fieldAt(matcher, 'regex'), {
      message: `the program of this regular expression has ${size} instructions, and ${bound} are allowed${isOpen ? ' unless the runtime says otherwise' : ''}`,
      level: isOpen ? 'warning' : levelAt(matcher, scene),
      expected: `a program of at most ${bound} instructions`,
    });
  },
};

/** The area. */
export const REGEXES: Area = {
  name: 'regexes',
  title: 'Regular expressions',
  checks: [invalidRegex, largeRegex],
};

const compile: (matcher: Message) => CompiledRegex | undefined = oncePer((matcher: Message) => {
  const pattern = matcher.text('regex') ?? '';
  return pattern === '' ? undefined : compileRegex(pattern);
});

/** The deprecated bound of the expression itself. */
function ownBound(matcher: Message): number | undefined {
  const engine = matcher.message('google_re2');
  const bound = engine?.text('max_program_size');
  return bound === undefined ? undefined : Number(bound);
}

/** The bound of all expressions; undefined where none holds, or where the run does not tell it. */
function sharedBound(matcher: Message, scene: Scene): number | undefined {
  // What a bootstrap has beside its resources is compiled before there is a runtime.
  const isEarly =
    enclosing(matcher, [BOOTSTRAP]) !== undefined && enclosing(matcher, [RESOURCES]) === undefined;
  return isEarly ? undefined : runtimeInteger(scene, 're2.max_program_size.error_level', MOST_INSTRUCTIONS);
}

const BOOTSTRAP = 'envoy.config.bootstrap.v3.Bootstrap';
const RESOURCES = `${BOOTSTRAP}.StaticResources`;

/** Whether something else than RE2 compiles it. */
function isOtherEngine(matcher: Message, { instance }: Scene): boolean {
  const engine = instance.bootstrap?.message('default_regex_engine');
  if (engine === undefined || matcher.has('google_re2')) return false;
  return engine.message('typed_config')?.type.name !== 'envoy.extensions.regex_engines.v3.GoogleRE2';
}

/** An error where Envoy compiles the expression when it reads it, a warning where it does so later or never. */
function levelAt(matcher: Message, { instance }: Scene): Level {
  const combined = enclosing(matcher, [COMBINED]);
  if (combined !== undefined)
    return combined.message(VALIDATION_SECRET)?.has(SDS_CONFIG) ? 'warning' : 'error';
  const secret = enclosing(matcher, [SECRET]);
  if (secret === undefined || secret.reader !== instance.bootstrap?.reader) return 'error';
  // A static secret is read where a context asks for it.
  const isUsed = instance.surveys.some(({ secretUses }) =>
    secretUses.some((use) => secretSource(use) === undefined && secretName(use) === secret.text('name')),
  );
  return isUsed ? 'error' : 'warning';
}

const COMBINED =
  'envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext';
const SECRET = 'envoy.extensions.transport_sockets.tls.v3.Secret';
