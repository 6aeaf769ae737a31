// What Envoy asks of the overload manager.

import type { Message } from '../../../envoy/message.js';
import { isSlip, nearName } from '../../../finding/near-name.js';
import { quoted } from '../../../secrecy/quoted.js';
import { replacing } from '../../mending.js';
import { fieldAt, lineOf } from '../../place.js';
import type { Report } from '../../rule.js';
import type { StartupCheck } from '../check.js';

const PACKAGE = 'envoy.config.overload.v3';
const MANAGER = `${PACKAGE}.OverloadManager`;

const REDUCE_TIMEOUTS = 'envoy.overload_actions.reduce_timeouts';
const RESET_STREAMS = 'envoy.overload_actions.reset_high_memory_stream';
const ACTIONS = [
  'envoy.overload_actions.stop_accepting_requests',
  'envoy.overload_actions.disable_http_keepalive',
  'envoy.overload_actions.stop_accepting_connections',
  'envoy.overload_actions.reject_incoming_connections',
  'envoy.overload_actions.shrink_heap',
  REDUCE_TIMEOUTS,
  RESET_STREAMS,
];

const overloadAction: StartupCheck = {
  code: 'overload-action',
  on: [MANAGER],
  finds: 'an overload action is not one that Envoy has, or lacks what it needs',
  refusal: 'Unknown Overload Manager Action …; Overload action "…" requires typed_config',
  remedy: 'write the name of an action, and what that needs beside it',
  check(manager, report) {
    for (const action of manager.messages('actions')) {
      const name = action.text('name') ?? '';
      const place = fieldAt(action, action.has('name') ? 'name' : undefined);
      if (!ACTIONS.includes(name)) {
        const near = nearName(name, ACTIONS);
        report(place, {
          message: `Envoy has no overload action ${quoted(name)}`,
          expected: `one of ${ACTIONS.join(', ')}`,
          ...(near !== undefined && {
            suggestion: near,
            ...(isSlip(name, near) && replacing(action, 'name', near)),
          }),
        });
      } else if (name === REDUCE_TIMEOUTS && !action.has('typed_config'))
        report(place, {
          message: `${name} needs a typed_config with the timers`,
          remedy: 'add typed_config',
        });
      else if (name !== REDUCE_TIMEOUTS && action.has('typed_config'))
        report(fieldAt(action, 'typed_config'), { message: `${name} takes no typed_config` });
      else if (name === RESET_STREAMS && !manager.has('buffer_factory_config'))
        report(place, {
          message: `${name} needs buffer_factory_config in the overload manager`,
          remedy: 'add buffer_factory_config',
        });
    }
  },
};

const overloadTwice: StartupCheck = {
  code: 'overload-twice',
  on: [MANAGER, `${PACKAGE}.OverloadAction`, `${PACKAGE}.ScaleTimersOverloadActionConfig`],
  finds: 'two monitors, actions, points, triggers or timers of the overload manager have one name',
  refusal: 'Duplicate overload action …; Duplicate resource monitor …',
  remedy: 'remove one of the two',
  check(at, report) {
    for (const [list, field, what] of UNIQUE)
      if (at.type.field(list) !== undefined) lookForTwins(at.messages(list), field, what, report);
  },
};

const UNIQUE = [
  ['resource_monitors', 'name', 'resource monitor'],
  ['actions', 'name', 'overload action'],
  ['loadshed_points', 'name', 'point'],
  ['triggers', 'name', 'trigger'],
  ['timer_scale_factors', 'timer', 'entry'],
] as const;

function lookForTwins(items: readonly Message[], field: string, what: string, report: Report): void {
  const seen = new Map<string, Message>();
  for (const item of items) {
    const name = (field === 'timer' ? item.enumName(field) : item.text(field)) ?? '';
    const first = seen.get(name);
    if (first === undefined) seen.set(name, item);
    else if (name !== '')
      report(fieldAt(item, field), {
        message: `the ${what} at ${lineOf(fieldAt(first, field))} has the same ${field}`,
      });
  }
}

const overloadTrigger: StartupCheck = {
  code: 'overload-trigger',
  on: [MANAGER],
  finds: 'a trigger names a monitor that the overload manager does not have, or scales between equal bounds',
  refusal:
    'Unknown trigger resource … for overload action …; scaling_threshold must be less than saturation_threshold',
  remedy: 'name one of resource_monitors; scaling_threshold is below saturation_threshold',
  check(manager, report) {
    const monitors = manager.messages('resource_monitors').map((monitor) => monitor.text('name') ?? '');
    const holders = [...manager.messages('actions'), ...manager.messages('loadshed_points')];
    for (const trigger of holders.flatMap((holder) => holder.messages('triggers'))) {
      const name = trigger.text('name') ?? '';
      const near = nearName(name, monitors);
      if (name !== '' && !monitors.includes(name))
        report(fieldAt(trigger, 'name'), {
          message: `this overload manager has no resource monitor ${quoted(name)}`,
          ...(near !== undefined && {
            suggestion: near,
            ...(isSlip(name, near) && replacing(trigger, 'name', near)),
          }),
        });
      const scaled = trigger.message('scaled');
      if (scaled === undefined) continue;
      const from = Number(scaled.text('scaling_threshold') ?? 0);
      const to = Number(scaled.text('saturation_threshold') ?? 0);
      if (from >= to)
        report(fieldAt(scaled, scaled.has('scaling_threshold') ? 'scaling_threshold' : undefined), {
          message: `scaling_threshold (${from}) is not below saturation_threshold (${to})`,
        });
    }
  },
};

/** The checks of the overload manager. */
export const OVERLOAD: readonly StartupCheck[] = [overloadAction, overloadTwice, overloadTrigger];
