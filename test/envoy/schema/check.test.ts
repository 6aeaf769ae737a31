// What the schema check finds, and where: the rules of protobuf's JSON form and those of validate.proto.

import { describe, expect, test } from 'vitest';
import { message } from '../../../src/envoy/api-table.js';
import { checkSchema } from '../../../src/envoy/schema/check.js';
import type { Finding } from '../../../src/finding/finding.js';
import { readSource } from '../../../src/source/document.js';

function check(type: string, text: string): Finding[] {
  const { documents } = readSource('test.yaml', text);
  return documents.flatMap((document) => {
    const found = message(type);
    return found === undefined ? [] : checkSchema(document, [{ type: found, node: 0 }]);
  });
}

/** A finding as a line: where, what, on which path. */
function line({ level, code, path, region, suggestion, expected }: Finding): string {
  const meant = suggestion === undefined ? (expected ?? '') : `→ ${suggestion}`;
  return `${region?.line}:${region?.column} ${level} ${code} ${path}: ${meant}`;
}

const lines = (type: string, text: string): string[] => check(type, text).map(line);

const CLUSTER = 'envoy.api.v2.Cluster';
const CLUSTER_V3 = 'envoy.config.cluster.v3.Cluster';

test('a cluster that is as it should be', () => {
  expect(lines(CLUSTER, '{name: a, connect_timeout: 1s, type: EDS}')).toEqual([]);
});

describe('fields', () => {
  test.each([
    [
      'that are missing',
      CLUSTER,
      'connect_timeout: 1s',
      ['1:1 error missing-field name: a string, at least 1 byte'],
    ],
    [
      'with an unknown name',
      CLUSTER,
      '{name: a, zzzzzz: 1}',
      ['1:11 error unknown-field zzzzzz: a field of envoy.api.v2.Cluster'],
    ],
    [
      'with an unknown name, in an API that grows',
      CLUSTER_V3,
      '{name: a, zzzzzz: 1}',
      ['1:11 error unknown-field zzzzzz: a field of envoy.config.cluster.v3.Cluster'],
    ],
    ['that were meant are not missed too', CLUSTER, '{nam: a}', ['1:2 error unknown-field nam: → name']],
    [
      'in both spellings',
      CLUSTER,
      '{name: a, connect_timeout: 1s, connectTimeout: 2s}',
      ['1:32 warning field-twice connect_timeout: the field once'],
    ],
    [
      'that exclude each other',
      CLUSTER,
      '{name: a, type: EDS, cluster_type: {name: x}}',
      ['1:22 error oneof-conflict cluster_type: one of the two: both are a cluster_discovery_type'],
    ],
  ])('%s', (_, type, text, expected) => {
    expect(lines(type, text)).toEqual(expected);
  });
});
