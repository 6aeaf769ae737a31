// What is looked at: documents behind a bootstrap, values of ConfigMaps, and how configuration comes to Envoy.

import { expect, test } from 'vitest';
import { type ValidateOptions, validate } from '../../src/validate/validate.js';

function codes(files: Readonly<Record<string, string>>, options: ValidateOptions = {}): string[] {
  const inputs = Object.entries(files).map(([name, text]) => ({ name, text }));
  return validate(inputs, options).findings.map(
    ({ level, code, region }) => `${region?.file}:${region?.line} ${level} ${code}`,
  );
}

const BOOTSTRAP = 'static_resources: {}\nadmin: {}\n';

test('a mistake in a document behind a bootstrap is a warning, since Envoy does not read it', () => {
  const second = 'static_resources: {}\nnode: {id: a, wrong: true}\n';
  const found = codes({ 'a.yaml': `${BOOTSTRAP}---\n${second}` });
  expect(found).toContain('a.yaml:4 warning unread-document');
  expect(found).toContain('a.yaml:5 warning unknown-field');
  expect(codes({ 'a.yaml': second })).toContain('a.yaml:2 error unknown-field');
});

test('a value of a ConfigMap that is a map is an error at its key', () => {
  const map =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: text\n  envoy.yaml:\n    static_resources: {}\n';
  expect(codes({ 'map.yaml': map })).toContain('map.yaml:6 error config-map-value');
});

test('unknown fields are warnings in what comes by discovery, and errors elsewhere, unless it is said', () => {
  const cluster = '"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster\n  name: a\n  wrong: true\n';
  const response = `resources:\n- ${cluster}`;
  expect(codes({ 'cds.yaml': response })).toContain('cds.yaml:4 warning unknown-field');
  expect(codes({ 'cds.yaml': response }, { delivery: 'static' })).toContain('cds.yaml:4 error unknown-field');
  const lone = { 'cluster.yaml': cluster.replaceAll('\n  ', '\n') };
  expect(codes(lone)).toContain('cluster.yaml:3 error unknown-field');
  expect(codes(lone, { delivery: 'dynamic' })).toContain('cluster.yaml:3 warning unknown-field');
});

test('comments in JSON are errors in configuration of Envoy', () => {
  const text = '{\n// none\n"static_resources": {}, "admin": {}\n}\n';
  expect(codes({ 'a.json': text })).toContain('a.json:2 error json-comment');
});
