// Makes the start-up checks on a configuration, in one walk. Envoy 1.40's are known, so v2 is left alone.

import { addToGroup } from '../../collections/grouped.js';
import type { FieldInfo } from '../../envoy/api-table.js';
import type { Message } from '../../envoy/message.js';
import { reachOf } from '../../envoy/reach.js';
import { ReachWalk } from '../../envoy/reach-walk.js';
import { heldResources } from '../../envoy/resources.js';
import type { Report } from '../rule.js';
import { AREAS } from './areas.js';
import type { Scene, StartupCheck } from './check.js';
import { LISTENER } from './types.js';

/** Gives the way to report what a check finds; undefined where it is switched off. */
export type Reporter = (check: StartupCheck) => Report | undefined;

/** The checks of each message type. */
const CHECKS: ReadonlyMap<string, readonly StartupCheck[]> = checksByType();

function checksByType(): Map<string, StartupCheck[]> {
  const byType = new Map<string, [StartupCheck, ...StartupCheck[]]>();
  for (const { checks } of AREAS)
    for (const check of checks) for (const type of check.on) addToGroup(byType, type, check);
  return byType;
}

/** What holds a check's message, however deep. */
const REACH = reachOf({
  isGoal: (name) => CHECKS.has(name),
  // An Any may hold whatever an extension wants.
  opensAny: () => true,
});

/** Makes the checks on one configuration. */
export function runStartupChecks(scene: Scene, reporter: Reporter): void {
  const { detected, reader } = scene.config;
  if (detected.api === 'v2') return;
  const walk = new Walk(scene, reporter);
  const names = new Set<string>();
  for (const { message } of heldResources(reader, detected.roots))
    if (message !== undefined && !isPassedOver(message, names)) walk.visit(message);
}

/** Whether Envoy passes over a static listener: those that have the name of an earlier one are not looked at. */
function isPassedOver(resource: Message, names: Set<string>): boolean {
  const name = resource.text('name') ?? '';
  if (resource.type.name !== LISTENER || resource.around?.around?.type.shortName !== 'Bootstrap')
    return false;
  if (name === '') return false;
  const isTaken = names.has(name);
  names.add(name);
  return isTaken;
}

class Walk extends ReachWalk<void> {
  private readonly reports = new Map<StartupCheck, Report | undefined>();

  constructor(
    private readonly scene: Scene,
    private readonly reporter: Reporter,
  ) {
    super(REACH);
  }

  visit(at: Message): void {
    for (const check of CHECKS.get(at.type.name) ?? []) {
      const report = this.report(check);
      if (report !== undefined) check.check(at, report, this.scene);
    }
    this.descend(at);
  }

  protected override step(at: Message, field: FieldInfo, node: number, index: number): void {
    // The resources of a bootstrap are visited by themselves.
    if (field.name !== 'static_resources') super.step(at, field, node, index);
  }

  private report(check: StartupCheck): Report | undefined {
    if (!this.reports.has(check)) this.reports.set(check, this.reporter(check));
    return this.reports.get(check);
  }
}
