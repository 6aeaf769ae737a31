// What a template wrote, as a message. What is wrong is told with the line of the output and the part of the
// template that wrote it.

import type { Finding } from '../../finding/finding.js';
import { readSource } from '../../source/document.js';
import { Positions } from '../../source/position.js';
import { asMessage, BOOTSTRAP, type OrderedMessage, type Target } from './as-message.js';
import type { RenderedTemplate, Template } from './template.js';

/** A bootstrap, or none where findings of level error say why. */
export interface CheckedOutput {
  readonly bootstrap: OrderedMessage | undefined;
  readonly findings: readonly Finding[];
}

/** Oddities of the text that are gone when it is printed anew. */
const PASSING = new Set(['json-comment', 'trailing-comma']);

/** Reads what a template wrote, as a bootstrap of a version of the API. */
export function checkOutput(template: Template, rendered: RenderedTemplate, target: Target): CheckedOutput {
  const name = `output of ${template.name}`;
  const read = readSource(name, rendered.text, { format: 'json' });
  const findings = read.findings.filter(({ code }) => !PASSING.has(code));
  const bootstrap = asMessage(read, BOOTSTRAP, target, findings);
  const lines = new Positions(name, rendered.text);
  return {
    bootstrap,
    findings: findings.map((finding) =>
      template.isBuiltIn === true ? withoutPlace(finding) : withOrigin(finding, rendered, lines),
    ),
  };
}

/** Nobody has seen the built-in template: the path alone says where. */
function withoutPlace({ region: _, ...finding }: Finding): Finding {
  return finding;
}

/** Adds where in the template it comes from, and the line itself, which no file holds. */
function withOrigin(finding: Finding, rendered: RenderedTemplate, lines: Positions): Finding {
  const { region } = finding;
  if (region === undefined) return finding;
  const { tag, region: origin } = rendered.origin(region.start);
  const place = `${origin.file}:${origin.line}:${origin.column}`;
  const line = lines.line(region.line).trim();
  return {
    ...finding,
    remedy: `${tag === undefined ? 'it stands at' : `${tag} wrote it, at`} ${place}, and the line reads: ${short(line)}`,
  };
}

function short(line: string): string {
  return line.length > 100 ? `${line.slice(0, 100)}…` : line;
}
