// Which Envoy a configuration is held against, as `--envoy` and the project file name it.

/** An Envoy, or an upgrade from one to another. */
export interface EnvoyTarget {
  /** As it was given, for messages: `Envoy 1.28`, `Envoy 1.37 (Istio 1.29)`. */
  readonly name: string;
  readonly minor: number;
  /** Of an upgrade: the version before. */
  readonly from: number | undefined;
  readonly build: 'upstream' | 'contrib' | 'istio';
}

/** Istio 1.N's proxy is built from Envoy 1.(N+8), since Istio 1.4. */
const ISTIO_TO_ENVOY = 8;

const VERSION = /^v?1\.(\d{1,2})(?:\.(?:\d+|x))?$/;

/**
 * Reads a target: `1.28`, `v1.28.3`, `contrib-1.40`, `istio-1.29`, or `1.28..1.40` for an upgrade.
 *
 * @param newest the newest minor version that is known
 * @returns the target, or in words what is wrong
 */
export function readTarget(text: string, newest: number): EnvoyTarget | string {
  const [first = '', second] = text.split('..');
  const target = readOne(second ?? first, newest);
  if (second === undefined || typeof target === 'string') return target;
  const from = readOne(first, newest);
  if (typeof from === 'string') return from;
  return from.minor < target.minor ? { ...target, from: from.minor } : `${first} is not older than ${second}`;
}

function readOne(text: string, newest: number): EnvoyTarget | string {
  const [, prefix, version = ''] = /^(?:(istio|contrib)-)?(.*)$/.exec(text) ?? [];
  const number = VERSION.exec(version)?.[1];
  if (number === undefined)
    return `${JSON.stringify(text)} is not a version of Envoy, as in 1.28, istio-1.29 or 1.28..1.40`;
  const minor = Number(number) + (prefix === 'istio' ? ISTIO_TO_ENVOY : 0);
  if (minor < OLDEST || minor > newest)
    return `Envoy 1.${minor} is not known: versions 1.${OLDEST} to 1.${newest} are`;
  const name = `Envoy 1.${minor}`;
  if (prefix === 'istio')
    return { name: `${name} (Istio 1.${number})`, minor, from: undefined, build: 'istio' };
  return { name, minor, from: undefined, build: prefix === 'contrib' ? 'contrib' : 'upstream' };
}

/** The oldest version whose API is known. */
const OLDEST = 10;
