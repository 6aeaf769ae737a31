// What Envoy asks of filters that write metadata and tags.

import type { Message } from '../../../envoy/message.js';
import { fieldAt } from '../../place.js';
import type { StartupCheck } from '../check.js';
import { checkIp } from '../ip-addresses.js';
import { isOn } from '../values.js';

export const headerToMetadata: StartupCheck = {
  code: 'header-to-metadata',
  on: ['envoy.extensions.filters.http.header_to_metadata.v3.Config.Rule'],
  finds: 'a rule that writes a header to metadata lacks what to read or what to write',
  refusal: 'One of Cookie or Header option needs to be specified',
  remedy: 'name one header or cookie, and on_header_present, or on_header_missing with a value',
  check(rule, report) {
    const [header, cookie] = [rule.text('header') ?? '', rule.text('cookie') ?? ''];
    const say = (field: string | undefined, message: string): void =>
      report(fieldAt(rule, field), { message });
    if (header === '' && cookie === '') say(undefined, 'this rule names neither a header nor a cookie');
    else if (header !== '' && cookie !== '') say('cookie', 'this rule names a header as well');
    const [present, missing] = [rule.message('on_header_present'), rule.message('on_header_missing')];
    if (present === undefined && missing === undefined)
      say(
        rule.has('header') ? 'header' : undefined,
        'this rule has neither on_header_present nor on_header_missing',
      );
    if (cookie !== '' && isOn(rule, 'remove')) say('remove', 'a cookie cannot be removed');
    if (present?.text('value') && present.has('regex_value_rewrite'))
      report(fieldAt(present, 'regex_value_rewrite'), { message: 'value is set as well' });
    if (missing !== undefined && (missing.text('value') ?? '') === '')
      say('on_header_missing', 'on_header_missing has no value to write');
  },
};

export const jsonToMetadata: StartupCheck = {
  code: 'json-to-metadata',
  on: ['envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata.Rule'],
  finds: 'a rule that writes JSON to metadata has nothing to write',
  refusal: 'json to metadata filter: neither `on_present` nor `on_missing` set',
  remedy: 'add on_present, or on_missing with a value',
  check(rule, report) {
    const missing = rule.message('on_missing');
    if (!rule.has('on_present') && missing === undefined)
      report(fieldAt(rule), { message: 'this rule has neither on_present nor on_missing' });
    for (const field of ['on_missing', 'on_error']) {
      const pair = rule.message(field);
      if (pair !== undefined && !pair.has('value'))
        report(fieldAt(rule, field), { message: `${field} has no value to write` });
    }
  },
};

const IP_TAGGING = 'envoy.extensions.filters.http.ip_tagging.v3.IPTagging';

export const ipTags: StartupCheck = {
  code: 'ip-tags',
  on: [IP_TAGGING],
  finds: 'the filter that tags addresses has no tags, or a range that is not one of addresses',
  refusal: "invalid ip/mask combo '…' (format is <ip>/<# mask bits>)",
  remedy: 'write the address in address_prefix and the length in prefix_len',
  check(filter, report) {
    const tags = filter.messages('ip_tags');
    if (
      tags.length === 0 &&
      !hasField(filter, 'ip_tags_file_provider') &&
      !hasField(filter, 'ip_tags_datasource')
    )
      report(fieldAt(filter), { message: 'this filter has no ip_tags' });
    for (const range of tags.flatMap((tag) => tag.messages('ip_list')))
      checkIp(range, 'address_prefix', 'an address, and its length in prefix_len', report);
  },
};

function hasField(at: Message, field: string): boolean {
  return at.type.field(field) !== undefined && at.has(field);
}
