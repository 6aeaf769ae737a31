// Names that are to be unique, and are not.

import { grouped } from '../../collections/grouped.js';
import type { Message } from '../../envoy/message.js';
import { quoted } from '../../secrecy/quoted.js';
import { heldContent } from '../../tls/secret-uses.js';
import { fieldAt, lineOf } from '../place.js';
import { isResponse } from '../response-files.js';
import type { Report, Rule } from '../rule.js';
import type { Survey } from '../survey.js';

export const duplicateName: Rule = {
  code: 'duplicate-name',
  level: 'error',
  finds:
    'two clusters, secrets or domains of one configuration, or listeners of one response, have the same name',
  why: 'Envoy rejects the configuration, or one silently replaces the other.',
  source: "Envoy: cluster manager: duplicate cluster '…'",
  remedy: 'rename or remove one of the two',
  check({ instances, surveys }, report) {
    const single = new Set(surveys.filter(isOneAnswer));
    for (const instance of instances) {
      for (const group of instance.namesakes) {
        for (const survey of instance.surveys)
          if (single.has(survey)) inOneAnswer(group, survey, 'cluster', report);
      }
    }
    for (const survey of single) {
      for (const group of sameSecrets(survey)) inOneAnswer(group, survey, 'secret', report);
      // Of listeners of a bootstrap the later one is left out without a word.
      if (isResponse(survey.config))
        for (const group of byName(survey.listeners)) inOneAnswer(group, survey, 'listener', report);
      for (const routes of survey.routeConfigurations) sameDomains(routes, report);
    }
  },
};

/**
 * Whether all resources of a configuration are in force together. A dump shows states side by side, and a list
 * of resources may be several answers.
 */
function isOneAnswer({ config: { detected } }: Survey): boolean {
  return detected.roots.length === 1 && !detected.roots[0]?.type.name.includes('Dump');
}

function byName(messages: readonly Message[]): Iterable<readonly Message[]> {
  return grouped(messages, (message) => message.text('name') ?? '').values();
}

/** Secrets of one name; Envoy keeps the names of each kind of static secret apart. */
function sameSecrets({ config }: Survey): Iterable<readonly Message[]> {
  const groups = grouped(config.inventory.secrets, ({ message, kind }) =>
    [message.text('name') ?? '', kind === 'static' ? heldContent(message) : ''].join(' '),
  );
  return [...groups.values()].map((group) => group.map(({ message }) => message));
}

/** Reports those of one name that stand in one configuration, behind the first of them. */
function inOneAnswer(group: readonly Message[], { config }: Survey, what: string, report: Report): void {
  const [first, ...others] = group.filter(({ reader }) => reader === config.reader);
  const name = first?.text('name') ?? '';
  if (first === undefined || name === '') return;
  for (const message of others)
    report(fieldAt(message, 'name'), {
      message: `there is another ${what} ${quoted(name)} at ${lineOf(fieldAt(first, 'name'))}`,
      expected: `a unique name for each ${what}`,
    });
}

/** Domains count without case, over all virtual hosts of one route configuration. */
function sameDomains(routes: Message, report: Report): void {
  const first = new Map<string, Message>();
  for (const host of routes.messages('virtual_hosts')) {
    for (const domain of host.texts('domains')) {
      const key = domain.toLowerCase();
      const known = first.get(key);
      if (known === undefined) first.set(key, host);
      else
        report(fieldAt(host, 'domains'), {
          message: `duplicate domain ${quoted(domain)}${known === host ? '' : `, also in the virtual host at ${lineOf(fieldAt(known))}`}`,
          expected: 'each domain once',
        });
    }
  }
}
