// docs/rules.md: all rules with what they find, why, and what to do. The page is made from the rules, so that
// neither can go its own way.

import type { Rule } from '../validate/rule.js';
import type { Area } from '../validate/startup/check.js';

/** The page, as Markdown. */
export function rulesPage(
  rules: readonly Rule[],
  areas: readonly Area[],
  codes: ReadonlyMap<string, string>,
): string {
  return `# The rules of \`xdsc validate\`

This page is made from the rules in \`src/validate/rules/\` (\`npm run fixtures:update\`). Each has a folder in \`fixtures/validate/\` with files that break it, files that do not, and the report.

${table(
  ['rule', 'level', 'finds'],
  rules.map((rule) => [`[\`${rule.code}\`](#${rule.code})`, levelOf(rule), cell(rule.finds)]),
)}

${rules.map(section).join('\n')}
## Start-up checks

What Envoy refuses when it starts, or when the configuration comes to it, beyond the rules of the API. These are the checks of Envoy 1.40 on v3; each is an error. \`fixtures/startup/\` has a folder for each area.

${areas.map(areaSection).join('\n')}
## Other codes

These come from reading the text, from the schema check and from the readers of Kubernetes and Istio resources. Their levels can be set as those of rules can, but for what keeps a text from being read.

${table(
  ['code', 'means'],
  [...codes].map(([code, means]) => [`\`${code}\``, cell(means)]),
)}
`;
}

function section({ code, finds, why, source, remedy, ...rule }: Rule): string {
  return `## ${code}

${sentence(finds)}

- **Level:** ${levelOf(rule)}
- **Why:** ${why}
- **What to do:** ${sentence(remedy)}
- **Source:** ${source}
`;
}

function areaSection({ title, checks }: Area): string {
  return `### ${title}

${table(
  ['check', 'finds', 'what to do'],
  checks.map(({ code, finds, remedy }) => [`\`${code}\``, cell(finds), cell(remedy)]),
)}
`;
}

/** A table whose columns stand one below the other, as formatters write it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text, column) => text.padEnd(widths[column] as number)).join(' | ')} |`;
  return [head, widths.map((width) => '-'.repeat(width)), ...rows].map((row) => line(row)).join('\n');
}

function levelOf({ level, onlyIfAsked }: Pick<Rule, 'level' | 'onlyIfAsked'>): string {
  return onlyIfAsked ? `${level}, only if asked for` : level;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
