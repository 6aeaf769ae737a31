// A text as one message of a version of the API: upgraded where it is older, checked against the schema, and
// put into the order of its fields.

import { type MessageInfo, message } from '../../envoy/api-table.js';
import { type Api, detect } from '../../envoy/detect.js';
import { inFieldOrder } from '../../envoy/field-order.js';
import { MessageReader } from '../../envoy/message-reader.js';
import type { NormalValue } from '../../envoy/normal-value.js';
import { checkSchema } from '../../envoy/schema/check.js';
import type { OnUnknown } from '../../envoy/upgrade/subject.js';
import { editedSource, upgradeDocument } from '../../envoy/upgrade/upgrade.js';
import type { Finding } from '../../finding/finding.js';
import { type Document, readSource, type Source } from '../../source/document.js';

/** A message's names in both versions of the API. */
export type MessageNames = { readonly [Version in Api]: string };

export const BOOTSTRAP: MessageNames = {
  v2: 'envoy.config.bootstrap.v2.Bootstrap',
  v3: 'envoy.config.bootstrap.v3.Bootstrap',
};
const RESPONSE: MessageNames = {
  v2: 'envoy.api.v2.DiscoveryResponse',
  v3: 'envoy.service.discovery.v3.DiscoveryResponse',
};

/** A message in normal form, in field-number order. */
export type OrderedMessage = { readonly [name: string]: NormalValue };

/** The version of the API that is wanted, and what becomes of what it has no counterpart for. */
export interface Target {
  readonly api: Api;
  readonly onUnknown: OnUnknown;
}

/** The message of a text's first document; what is wrong with it is added to the findings. */
export function asMessage(
  source: Source,
  names: MessageNames,
  { api, onUnknown }: Target,
  findings: Finding[],
): OrderedMessage | undefined {
  const [document] = source.documents;
  if (document === undefined) return undefined;
  const written = detect(document.tape).api;
  if (written === api) return checked(document, names[api], findings);
  if (api === 'v2') {
    findings.push({
      code: 'newer-api',
      level: 'error',
      message: "this uses Envoy's v3 API",
      expected: 'v2, or --api v3',
      region: source.region(0, 0),
    });
    return undefined;
  }
  const roots = [{ type: infoOf(names.v2), node: 0 }];
  // Errors in v2 are reported in v2 terms.
  const before = findings.length;
  checked(document, names.v2, findings);
  if (findings.slice(before).some(({ level }) => level === 'error')) return undefined;
  const { edits, findings: said } = upgradeDocument(document, roots, onUnknown);
  // The upgrade fixes a single item where a list is expected.
  findings.push(...said.filter(({ code }) => code !== 'single-item'));
  const [upgraded] = editedSource(source, edits).documents;
  return upgraded === undefined ? undefined : checked(upgraded, names.v3, findings);
}

/** A discovery response in a version of the API. */
export function asResponse(
  response: object,
  name: string,
  target: Target,
  findings: Finding[],
): OrderedMessage | undefined {
  const source = readSource(name, JSON.stringify(response), { format: 'json' });
  return asMessage(source, RESPONSE, target, findings);
}

function checked(document: Document, name: string, findings: Finding[]): OrderedMessage | undefined {
  const type = infoOf(name);
  // Deprecated fields are what old proxies read.
  findings.push(...checkSchema(document, [{ type, node: 0 }]).filter(({ level }) => level === 'error'));
  const value = new MessageReader(document).read(type, 0)?.toValue();
  return value === undefined ? undefined : inFieldOrder(type, value);
}

function infoOf(name: string): MessageInfo {
  const type = message(name);
  if (type === undefined) throw new Error(`the API has no message ${name}`);
  return type;
}
