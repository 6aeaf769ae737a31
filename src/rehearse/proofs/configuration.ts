// What runs is what was compiled: under the renames that put it on the loopback, the verdict of `xdsc diff` is "same
// trust".

import { type DiffInput, diff } from '../../diff/diff.js';
import { verdictText } from '../../diff/verdict.js';
import { fileText, type ProxyFiles } from '../compiled.js';
import type { LoopbackNames } from '../loopback.js';
import type { Proof } from '../proof.js';
import type { Stage } from '../stage.js';

/** Compares what runs with what was compiled. */
export function configurationProof(stage: Stage): Proof {
  const problems: string[] = [];
  let proxies = 0;
  for (const { compiled, rewritten, names, name } of stage.pods) {
    if (names === undefined) continue;
    proxies++;
    for (const one of differences(compiled, rewritten, names))
      problems.push(`${name}: between what was compiled and what runs: ${one}`);
  }
  return {
    name: 'configuration',
    ok: problems.length === 0 && proxies > 0,
    detail: `what ${proxies} proxies run is what was compiled, with the addresses of the loopback: same trust`,
    problems,
  };
}

/** Why two forms of a configuration are not the same, apart from what is called otherwise on the loopback. */
export function differences(compiled: ProxyFiles, rewritten: ProxyFiles, renames: LoopbackNames): string[] {
  const { verdict, findings } = diff(inputsOf(compiled), inputsOf(rewritten), { renames });
  return [
    ...(verdict.trust === 'same' ? [] : [verdictText(verdict)]),
    ...findings.map(({ message }) => message),
  ];
}

function inputsOf(files: ProxyFiles): DiffInput[] {
  return [...files].map(([name, content]) => ({ name, text: fileText(content) }));
}
