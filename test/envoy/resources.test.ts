// Which resources a document holds, in each of the forms that configuration comes in.

import { describe, expect, test } from 'vitest';
import { detect } from '../../src/envoy/detect.js';
import type { Message } from '../../src/envoy/message.js';
import { MessageReader } from '../../src/envoy/message-reader.js';
import { heldResources } from '../../src/envoy/resources.js';
import { takeInventory } from '../../src/report/html/inventory.js';
import { readSource } from '../../src/source/document.js';
import { readConfigs } from '../../src/tls/configs.js';
import { survey } from '../../src/validate/survey.js';

const V2 = 'type.googleapis.com/envoy.api.v2';
const ADMIN = 'type.googleapis.com/envoy.admin.v3';
const V3 = 'type.googleapis.com/envoy.config';

const cluster = { '@type': `${V3}.cluster.v3.Cluster`, name: 'pay', connect_timeout: '1s', type: 'STATIC' };
const listener = { '@type': `${V3}.listener.v3.Listener`, name: 'web', filter_chains: [{}] };
const { '@type': _, ...bare } = cluster;

const FORMS: readonly (readonly [what: string, file: object, held: readonly string[]])[] = [
  ['a resource', cluster, ['Cluster pay']],
  [
    'a bootstrap',
    { node: { id: 'a' }, static_resources: { listeners: [listener], clusters: [bare] } },
    ['Bootstrap', 'Cluster pay', 'Listener web'],
  ],
  [
    'a response',
    { version_info: '1', type_url: cluster['@type'], resources: [cluster, listener] },
    ['Cluster pay', 'Listener web'],
  ],
  [
    'a response with names around its resources',
    {
      type_url: `${V2}.Cluster`,
      resources: [
        { '@type': `${V2}.Resource`, name: 'pay', resource: { ...cluster, '@type': `${V2}.Cluster` } },
      ],
    },
    ['Cluster pay'],
  ],
  [
    'a delta response',
    {
      '@type': 'type.googleapis.com/envoy.service.discovery.v3.DeltaDiscoveryResponse',
      system_version_info: '1',
      type_url: cluster['@type'],
      resources: [{ name: 'pay', version: '1', resource: cluster }],
    },
    ['Cluster pay'],
  ],
  [
    'a delta response of v2',
    {
      '@type': `${V2}.DeltaDiscoveryResponse`,
      type_url: `${V2}.Cluster`,
      resources: [{ name: 'pay', resource: { ...cluster, '@type': `${V2}.Cluster` } }],
    },
    ['Cluster pay'],
  ],
  [
    'a dump, without what was refused',
    {
      configs: [
        { '@type': `${ADMIN}.ClustersConfigDump`, static_clusters: [{ cluster }] },
        {
          '@type': `${ADMIN}.ListenersConfigDump`,
          dynamic_listeners: [
            {
              name: 'web',
              active_state: { version_info: '1', listener },
              error_state: { failed_configuration: { ...listener, name: 'refused' }, details: 'no' },
            },
          ],
        },
      ],
    },
    ['Cluster pay', 'Listener web'],
  ],
  [
    'what is not known',
    { type_url: 'type.example/Thing', resources: [{ '@type': 'type.example/Thing', name: 'x' }, cluster] },
    ['?', 'Cluster pay'],
  ],
];

function nameOf(message: Message): string {
  return `${message.type.shortName} ${message.text('name') ?? ''}`.trim();
}

function shown(held: readonly string[]): string[] {
  return held.filter((one) => /^(?:Cluster|Listener) /.test(one));
}

describe.each(FORMS)('%s', (_what, file, held) => {
  const input = { name: 'in.json', text: JSON.stringify(file) };

  test('holds its resources', () => {
    const [document] = readSource(input.name, input.text).documents;
    if (document === undefined) throw new Error('no document');
    const { roots } = detect(document.tape);
    const found = heldResources(new MessageReader(document), roots).map(({ message }) =>
      message === undefined ? '?' : nameOf(message),
    );
    // In the order of the text, or of the fields of static_resources.
    expect([...found].sort()).toEqual([...held].sort());
  });

  test('shows the same clusters and listeners in a report', () => {
    const { ways } = takeInventory([input]);
    const names = ways.map(({ side, name }) => `${side === 'client' ? 'Cluster' : 'Listener'} ${name}`);
    expect(names.sort()).toEqual(shown(held));
  });

  test('has the same clusters and listeners for the rules of validate', () => {
    const { configs } = readConfigs(readSource(input.name, input.text), undefined);
    const found = configs.map(survey).flatMap(({ clusters, listeners }) => [...clusters, ...listeners]);
    expect(found.map(nameOf).sort()).toEqual(shown(held));
  });
});

test('a report draws what is static once, though a dump shows it in the bootstrap, too', () => {
  const bootstrap = { node: { id: 'a' }, static_resources: { clusters: [bare] } };
  const configs = [
    { '@type': `${ADMIN}.BootstrapConfigDump`, bootstrap },
    { '@type': `${ADMIN}.ClustersConfigDump`, static_clusters: [{ cluster }] },
  ];
  const { ways } = takeInventory([{ name: 'dump.json', text: JSON.stringify({ configs }) }]);
  expect(ways.map(({ name }) => name)).toEqual(['pay']);
});
