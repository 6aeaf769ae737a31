// What Envoy asks of RBAC policies, in both of its RBAC filters.

import type { Message } from '../../../envoy/message.js';
import { fieldAt } from '../../place.js';
import type { StartupCheck } from '../check.js';
import { enclosing } from '../enclosing.js';
import { checkIp } from '../ip-addresses.js';
import { integerOf } from '../values.js';

const PERMISSION = 'envoy.config.rbac.v3.Permission';
const PRINCIPAL = 'envoy.config.rbac.v3.Principal';
const RULES = 'envoy.config.rbac.v3.RBAC';
const NETWORK_FILTER = 'envoy.extensions.filters.network.rbac.v3.RBAC';

const ADDRESSES = ['source_ip', 'direct_remote_ip', 'remote_ip', 'destination_ip'];

/** Envoy does not look at rules beside a matcher. */
function isIgnored(at: Message): boolean {
  const rules = enclosing(at, [RULES]);
  const filter = rules?.around;
  if (rules === undefined || filter === undefined) return false;
  return filter.has(filter.value('rules') === rules.node ? 'matcher' : 'shadow_matcher');
}

export const rbacAddress: StartupCheck = {
  code: 'rbac-address',
  on: [PERMISSION, PRINCIPAL],
  finds: 'an address of an RBAC policy is not an IP address',
  refusal: 'Failed to create CIDR range: malformed IP address: …',
  remedy: 'write the address in address_prefix and the length in prefix_len',
  check(at, report) {
    for (const field of ADDRESSES) {
      const range = at.type.field(field) === undefined ? undefined : at.message(field);
      if (range === undefined || isIgnored(at)) continue;
      const hasLength = /^[\d.]+\/\d+$/.test(range.text('address_prefix') ?? '');
      const expected = hasLength
        ? 'address_prefix without the length, which is in prefix_len'
        : 'an IP address';
      checkIp(range, 'address_prefix', expected, report);
    }
  },
};

export const rbacPortRange: StartupCheck = {
  code: 'rbac-port-range',
  on: [PERMISSION],
  finds: 'a range of ports in an RBAC policy is empty, or beyond the ports there are',
  refusal: 'range start 200 cannot be greater or equal than range end 100',
  remedy: 'write the first port, and the one behind the last, at most 65536',
  check(at, report) {
    const range = at.message('destination_port_range');
    if (range === undefined || isIgnored(at)) return;
    const [start, end] = [integerOf(range, 'start') ?? 0, integerOf(range, 'end') ?? 0];
    const isEmpty = start >= end;
    if (!isEmpty && start >= 0 && start <= 65536 && end <= 65536) return;
    const field = isEmpty || end > 65536 ? 'end' : 'start';
    report(fieldAt(range, range.has(field) ? field : undefined), {
      message: isEmpty
        ? `no port is in the range from ${start} up to but not including ${end}`
        : 'ports go up to 65535',
    });
  },
};

export const rbacHeader: StartupCheck = {
  code: 'rbac-network-header',
  on: [PERMISSION, PRINCIPAL],
  finds: 'a policy of the network RBAC filter looks at headers',
  refusal: 'Found header(…) rule,not supported by RBAC network filter',
  remedy: 'use the HTTP filter envoy.filters.http.rbac, or another condition',
  check(at, report) {
    if (!at.has('header') || enclosing(at, [NETWORK_FILTER]) === undefined || isIgnored(at)) return;
    report(fieldAt(at, 'header'), { message: 'the network RBAC filter sees no headers' });
  },
};

const EXPRESSION = 'google.api.expr.v1alpha1.Expr';

export const rbacCondition: StartupCheck = {
  code: 'rbac-condition',
  on: [EXPRESSION, `${EXPRESSION}.Call`, `${EXPRESSION}.Ident`],
  finds: 'the condition of an RBAC policy has an expression that is empty, or calls nothing',
  refusal: 'failed to create an expression: No overload found in reference resolve step for …',
  remedy: 'name the function or the identifier; conditions are expressions that a parser of CEL has read',
  check(at, report) {
    if (enclosing(at, [POLICY]) === undefined || isIgnored(at)) return;
    const [field, message] =
      at.type.name === EXPRESSION
        ? [undefined, 'this expression is empty']
        : at.type.field('function') === undefined
          ? ['name', 'this identifier has no name']
          : ['function', 'this call names no function'];
    const isEmpty =
      field === undefined ? at.present.every(({ name }) => name === 'id') : (at.text(field) ?? '') === '';
    if (isEmpty) report(fieldAt(at, field !== undefined && at.has(field) ? field : undefined), { message });
  },
};

const POLICY = 'envoy.config.rbac.v3.Policy';
