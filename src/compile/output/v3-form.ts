// Responses of the v3 API: what is compiled is of v2, and goes to v3 by the same walk that convert uses, so
// that the two cannot differ.

import { type MessageInfo, message } from '../../envoy/api-table.js';
import { typeName } from '../../envoy/message-reader.js';
import { successorOf } from '../../envoy/upgrade/correspondence.js';
import { upgradeDocument } from '../../envoy/upgrade/upgrade.js';
import { type Document, readSource } from '../../source/document.js';
import { applyEdits } from '../../source/edit.js';
import type { ResponseForm } from './response.js';

/** Writes what another form writes, in v3. */
export function inV3(form: ResponseForm): ResponseForm {
  return {
    ...form,
    resource: (depth) => {
      const print = form.resource(depth);
      return (resource, typeUrl) => print(upgraded(resource, typeUrl), v3Url(typeUrl));
    },
    // A resource still comes by its v2 type, which its upgrade begins with.
    response: (typeUrl, resources, text, depth) =>
      form.response(v3Url(typeUrl), resources, (resource) => text(resource, typeUrl), depth),
  };
}

function v3Url(typeUrl: string): string {
  return `type.googleapis.com/${successorOf(typeName(typeUrl))?.name}`;
}

function upgraded(resource: object, typeUrl: string): object {
  const name = typeName(typeUrl);
  const { documents } = readSource(name, JSON.stringify(resource), { format: 'json' });
  const document = documents[0] as Document;
  const roots = [{ type: message(name) as MessageInfo, node: 0 }];
  const { edits, findings } = upgradeDocument(document, roots, 'fail');
  const fault = findings.find(({ level }) => level === 'error');
  if (fault !== undefined)
    throw new Error(`the compiled configuration cannot be written in v3: ${fault.message}`);
  return JSON.parse([...applyEdits(document.tape.text, edits)].join(''));
}
