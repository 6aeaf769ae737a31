// `--ignore PATH`: which changes are passed over.
//
//   connect_timeout                      the field at the top of any resource
//   cluster.circuit_breakers             the field of resources of a kind, and all below it
//   listener.filter_chains[*].tls_context    list items by name, or `*`
//   **.metadata                          at any depth
//   cluster/outbound|80*                 a resource by its name

import type { Change } from './tls/change.js';

/** Whether a change is passed over. */
export type Ignores = (change: Change) => boolean;

/** Reads patterns. */
export function ignoring(patterns: readonly string[]): Ignores {
  const rules = patterns.map(ruleOf);
  return (change) => rules.some((rule) => rule(change));
}

function ruleOf(pattern: string): Ignores {
  const [, kind, name, rest = ''] = /^([\w -]+)\/((?:[^:]|:(?=.*[|/]))*?)(?::(.+))?$/.exec(pattern) ?? [];
  if (kind !== undefined && name !== undefined) {
    const fits = globOf(name);
    const path = rest === '' ? () => true : pathRule(rest);
    return (change) => change.resource.kind === kind && fits.test(change.resource.name) && path(change);
  }
  return pathRule(pattern);
}

/** A path fits itself and all below it, with the resource's kind before it or without. */
function pathRule(pattern: string): Ignores {
  const fits = new RegExp(
    `^(?:${pattern
      .split(/(\*\*\.?|\[[^\]]*\]|\*|\.)/)
      .map((part) => {
        if (part === '.') return '\\.';
        if (part === '**' || part === '**.') return '(?:.*\\.)?';
        if (part === '*') return '[^.[]*';
        if (part === '[*]') return '\\[[^\\]]*\\]';
        return literal(part);
      })
      .join('(?:\\[[^\\]]*\\])?')})(?=$|[.[])`,
  );
  return ({ resource, path }) => fits.test(path) || fits.test(`${resource.kind}.${path}`);
}

function globOf(glob: string): RegExp {
  return new RegExp(`^${glob.split('*').map(literal).join('.*')}$`);
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
