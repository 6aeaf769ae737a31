// What is computed once for a context and then used wherever it is needed again.

import { oncePer } from '../../../collections/once-per.js';
import type { Context } from './context.js';

/** A function whose result is computed once for each context. */
export const perContext: <T>(compute: (context: Context) => T) => (context: Context) => T = oncePer;
