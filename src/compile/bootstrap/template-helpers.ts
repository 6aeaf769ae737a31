// What a template can call. All that is written goes through JSON's escapes.

import type { Finding } from '../../finding/finding.js';
import { nearName } from '../../finding/near-name.js';
import { TemplateFault } from './template-fault.js';
import { KNOWN, type TemplatePart } from './template-tree.js';

/** The helpers for a template with these parts. */
export function templateHelpers(parts: readonly TemplatePart[]): Handlebars.HelperDeclareSpec {
  const fault = (part: number, what: Pick<Finding, 'message' | 'expected' | 'suggestion' | 'remedy'>) =>
    new TemplateFault({
      code: 'template-value',
      level: 'error',
      ...what,
      region: (parts[part] as TemplatePart).region,
    });

  /** Null is a value that the proxy does not have. */
  const present = <T>(part: number, value: T): NonNullable<T> => {
    if (value !== null && value !== undefined) return value;
    const { source } = parts[part] as TemplatePart;
    throw fault(part, {
      message: `${source} has no value for this proxy`,
      remedy: 'wrap it in a block: {{#if value}} … {{/if}}',
    });
  };

  return {
    json: (part: number, value: unknown) => JSON.stringify(present(part, value)),
    text: (part: number, value: unknown) => {
      if (typeof present(part, value) === 'object') {
        const { source } = parts[part] as TemplatePart;
        throw fault(part, {
          message: `${source} is ${Array.isArray(value) ? 'a list' : 'a map'}`,
          expected: `a string, a number or a bool; {{json ${source.replace(/[{}~\s]/g, '')}}} writes any value`,
        });
      }
      return JSON.stringify(String(value)).slice(1, -1);
    },
    [KNOWN](this: unknown, part: number, value: unknown) {
      if (value !== undefined) return value;
      const { source } = parts[part] as TemplatePart;
      const { name, names } = missingName(source, this);
      const suggestion = nearName(name, names);
      throw fault(part, {
        message: `unknown value ${source}`,
        ...(names.length > 0 && { expected: `one of ${names.join(', ')}` }),
        ...(suggestion !== undefined && { suggestion: source.slice(0, -name.length) + suggestion }),
      });
    },
    eq: (a: unknown, b: unknown) => a === b,
    any: (...values: readonly unknown[]) => values.slice(0, -1).some(Boolean),
  };
}

/** The first name on a path that a value does not have, and those that it has. */
function missingName(
  path: string,
  context: unknown,
): { readonly name: string; readonly names: readonly string[] } {
  let at: unknown = path.startsWith('..') || path.startsWith('@') ? undefined : context;
  for (const name of path.replace(/^this[./]/, '').split(/[./]/)) {
    const names = at !== null && typeof at === 'object' && !Array.isArray(at) ? Object.keys(at) : [];
    if (!names.includes(name)) return { name, names };
    at = (at as { readonly [name: string]: unknown })[name];
  }
  return { name: path, names: [] };
}
