// A report with everything in it that is hard to write: for the tests of its forms.

import type { Finding, Region } from '../../src/finding/finding.js';
import type { FindingReport } from '../../src/report/finding-report.js';
import { validate } from '../../src/validate/validate.js';

const HARD = 'a "quoted", <b>marked</b> & 100% | odd: text, with `code`, @people\nand a second line \u0007';

const CLUSTER = `name: agent
connect_timeout: 1s
load_assignment:
  cluster_name: agent
  endpoints:
  - lb_endpoints:
    - endpoint: {address: {pipe: {path: unix:///run/agent.sock}}}
transport_socket:
  name: envoy.transport_sockets.tls
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
    sni: agent
`;

function region(file: string, line: number, endLine = line): Region {
  return { file, start: 0, end: 1, line, column: 3, endLine, endColumn: 9 };
}

/** Findings of real rules, one with an edit, and made ones with text that needs escaping. */
export function hardReport(): FindingReport {
  const { files, findings } = validate([{ name: 'dir with space/ä,:%.yaml', text: CLUSTER }]);
  const made: Finding[] = [
    {
      code: 'made-up',
      level: 'error',
      message: HARD,
      expected: HARD,
      region: region('a.yaml', 2, 4),
      path: 'a[0]',
    },
    {
      code: 'made-up',
      level: 'note',
      message: HARD,
      suggestion: HARD,
      remedy: HARD,
      region: region('a.yaml', 1),
    },
    { code: 'unreadable', level: 'error', message: 'b.yaml: cannot be read: no such file or directory' },
  ];
  return {
    files: [
      ...files,
      { name: 'a.yaml', text: 'a: 1\nb: 2\nc: 3\nd: 4\n', detected: [], notChecked: [] },
      { name: 'good.json', text: '{}', detected: ['v3 Cluster'], notChecked: ['Secret'] },
    ],
    findings: [...findings, ...made],
    silenced: 1,
    failOn: 'warning',
    version: '1.2.3',
  };
}

/** As many findings as one likes, all alike. */
export function longReport(count: number): FindingReport {
  const findings = Array.from(
    { length: count },
    (_, index): Finding => ({
      code: 'made-up',
      level: 'warning',
      message: `finding number ${index} with some more words`,
      region: region('a.yaml', index + 1),
    }),
  );
  return { files: [], findings, silenced: 0, failOn: 'error', version: '1.2.3' };
}
