// What Istio asks of a message of its resources, by the message's type: 1.1 and 1.29 have types of their own.

import { ISTIOD_CHECKS, ISTIOD_RULES } from './istiod.js';
import type { MessageRule } from './message-rule.js';
import { PILOT_RULES } from './pilot.js';
import type { Check } from './problems.js';

/** What is asked of the fields of a message type. */
export function ruleFor(typeName: string): MessageRule | undefined {
  return PILOT_RULES.get(typeName) ?? ISTIOD_RULES.get(typeName);
}

/** What else is asked of a message type. */
export function checkFor(typeName: string): Check | undefined {
  return ISTIOD_CHECKS.get(typeName);
}
