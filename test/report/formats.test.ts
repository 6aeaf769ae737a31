// The forms of a report against what reads them: SARIF's schema, Ant's JUnit schema, a parser of GitHub's
// workflow commands.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { type FindingFormat, formatFindings } from '../../src/report/finding-formats.js';
import { PLAIN } from '../../src/report/finding-text.js';
import { hardReport, longReport } from './findings.js';

const PACKAGES = resolve(import.meta.dirname, '../../node_modules');

function text(format: FindingFormat, report = hardReport()): string {
  return formatFindings(report, format, PLAIN);
}

describe('sarif', () => {
  const schema = JSON.parse(
    readFileSync(resolve(PACKAGES, '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'), 'utf8'),
  );
  // Draft 4 and later drafts read what is in it alike, but for how it names itself.
  delete schema.$schema;
  delete schema.id;
  const validateSarif = new Ajv({
    strict: false,
    unicodeRegExp: false,
    validateFormats: false,
    allErrors: true,
  }).compile(schema);
  const log = JSON.parse(text('sarif'));
  const [run] = log.runs;

  test('keeps the official schema, which refuses what is wrong', () => {
    validateSarif(log);
    expect(validateSarif.errors ?? []).toEqual([]);
    validateSarif(JSON.parse(text('sarif', longReport(3))));
    expect(validateSarif.errors ?? []).toEqual([]);
    expect(validateSarif({ ...log, version: '2.0.0' })).toBe(false);
    expect(validateSarif({ ...log, runs: [{ ...run, results: [{ level: 'note' }] }] })).toBe(false);
  });

  test('has rule metadata for every result', () => {
    const { rules } = run.tool.driver;
    expect(run.results.length).toBe(hardReport().findings.length);
    for (const result of run.results) expect(rules[result.ruleIndex].id).toBe(result.ruleId);
    const rule = rules.find(({ id }: { id: string }) => id === 'server-not-verified');
    expect(rule.defaultConfiguration.level).toBe('warning');
    expect(rule.help.markdown).toContain('**What to do:** Add a validation_context');
  });

  test('names files by relative URIs', () => {
    const uris = run.artifacts.map(({ location }: { location: { uri: string } }) => location.uri);
    expect(uris[0]).toBe('dir%20with%20space/%C3%A4%2C%3A%25.yaml');
    for (const uri of uris) expect(new URL(uri, 'file:///repository/').pathname).toMatch(/^\/repository\//);
  });

  test('says what mends a finding', () => {
    const { fixes } = run.results.find(({ ruleId }: { ruleId: string }) => ruleId === 'socket-address');
    const [{ replacements }] = fixes[0].artifactChanges;
    expect(replacements).toEqual([
      {
        deletedRegion: { startLine: 7, startColumn: 35, endLine: 7, endColumn: 63 },
        insertedContent: { text: 'path: /run/agent.sock' },
      },
    ]);
  });
});

describe('gitlab', () => {
  const issues = JSON.parse(text('gitlab'));

  test('has what GitLab asks of an issue', () => {
    const validate = new Ajv().compile({
      type: 'array',
      items: {
        type: 'object',
        required: ['description', 'check_name', 'fingerprint', 'severity', 'location'],
        properties: {
          description: { type: 'string', minLength: 1 },
          severity: { enum: ['info', 'minor', 'major', 'critical', 'blocker'] },
          fingerprint: { type: 'string', pattern: '^[0-9a-f]{64}$' },
          location: {
            type: 'object',
            required: ['path', 'lines'],
            properties: {
              path: { type: 'string', pattern: '^[^./]' },
              lines: {
                type: 'object',
                required: ['begin'],
                properties: { begin: { type: 'integer', minimum: 1 } },
              },
            },
          },
        },
      },
    });
    validate(issues);
    expect(validate.errors ?? []).toEqual([]);
    const placed = hardReport().findings.filter(({ region }) => region !== undefined);
    expect(issues).toHaveLength(placed.length);
  });

  test('tells alike findings apart', () => {
    const [finding] = hardReport().findings.filter(({ region }) => region !== undefined);
    if (finding === undefined) throw new Error('there is a finding');
    const twice = JSON.parse(text('gitlab', { ...hardReport(), findings: [finding, finding] }));
    expect(twice[0].fingerprint).not.toBe(twice[1].fingerprint);
  });
});

describe('junit', () => {
  // The schema of Ant's JUnit task (windyroad/JUnit-Schema) stands as text in a test that this package ships.
  const source = readFileSync(resolve(PACKAGES, 'junit-xml/src/index.test.ts'), 'utf8');
  const schema = /const antJunitSchema = '(.*)';/.exec(source)?.[1]?.replaceAll("\\'", "'") ?? '';

  async function errorsOf(xml: string): Promise<readonly string[]> {
    const { errors } = await validateXML({
      xml: [{ fileName: 'report.xml', contents: xml }],
      schema: [{ fileName: 'junit.xsd', contents: schema }],
    });
    return errors.map(({ message }) => message);
  }

  test("keeps the schema of Ant's task, which refuses what is wrong", async () => {
    expect(schema).toContain('<xs:schema');
    const xml = text('junit');
    expect(await errorsOf(xml)).toEqual([]);
    expect(await errorsOf(text('junit', longReport(2)))).toEqual([]);
    expect(await errorsOf(xml.replace('tests="', 'testz="'))).not.toEqual([]);
  });

  test('counts as failures what makes the run fail', () => {
    const xml = text('junit');
    expect(xml).toContain(
      'name="a.yaml" timestamp="1970-01-01T00:00:00" hostname="localhost" tests="1" failures="1"',
    );
    expect(xml).toContain('<testcase classname="good.json" name="valid" time="0"/>');
    expect(xml).toContain('type="warning"');
    expect(xml).not.toContain('type="note"');
  });

  test('is the same each time', () => {
    expect(text('junit')).toBe(text('junit'));
  });
});

/** Reads workflow commands as GitHub's runner does (actions/runner, ActionCommand.cs). */
function readCommands(log: string) {
  return log.split('\n').flatMap((line) => {
    const match = /^::(\w+) ([^:]*)::(.*)$/.exec(line);
    if (match === null) return [];
    const [, name, properties = '', data = ''] = match;
    const unescapeData = (one: string) =>
      one.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
    const unescapeProperty = (one: string) => unescapeData(one.replaceAll('%3A', ':').replaceAll('%2C', ','));
    const entries = properties.split(',').map((pair): [string, string] => {
      const equals = pair.indexOf('=');
      return [pair.slice(0, equals), unescapeProperty(pair.slice(equals + 1))];
    });
    return [{ name, message: unescapeData(data), ...Object.fromEntries(entries) }];
  });
}

describe('github', () => {
  test('is read back as it was meant', () => {
    const { findings } = hardReport();
    const commands = readCommands(text('github'));
    expect(commands.length).toBe(findings.length);
    expect(commands.map(({ name }) => name).sort()).toEqual(
      findings.map(({ level }) => (level === 'note' ? 'notice' : level)).sort(),
    );
    const first = findings.find(({ code }) => code === 'socket-address');
    expect(commands[0]).toMatchObject({
      name: 'error',
      file: 'dir with space/ä,:%.yaml',
      line: '7',
      endLine: '7',
      col: '35',
      endColumn: '63',
      title: 'xdsc socket-address',
    });
    expect(commands[0]?.message.split('\n')[0]).toBe(first?.message);
    const made = commands.find((command) => 'line' in command && command.line === '2');
    expect(made?.message).toContain('100% | odd: text, with `code`, @people\nand a second line');
    // Columns of a range of several lines would be refused.
    expect(made).not.toHaveProperty('endColumn');
  });

  test('is bounded', () => {
    const log = text('github', longReport(500));
    expect(readCommands(log).length).toBe(50);
    expect(log).toContain('… and 450 more warnings');
  });
});

describe('markdown', () => {
  test('is one table, in which text stays text', () => {
    const markdown = text('markdown');
    const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
    expect(rows.length).toBe(hardReport().findings.length + 2);
    for (const row of rows) expect(row.replaceAll('\\|', '').split('|').length).toBe(5);
    // In code, GitHub takes neither for what they look like.
    expect(markdown.replace(/`[^`]*`/g, '')).not.toMatch(/<b>|@people/);
  });

  test('keeps below what GitHub takes', () => {
    const markdown = text('markdown', longReport(5000));
    expect(markdown.length).toBeLessThan(65_536);
    expect(markdown).toMatch(/… and \d+ more\.\n$/);
  });
});

describe('json', () => {
  test('has every finding and the counts', () => {
    const value = JSON.parse(text('json', longReport(1234)));
    expect(value.findings.length).toBe(1234);
    expect(value.counts).toEqual({ error: 0, warning: 1234, note: 0, silenced: 0 });
  });
});

describe('pretty', () => {
  test('shows the line, a mark below what is meant, and what to do', () => {
    expect(text('pretty')).toContain(`
dir with space/ä,:%.yaml:7:35: error: a pipe's path is not a URI [socket-address]
  6 |   - lb_endpoints:
  7 |     - endpoint: {address: {pipe: {path: unix:///run/agent.sock}}}
    |                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  at load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.pipe.path
  expected /run/agent.sock
  write pipe.path as a path, and target_uri with unix: before the path
`);
  });

  test('cuts long lists, and says so', () => {
    const lines = text('pretty', longReport(1000));
    expect(lines).toContain('… and 995 more of made-up');
    expect(lines).toContain('0 files: 1000 warnings; 995 are not shown, --format json lists all');
  });

  test('shows the part of a long line that matters', () => {
    const line = `{"a": "${'x'.repeat(5000)}", "name": 1}`;
    const finding = {
      ...longReport(1).findings[0],
      region: { file: 'a.json', start: 0, end: 0, line: 1, column: 5011, endLine: 1, endColumn: 5017 },
    };
    const report = {
      ...longReport(0),
      files: [{ name: 'a.json', text: line, detected: [], notChecked: [] }],
      findings: [finding as never],
    };
    const shown = text('pretty', report).split('\n');
    expect(Math.max(...shown.map((one) => one.length))).toBeLessThan(120);
    const at = shown.findIndex((one) => one.includes('"name"'));
    expect(shown[at]?.indexOf('"name"')).toBe(shown[at + 1]?.indexOf('^'));
  });
});
