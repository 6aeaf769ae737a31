// The rule that protects the socket's folder, in CEL's core language, without variables or optional syntax, so
// that every version with validating admission policies evaluates it. A path is compared as the system takes
// it: `//`, `/./` and a slash at the end change nothing, `..` is refused, and `/run` is where `/var/run` leads.

import { servedBy } from './api-versions.js';

/** What is protected, and who may still have it. */
export interface SocketRule {
  /** The folder of the socket on the node. */
  readonly folder: string;
  readonly namespace: string;
  readonly account: string;
  /** The minor version of Kubernetes. */
  readonly minor: number;
}

/** Whether a pod keeps the rule: it is the agent's, or has nothing of the folder writable. */
export function podRule({ folder, namespace, account, minor }: SocketRule): string {
  // A read-only mount of / leaves the file systems mounted below it writable, unless it says otherwise.
  const wholly =
    servedBy('recursive read-only mount', minor) === undefined
      ? `!v.hostPath.path.matches('${ROOT}')`
      : `(!v.hostPath.path.matches('${ROOT}') ||
         (has(m.recursiveReadOnly) && m.recursiveReadOnly == 'Enabled'))`;
  return `((has(object.metadata.namespace) ? object.metadata.namespace : request.namespace) == '${namespace}' &&
 has(object.spec.serviceAccountName) && object.spec.serviceAccountName == '${account}') ||
!has(object.spec.volumes) ||
object.spec.volumes.all(v, !has(v.hostPath) ||
  !v.hostPath.path.matches('${touching(folder)}') ||
  (object.spec.containers +
   (has(object.spec.initContainers) ? object.spec.initContainers : []) +
   (has(object.spec.ephemeralContainers) ? object.spec.ephemeralContainers : [])
  ).all(c, !has(c.volumeMounts) ||
    c.volumeMounts.all(m, m.name != v.name ||
      (has(m.readOnly) && m.readOnly && !v.hostPath.path.matches('${BACK}') &&
       ${wholly}))))`;
}

/** Whether a persistent volume keeps the rule. */
export function volumeRule({ folder }: SocketRule): string {
  const keeps = (source: string): string =>
    `(!has(object.spec.${source}) || !object.spec.${source}.path.matches('${touching(folder)}'))`;
  return `${keeps('hostPath')} &&\n${keeps('local')}`;
}

/** A part of a path that leads back. */
const BACK = '(^|/)[.][.](/|$)';
/** What may be between two parts: slashes, and parts that lead nowhere. */
const BETWEEN = '/([.]/|/)*';
/** What may be before the first part. */
const BEGIN = '^([.]/|/)*';
const ROOT = `${BEGIN}[.]?$`;

/** A regular expression for the folder, all below it and all around it, and for paths that lead back. */
function touching(folder: string): string {
  const below = folder.replace(/^(?:\/var)?\/run\//, '');
  const folders = below === folder ? [folder] : [`/var/run/${below}`, `/run/${below}`];
  const alternatives = folders.map((one) => partsPattern(one.slice(1).split('/')));
  return `${BACK}|${BEGIN}([.]?|${alternatives.join('|')})$`;
}

/** All parts or the first few of them, and behind all of them anything below. */
function partsPattern([part = '', ...rest]: readonly string[]): string {
  const exactly = part.replaceAll('.', '[.]');
  return rest.length === 0
    ? `${exactly}(/.*)?`
    : `${exactly}((${BETWEEN}[.]?)?|${BETWEEN}${partsPattern(rest)})`;
}
