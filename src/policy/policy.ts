// A policy: a rule of a project's own. It is about every message of a type, or about every TLS context, and holds
// an expression of CEL or a JSON Schema against it. What it says is fixed text, so that it cannot say a value.

import type { MessageInfo } from '../envoy/api-table.js';
import type { Message } from '../envoy/message.js';
import { reachOf } from '../envoy/reach.js';
import { ReachWalk } from '../envoy/reach-walk.js';
import { heldResources } from '../envoy/resources.js';
import type { Level } from '../finding/finding.js';
import { plainTls } from '../tls/plain-settings.js';
import { fieldAt } from '../validate/place.js';
import type { Report, Rule } from '../validate/rule.js';
import type { Run } from '../validate/run.js';
import { Asked, type Condition } from './cel.js';

/** What a policy is about. */
export type Target = { readonly tls: true } | { readonly type: MessageInfo };

/** A policy that can be applied. */
export interface Policy {
  readonly code: string;
  readonly level: Level;
  readonly message: string;
  readonly remedy: string;
  readonly target: Target;
  /** The field that findings point to, where the message has it. */
  readonly at: string | undefined;
  /** Where it applies; everywhere by default. */
  readonly when: Condition | undefined;
  /** What must hold. */
  readonly require: Condition;
}

/** A policy as a rule of `validate`. */
export function policyRule(policy: Policy): Rule {
  const { code, level, message, remedy } = policy;
  return {
    code,
    level,
    finds: message,
    why: 'A policy of this project.',
    source: 'xdsc.config.yaml',
    remedy,
    check: (run, report) => {
      for (const asked of askedOf(run, policy.target)) apply(policy, asked, report);
    },
  };
}

function askedOf(run: Run, target: Target): readonly Asked[] {
  if ('tls' in target) return run.contexts.map((context) => new Asked(context.message, plainTls(context)));
  return messagesOf(run, target.type).map((message) => new Asked(message));
}

function apply({ message, at, when, require }: Policy, asked: Asked, report: Report): void {
  const found = asked.message;
  const place = fieldAt(found, at !== undefined && found.has(at) ? at : undefined);
  const applies = when?.(asked) ?? true;
  const holds = applies === true ? require(asked) : true;
  for (const outcome of [applies, holds])
    if (typeof outcome !== 'boolean')
      report(place, {
        message: `this policy cannot be evaluated here: ${outcome.problem}`,
        level: 'error',
        remedy: 'correct the policy; has() is true for what is there',
      });
  if (holds === false) report(place, { message });
}

/** All messages of a type in the configurations of a run. */
function messagesOf({ surveys }: Run, { name }: MessageInfo): readonly Message[] {
  const reach = reachOf({ isGoal: (type) => type === name, opensAny: () => true });
  const walk = new (class extends ReachWalk<undefined> {
    readonly found = new Map<string, Message>();
    visit(at: Message): void {
      if (at.type.name === name) this.found.set(String(at.node), at);
      this.descend(at, undefined);
    }
  })(reach);
  return surveys.flatMap(({ config }) => {
    walk.found.clear();
    for (const { message } of heldResources(config.reader, config.detected.roots))
      if (message !== undefined) walk.visit(message);
    return [...walk.found.values()];
  });
}
