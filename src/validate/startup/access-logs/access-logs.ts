// What Envoy asks of access logs and their filters, besides the formats.

import type { Message } from '../../../envoy/message.js';
import { fieldAt } from '../../place.js';
import type { Area, StartupCheck } from '../check.js';
import { celFault } from '../formats/cel.js';

const OPEN_TELEMETRY = 'envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig';

const celExpression: StartupCheck = {
  code: 'cel-expression',
  on: ['envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter'],
  finds: 'a CEL expression cannot be read',
  refusal: 'Not able to parse filter expression: …',
  remedy: 'correct the expression',
  check(filter, report) {
    const fault = celFault(filter.text('expression') ?? '');
    if (fault !== undefined)
      report(fieldAt(filter, 'expression'), { message: fault.message, expected: 'a CEL expression' });
  },
};

const openTelemetryValue: StartupCheck = {
  code: 'log-attribute-kind',
  on: [OPEN_TELEMETRY],
  finds: 'a body or an attribute of an OpenTelemetry access log is not text',
  refusal: 'Only string values, nested key value lists and array values are supported',
  remedy: 'write the value as string_value',
  check(log, report) {
    const visit = (value: Message | undefined): void => {
      if (value === undefined) return;
      const [form] = value.present;
      if (form?.name === 'kvlist_value') pairs(value.message('kvlist_value'));
      else if (form?.name === 'array_value')
        for (const item of value.message('array_value')?.messages('values') ?? []) visit(item);
      else if (form !== undefined && form.name !== 'string_value')
        report(fieldAt(value, form.name), { message: `access logs take no ${form.name}` });
    };
    const pairs = (list: Message | undefined): void => {
      for (const pair of list?.messages('values') ?? []) visit(pair.message('value'));
    };
    pairs(log.message('attributes'));
    visit(log.message('body'));
  },
};

/** The area. */
export const ACCESS_LOGS: Area = {
  name: 'access-logs',
  title: 'Access logs',
  checks: [celExpression, openTelemetryValue],
};
