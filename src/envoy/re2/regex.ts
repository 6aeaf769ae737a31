// Regular expressions as Envoy takes them: RE2's syntax, and a program that is not too large.

import { parseRegex, SyntaxFault } from './parse.js';
import { programSize } from './program.js';

/** What RE2 says of an expression. */
export type CompiledRegex =
  | {
      /** How many instructions its program has, as `RE2::ProgramSize` tells it. */
      readonly size: number;
    }
  | {
      /** Why it does not compile, in RE2's words. */
      readonly fault: string;
      /** The part of the expression that it is about; '' where RE2 names none. */
      readonly part: string;
    };

/** Groups in groups deeper than this are not judged: nobody writes them, and each level takes room on the stack. */
const DEEPEST = 1000;

/** Compiles an expression as RE2 does; undefined where it is too deep to tell. */
export function compileRegex(pattern: string): CompiledRegex | undefined {
  if (pattern.split('(').length > DEEPEST) return undefined;
  try {
    const size = programSize(parseRegex(pattern));
    return size === undefined ? { fault: 'pattern too large - compile failed', part: '' } : { size };
  } catch (error) {
    if (error instanceof SyntaxFault) return { fault: error.message, part: error.part };
    throw error;
  }
}
