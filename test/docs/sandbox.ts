// The folder in which the commands of the pages run: the files that they name, made of fixtures, and programs in
// the place of those that need a cluster or the network.

import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shell } from '../cli/program.js';
import { at, type Ended, put } from '../cli/xdsc.js';
import { ROOT, SCRIPTS } from './pages.js';

/** A file of fixtures/. */
export function fixture(path: string): string {
  return readFileSync(join(ROOT, 'fixtures', path), 'utf8');
}

const MANIFESTS = Object.fromEntries(
  readdirSync(join(ROOT, 'fixtures/docs/manifests')).map((name) => [
    `manifests/${name}`,
    fixture(`docs/manifests/${name}`),
  ]),
);

const SIDECAR = fixture('convert/istio-sidecar/input.yaml');
const SIDECAR_SDS = fixture('convert/istio-sidecar/expected-input.yaml');

/** The files that the pages name. */
export const FILES: Readonly<Record<string, string>> = {
  ...MANIFESTS,
  ...SCRIPTS,
  'mesh.yaml': fixture('docs/mesh.yaml'),
  'proxy.json': fixture('docs/proxy.json'),
  'proxy.yaml': fixture('docs/proxy.yaml'),
  'envoy.yaml': SIDECAR,
  'envoy-sds.yaml': SIDECAR_SDS,
  'envoy.json': fixture('convert/compact-json/input.json'),
  'dump.json': fixture('convert/config-dump/input.json'),
  'configs/sidecar.yaml': SIDECAR,
  'before/envoy.yaml': SIDECAR,
  'after/envoy.yaml': SIDECAR_SDS,
  'envoy/web.yaml': SIDECAR,
  'values-istio-sds-auth.yaml': fixture('manifests/values-and-old-kubernetes/values.yaml'),
  'vault-ca.pem': '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
};

/** What commands about policies need, and others would heed. */
const POLICIES: Readonly<Record<string, string>> = {
  'xdsc.config.yaml':
    'policies:\n- {code: named, on: Cluster, message: a cluster has a name, require: "message.name != \'\'"}\n',
  'policies.test.yaml': '- {name: no name, text: "{connect_timeout: 1s}", expect: [named]}\n',
};

/** Programs that the pages call, other than xdsc and those of every system. */
const PROGRAMS: Readonly<Record<string, string>> = {
  // Takes manifests that are YAML documents with a kind.
  kubectl: '[ "$*" = "apply -f -" ] && grep -q "^kind: "',
  npx: '[ "$1 $2" = "--yes xdsc" ] && shift 2 && exec xdsc "$@"',
  // A real one waits for its secrets; test/real-envoy has it.
  envoy:
    'for i in $(seq 300); do [ -S run/uds_path ] && exec grep -q sds_config "$2"; sleep 0.05; done; exit 1',
};

const PROLOGUE = `
printf '#!/bin/sh\\nexec "%s" "%s" "$@"\\n' "$1" "$2" > .bin/xdsc
chmod +x .bin/xdsc
export PATH="$PWD/.bin:$PATH" HOME="$PWD" GIT_CONFIG_NOSYSTEM=1
bash -e -u -o pipefail .run.sh 2> .log && status=0 || status=$?
cat .log >&2
exit $status`;

/** A repository whose branch main has the files, with a change that is not committed. */
const REPOSITORY = `
git -c init.defaultBranch=main init -q
git add before after envoy envoy.yaml
git -c user.name=a -c user.email=a@b commit -qm one
cp envoy-sds.yaml envoy.yaml
`;

/** Ends the server that runs in the background, as Ctrl-C does. */
const END_SERVER = `
for i in $(seq 300); do grep -q 'Z ready$' .log && break; sleep 0.05; done
kill -INT $!
wait $!
`;

/** Runs lines of the shell in the sandbox. A server among them is ended once it serves. */
export function runInSandbox(text: string): Ended {
  const server = /^xdsc sds-server/m.test(text);
  const started = server && !/&$/m.test(text) ? `${text} &` : text;
  put(FILES);
  if (text.startsWith('xdsc policy ')) put(POLICIES);
  put(
    Object.fromEntries(
      Object.entries(PROGRAMS).map(([name, body]) => [`.bin/${name}`, `#!/bin/bash\n${body}\n`]),
    ),
  );
  for (const name of Object.keys(PROGRAMS)) chmodSync(at(`.bin/${name}`), 0o755);
  put({ '.run.sh': `${/\bgit\b/.test(text) ? REPOSITORY : ''}${started}\n${server ? END_SERVER : ''}` });
  return shell(PROLOGUE);
}
