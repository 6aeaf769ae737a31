// The policies of the project file as rules. What compiles them is large: it is loaded where there are some.

import type { Finding } from '../finding/finding.js';
import type { Rule } from '../validate/rule.js';
import { readText } from './inputs.js';
import { type Project, projectPath } from './project-file.js';

/** Policies that can be applied, and what is wrong with the others. */
export interface Policies {
  readonly rules: readonly Rule[];
  readonly findings: readonly Finding[];
}

/** Reads the policies of a project. */
export async function readPolicies(project: Project): Promise<Policies> {
  const rules: Rule[] = [];
  const findings: Finding[] = [];
  for (const policy of project.config.policies) {
    const { compilePolicy } = await import('../policy/compile.js');
    const schema = await schemaOf(project, policy.schema);
    if (schema !== undefined && 'problem' in schema) {
      findings.push(policy.about('schema', schema.problem));
      continue;
    }
    const compiled = compilePolicy({ ...policy, schema: schema?.value });
    if ('faults' in compiled)
      findings.push(
        ...compiled.faults.map(({ field, problem, suggestion }) => policy.about(field, problem, suggestion)),
      );
    else rules.push(compiled);
  }
  return { rules, findings };
}

/** A JSON Schema in JSON or YAML. */
async function schemaOf(
  project: Project,
  path: string | undefined,
): Promise<{ readonly value: unknown } | { readonly problem: string } | undefined> {
  if (path === undefined) return undefined;
  const read = readText(path, projectPath(project, path));
  if ('code' in read) return { problem: `the schema cannot be read: ${read.message}` };
  const { readSource } = await import('../source/document.js');
  const { plainValue } = await import('../envoy/normal-value.js');
  const [document] = readSource(path, read.text).documents;
  if (document === undefined) return { problem: 'the schema is neither JSON nor YAML' };
  return { value: plainValue(document.tape, 0) };
}
