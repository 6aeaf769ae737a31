// An explanation as Markdown, for an editor's hover.

import type { Explanation } from '../envoy/schema/explain.js';

/** A hover is read at a glance: of long enums the first values. */
const MAX_VALUES = 12;

/**
 * What is known of a field, a message or an enum value, as Markdown.
 *
 * @param versions in which versions of Envoy it is, in words
 */
export function explanationMarkdown(explained: Explanation, versions?: string): string {
  const { path, type, description, rules, deprecated, inV3, oneof, values } = explained;
  const facts: string[] = [];
  if (deprecated !== undefined) facts.push(`**Deprecated**: ${markdownText(deprecated)}`);
  for (const rule of rules) facts.push(`Rule: ${markdownText(rule)}`);
  if (oneof !== undefined) {
    const others = oneof.siblings.map((name) => `\`${name}\``).join(', ');
    const excludes = others === '' ? '' : `, excludes ${others}`;
    facts.push(`Oneof \`${oneof.name}\`${oneof.required ? ' (one is required)' : ''}${excludes}`);
  }
  if (versions !== undefined) facts.push(`Envoy: ${markdownText(versions)}`);
  if (inV3 !== undefined) facts.push(`In v3: \`${inV3}\``);
  const shown = values?.slice(0, MAX_VALUES) ?? [];
  for (const { name, description: said } of shown)
    facts.push(`\`${name}\`${said === undefined ? '' : `: ${markdownText(said)}`}`);
  const left = (values?.length ?? 0) - shown.length;
  if (left > 0) facts.push(`${left} more values`);
  return [
    `**${path.slice(path.lastIndexOf('.') + 1).replaceAll('_', '\\_')}** \`${type}\``,
    ...(description === undefined ? [] : [markdownText(description)]),
    ...(facts.length === 0 ? [] : [facts.map((fact) => `- ${fact}`).join('\n')]),
  ].join('\n\n');
}

/** A text of the API's comments; what they quote as code stays as it is. */
function markdownText(text: string): string {
  return text.replace(/(`[^`]*`)|[\\*_[\]<>]/g, (found, code?: string) => code ?? `\\${found}`);
}
