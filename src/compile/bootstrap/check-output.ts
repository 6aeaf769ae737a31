// What a template wrote, as a message. Errors are reported with the line of the output and the part of the
// template that wrote it.

import { maskedText } from '../../disclosure/masked-text.js';
import type { Finding, Region } from '../../finding/finding.js';
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
  const line = lineOf(name, rendered.text);
  return {
    bootstrap,
    findings: findings.map((finding) =>
      template.isBuiltIn === true ? withoutPlace(finding) : withOrigin(finding, rendered, line),
    ),
  };
}

/** Nobody has seen the built-in template: the path alone says where. */
function withoutPlace({ region: _, ...finding }: Finding): Finding {
  return finding;
}

/** Adds where in the template it comes from, and the line itself, which no file holds. */
function withOrigin(finding: Finding, rendered: RenderedTemplate, line: (region: Region) => string): Finding {
  const { region } = finding;
  if (region === undefined) return finding;
  const { tag, region: origin } = rendered.origin(region.start);
  const place = `${origin.file}:${origin.line}:${origin.column}`;
  return {
    ...finding,
    remedy: `written by ${tag === undefined ? '' : `${tag} at `}${place}; the line is: ${line(region)}`,
  };
}

const LINE_LENGTH = 100;

/** The line of a place in the output, as far as it may be shown. */
function lineOf(name: string, text: string): (region: Region) => string {
  const positions = new Positions(name, text);
  const masked = maskedText(name, text);
  return ({ line }) => {
    const start = positions.lineStart(line);
    const { length } = positions.line(line);
    const shown = masked.slice(start, start + Math.min(length, LINE_LENGTH)).trim();
    return length > LINE_LENGTH ? `${shown}…` : shown;
  };
}
