// A message of any type inside a discovery response, as text whose lines are known.

import { type MessageInfo, message } from '../../../src/envoy/api-table.js';
import { checkSchema } from '../../../src/envoy/schema/check.js';
import { apiOfType } from '../../../src/envoy/schema/type-names.js';
import type { Finding } from '../../../src/finding/finding.js';
import { readSource } from '../../../src/source/document.js';
import type { Json } from './specimen.js';

/** The members of a message in the order of the text: a name may stand twice. */
export type Members = readonly (readonly [string, Json])[];

/** The line of the message in a response; its members follow, one a line. */
export const FIRST_LINE = 3;

const ROOTS = {
  v2: message('envoy.api.v2.DiscoveryResponse') as MessageInfo,
  v3: message('envoy.service.discovery.v3.DiscoveryResponse') as MessageInfo,
};

/** The response that a message is in, by the message's version. */
export function responseType(type: MessageInfo): MessageInfo {
  return ROOTS[apiOfType(type.name) ?? 'v2'];
}

/** A response whose second resource is a message, with a line for each member. */
export function response(type: MessageInfo, members: Members): string {
  const lines = members.map(([name, value]) => `,\n${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return `{"resources": [\n{"@type": "type.googleapis.com/google.protobuf.Empty"},\n{"@type": "type.googleapis.com/${type.name}"${lines.join('')}\n}]}`;
}

/** What the schema check finds in a response. */
export function checkResponse(type: MessageInfo, text: string): Finding[] {
  const { documents } = readSource('response.json', text);
  return documents.flatMap((document) => checkSchema(document, [{ type: responseType(type), node: 0 }]));
}
