// Names, keys and file names that would act on a terminal, turn the direction of the text, or be taken for a
// command by a CI service are shown escaped by every command and format.

import { expect, test } from 'vitest';
import { useFolder } from '../cli/xdsc.js';
import { told } from './runs.js';

useFolder();

/** A terminal escape, a C1 control, a mark of direction, and commands of both forms. */
const HOSTILE = '\x1b[8m\x9b31m\u202e\u2066\n::error::x\n##[set-env name=a]b\r';
const ACTING = /(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

const cluster = (name: string, timeout: string): object => ({
  name,
  connect_timeout: timeout,
  tpye: 'STATIC',
  [name]: name,
  tls_context: {
    sni: name,
    common_tls_context: {
      tls_certificates: [{ certificate_chain: { filename: name }, private_key: { filename: name } }],
    },
  },
});

const CONFIGS: readonly (readonly [string, (timeout: string) => unknown])[] = [
  [
    'a bootstrap',
    (timeout) => ({ static_resources: { clusters: [cluster(HOSTILE, timeout), cluster(HOSTILE, timeout)] } }),
  ],
  [
    'routes',
    (timeout) => ({
      name: HOSTILE,
      virtual_hosts: [
        {
          name: HOSTILE,
          domains: [HOSTILE],
          routes: [{ match: { prefix: HOSTILE }, route: { cluster: HOSTILE, timeout } }],
        },
      ],
    }),
  ],
  [
    'a pod',
    (timeout) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: HOSTILE,
        namespace: HOSTILE,
        labels: { [HOSTILE]: HOSTILE },
        annotations: { [HOSTILE]: timeout },
      },
      spec: {
        containers: [{ name: HOSTILE, image: HOSTILE, ports: [{ containerPort: HOSTILE }] }],
        [HOSTILE]: 1,
      },
    }),
  ],
  [
    'a rule',
    (timeout) => ({
      apiVersion: 'networking.istio.io/v1alpha3',
      kind: 'VirtualService',
      metadata: { name: HOSTILE, namespace: HOSTILE },
      spec: {
        hosts: [HOSTILE],
        gateways: [HOSTILE],
        [HOSTILE]: 1,
        http: [{ timeout, route: [{ destination: { host: HOSTILE, subset: HOSTILE } }] }],
      },
    }),
  ],
  ['anything', (timeout) => ({ [HOSTILE]: HOSTILE, staticresources: timeout })],
];

test.each(CONFIGS)('%s', async (_, config) => {
  const [old, now] = ['1s', HOSTILE].map((timeout) => ({
    text: JSON.stringify(config(timeout)),
    format: 'json' as const,
    // A folder's name may hold anything but a slash.
    name: '::error::a\x1b[8m\x9b31m\u202e',
  }));
  const wrong: string[] = [];
  let count = 0;
  for await (const { args, text } of told(old as never, now as never)) {
    count++;
    const isGithub = args.includes('github');
    const acting = ACTING.exec(text)?.[0];
    if (acting !== undefined)
      wrong.push(
        `xdsc ${args.join(' ')}: ${JSON.stringify(text.slice(text.indexOf(acting) - 60, text.indexOf(acting) + 20))}`,
      );
    for (const line of text.split('\n'))
      if (
        line.includes('##[') ||
        (/^\s*::/.test(line) && !(isGithub && /^::(?:error|warning|notice) file=[^:]*::/.test(line)))
      )
        wrong.push(`xdsc ${args.join(' ')}: ${line.slice(0, 120)}`);
  }
  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(20);
});
