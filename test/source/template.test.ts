// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are templates of others
import { describe, expect, it } from 'vitest';
import { readSource } from '../../src/source/document.js';
import { hasShared, sharedFiles } from './shared-files.js';

/** What a text that cannot be read is said to be. */
function refusal(name: string, text: string): string | undefined {
  const finding = readSource(name, text).findings.find(({ level }) => level === 'error');
  return finding?.code === 'template' ? finding.message.replace(/, not .*/, '') : finding?.code;
}

describe('a template', () => {
  it.each([
    ['{"a": {{ .Port }}}', 'this is a Go template'],
    ['{{- if .x }}\na: 1\n{{- end }}\n', 'this is a Go template'],
    ['a: 1\n{{- range .items }}\nb: 2\n{{ end }}\n', 'this is a Go template'],
    ['{"path": "{{ env "HOME" }}"}', 'this is a Go template'],
    ['a: {{ port }}\n', 'this is a template (Jinja, Go or Handlebars)'],
    ['a: 1\n{% for x in y %}\nb: 2\n{% endfor %}\n', 'this is a Jinja template'],
    ['a: 1\n<% if x %>\nb: 2\n', 'this is an ERB template'],
    ['a: [<%= x %>, "b": c\n', 'this is an ERB template'],
    ['{"port": ${PORT}}', 'this is an envsubst or shell template'],
  ])('is detected: %j', (text, message) => {
    expect(refusal('x', text)).toBe(message);
  });

  it.each([
    ['{"a": {{"b": 1}}}', 'syntax'],
    ['a: "{{ x }}"\n\n\nb: [\n', 'syntax'],
    ['# {{ x }}\na: [\n', 'syntax'],
    ['script: |\n  echo ${HOME} {{ x }}\nb: 1\nc: 2\nd: [\n', 'syntax'],
    ['{"a": "${X}", "b": 1,,}', 'syntax'],
    ['ads: {{}}\n', 'syntax'],
    ['a: "{{ x }}"\nb: ${Y}\n', undefined],
  ])('is not detected in other text: %j', (text, code) => {
    expect(refusal('x', text)).toBe(code);
  });

  it.skipIf(!hasShared('corpus'))('is detected in the shared corpus, and only there', () => {
    const told: { [folder: string]: number } = {};
    for (const folder of ['templated', 'envoy', 'others', 'embedded', 'istio', 'fragments']) {
      for (const { name, text } of sharedFiles(`corpus/${folder}`, /\.(?:ya?ml|json)$/)) {
        const what = refusal(name, text);
        if (what?.startsWith('this is')) told[folder] = (told[folder] ?? 0) + 1;
        // What cannot be read there and has no marks is cut out of C++ code.
        else if (folder === 'templated' && what !== undefined)
          expect(name).toMatch(/envoy_frag|envoy-mobile/);
      }
    }
    expect(Object.keys(told)).toEqual(['templated']);
    expect(told.templated).toBeGreaterThan(50);
  });
});
