// What a template wrote, as a message: parsed, checked against the API, and put into the order of its
// fields. What is wrong is told with the line of the output and the part of the template that wrote it.

import { type MessageInfo, message } from '../../envoy/api-table.js';
import { inFieldOrder } from '../../envoy/field-order.js';
import type { Bootstrap } from '../../envoy/generated/types/envoy/config/bootstrap/v2/bootstrap.js';
import { MessageReader } from '../../envoy/message-reader.js';
import type { Finding } from '../../finding/finding.js';
import { readSource } from '../../source/document.js';
import { Positions } from '../../source/position.js';
import type { Rendered, Template } from './template.js';

/** A bootstrap, or none where findings of level error say why. */
export interface CheckedOutput {
  readonly bootstrap: Bootstrap | undefined;
  readonly findings: readonly Finding[];
}

/** Oddities of the text that are gone when it is printed anew. */
const PASSING = new Set(['json-comment', 'trailing-comma']);

/** Reads what a template wrote. */
export function checkOutput(template: Template, rendered: Rendered): CheckedOutput {
  const name = `output of ${template.name}`;
  const source = readSource(name, rendered.text, { format: 'json' });
  const findings = source.findings.filter(({ code }) => !PASSING.has(code));
  const [document] = source.documents;
  let bootstrap: Bootstrap | undefined;
  if (document !== undefined) {
    const reader = new MessageReader(document);
    const type = message('envoy.config.bootstrap.v2.Bootstrap') as MessageInfo;
    const read = reader.read(type, 0);
    // Reads every field, which finds what is wrong with it.
    const value = read?.toValue();
    findings.push(...reader.findings);
    if (value !== undefined) bootstrap = inFieldOrder(type, value) as Bootstrap;
  }
  const lines = new Positions(name, rendered.text);
  return { bootstrap, findings: findings.map((finding) => withOrigin(finding, rendered, lines)) };
}

/** Adds where in the template it comes from, and the line itself, which no file holds. */
function withOrigin(finding: Finding, rendered: Rendered, lines: Positions): Finding {
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
