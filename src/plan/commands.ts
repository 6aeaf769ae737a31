// What is done in a wave, what is looked at after it, and how it is taken back: commands as they are typed.

import { NODE_AGENT_SOCKET, unixUri } from '../istio/sockets.js';
import { DEFAULT_DOMAIN } from '../istio/trust-domain.js';
import { WORKLOAD_FOLDER, WORKLOAD_KEY, WORKLOAD_ROOT } from '../istio/workload-files.js';
import type { PodDelivery } from '../kubernetes/pod-sds.js';
import type { PlanWorkload } from './model.js';
import type { Phase } from './waves.js';

/** A wave in words and commands. */
export interface Steps {
  readonly title: string;
  readonly why: string;
  readonly commands: readonly string[];
  readonly checks: readonly string[];
  readonly undo: readonly string[];
}

/** What commands are made of. */
export interface CommandOptions {
  readonly ca: string;
  readonly caAddress?: string;
  readonly kubernetes?: string;
  readonly meshFile?: string;
  readonly pods: PodDelivery;
  readonly ownConfigs: readonly string[];
}

const MESH_AFTER = 'istio-sds.yaml';
const AGENT_FILE = 'sds-agent.yaml';

/** The steps of a wave. */
export function stepsOf(phase: Phase, workloads: readonly PlanWorkload[], options: CommandOptions): Steps {
  switch (phase) {
    case 'agent':
      return agentSteps(options);
    case 'trust-both':
      return {
        title: 'Trust both root CAs',
        why: 'From now on, both sides accept certificates from either CA.',
        commands: [
          'cat old-root.pem new-root.pem > root-cert.pem',
          'kubectl -n istio-system create secret generic cacerts --from-file=ca-cert.pem --from-file=ca-key.pem --from-file=cert-chain.pem --from-file=root-cert.pem --dry-run -o yaml | kubectl apply -f -',
          'kubectl -n istio-system rollout restart deployment/istio-citadel',
          '# configure the CA behind SDS to distribute the same root-cert.pem as its root',
        ],
        checks: [
          "kubectl get secret istio.default -o jsonpath='{.data.root-cert\\.pem}' | base64 -d | grep -c BEGIN   # 2, in every namespace",
          ...workloads
            .slice(0, 1)
            .map((workload) => `${exec(workload)} cat ${WORKLOAD_ROOT} | grep -c BEGIN   # 2`),
        ],
        undo: ['cp old-root.pem root-cert.pem', '# then run the other commands of this wave again'],
      };
    case 'pods':
      return podSteps(workloads, options);
    case 'permissive':
      return {
        title: 'Let servers accept plaintext as well',
        why: 'No order keeps mTLS throughout the change, and --allow-plaintext is set.',
        commands: [
          'kubectl get policies.authentication.istio.io,meshpolicies --all-namespaces -o yaml > policies-before.yaml',
          '# in each policy with `mtls: {}` or STRICT: `mtls: {mode: PERMISSIVE}`, then kubectl apply',
        ],
        checks: checksOf(workloads, ({ name, namespace }) => [
          `istioctl authn tls-check ${name}.${namespace}   # PERMISSIVE`,
        ]),
        undo: ['kubectl apply -f policies-before.yaml'],
      };
    case 'plain-clients':
      return {
        title: 'Let clients send plaintext',
        why: 'During the change, workloads do not accept certificates from the other CA.',
        commands: [
          'kubectl get destinationrules --all-namespaces -o yaml > rules-before.yaml',
          '# in each rule with ISTIO_MUTUAL: `mode: DISABLE`, then kubectl apply',
        ],
        checks: ['istioctl authn tls-check   # no CONFLICT'],
        undo: ['kubectl apply -f rules-before.yaml'],
      };
    case 'config':
      return configSteps(workloads, options);
    case 'mutual-clients':
      return {
        title: 'Let clients use mTLS again',
        why: 'All certificates are now from the new CA.',
        commands: ['kubectl apply -f rules-before.yaml'],
        checks: checksOf(workloads, (workload) => [trafficCheck(workload)]),
        undo: ['# run the commands of the wave "Let clients send plaintext" again'],
      };
    case 'strict':
      return {
        title: 'Require mTLS again',
        why: 'No client sends plaintext anymore.',
        commands: ['kubectl apply -f policies-before.yaml'],
        checks: checksOf(workloads, ({ name, namespace }) => [
          `istioctl authn tls-check ${name}.${namespace}   # STRICT`,
        ]),
        undo: ['# run the commands of the wave "Let servers accept plaintext as well" again'],
      };
    case 'bootstrap':
      return {
        title: `Connect to the control plane with SDS (${names(workloads)})`,
        why: 'The bootstrap defines the connection to the control plane, which uses the mounted files until the bootstrap is replaced.',
        commands: workloads.flatMap(({ name, namespace, file }) => [
          `xdsc bootstrap ${quoted(file ?? '.')} --discovery ads ${bootstrapMesh(options)}--proxy ${name}.${namespace} -o bootstrap/${namespace}/${name}`,
          `kubectl -n ${namespace} create configmap ${name}-bootstrap --from-file=custom_bootstrap.json=bootstrap/${namespace}/${name}/bootstrap.json`,
          `# annotate its pods: sidecar.istio.io/bootstrapOverride: ${name}-bootstrap`,
        ]),
        checks: workloads.map(
          (workload) =>
            `${exec(workload)} curl -s localhost:15000/clusters | grep '^xds-grpc.*cx_connect_fail::0'`,
        ),
        undo: workloads.map((workload) => `${kubectl(workload)} rollout undo ${target(workload)}`),
      };
    case 'secret':
      return secretSteps(workloads, options);
    case 'drop-old-root':
      return {
        title: 'Trust only the new root CA',
        why: 'No workload presents a certificate from the old CA anymore.',
        commands: [
          'cp new-root.pem root-cert.pem',
          '# distribute it with Citadel and the CA behind SDS, as in the wave "Trust both root CAs"',
        ],
        checks: workloads
          .slice(0, 1)
          .map((workload) => `${exec(workload)} curl -s localhost:15000/certs   # one CA`),
        undo: ['cat old-root.pem new-root.pem > root-cert.pem', '# then distribute it with both again'],
      };
  }
}

function agentSteps({ ca, caAddress, kubernetes }: CommandOptions): Steps {
  const flags = [
    `--ca ${ca}`,
    ...(caAddress === undefined ? [] : [`--ca-address ${caAddress}`]),
    ...(kubernetes === undefined ? [] : [`--kubernetes ${kubernetes}`]),
  ];
  return {
    title: 'Start the agent on every node',
    why: 'The agent serves SDS on a socket that no pod uses yet.',
    commands: [
      `xdsc manifests sds-agent ${flags.join(' ')} -o ${AGENT_FILE}`,
      `kubectl apply -f ${AGENT_FILE}`,
    ],
    checks: [
      'kubectl -n istio-system rollout status daemonset/istio-nodeagent',
      'kubectl -n istio-system get daemonset istio-nodeagent   # READY is the number of nodes',
    ],
    undo: [`kubectl delete -f ${AGENT_FILE}`],
  };
}

function podSteps(workloads: readonly PlanWorkload[], options: CommandOptions): Steps {
  const injected = workloads.filter((workload) => workload.injected);
  const others = workloads.filter(({ injected: is, gateway, file }) => !is && !gateway && file !== undefined);
  const missing = workloads.filter((workload) => !injected.includes(workload) && !others.includes(workload));
  return {
    title: `Mount the SDS socket in pods, alongside the secret (${names(workloads)})`,
    why: 'The pods keep using the files, and can now use either.',
    commands: [
      ...filesOf(others).map((file) => `istioctl kube-inject -f ${file} -o ${file}`),
      ...convertCommand([...injected, ...others], `${convertFlags(options)}--keep-secret `),
      ...missing.map(
        (workload) =>
          `${kubectl(workload)} get ${target(workload)} -o yaml | xdsc convert ${convertFlags(options)}--keep-secret - | kubectl apply -f -`,
      ),
      ...applyCommands([...injected, ...others]),
    ],
    checks: checksOf(workloads, (workload) => [
      rolloutCheck(workload),
      `${exec(workload)} test -S ${socketOf(options)}`,
      trafficCheck(workload),
    ]),
    undo: [...new Set(workloads.map(undoCommand))],
  };
}

function configSteps(workloads: readonly PlanWorkload[], options: CommandOptions): Steps {
  const checks = checksOf(workloads, (workload) => [
    `${exec(workload)} curl -s localhost:15000/config_dump | grep -c '"name": "default"'   # not 0`,
    trafficCheck(workload),
  ]);
  if (options.ownConfigs.length > 0) {
    const files = options.ownConfigs.map(quoted).join(' ');
    return {
      title: `Switch configurations to SDS (${names(workloads)})`,
      why: 'Their clusters and listeners use SDS from now on. Their pods already mount the socket.',
      commands: [
        `xdsc convert ${convertFlags(options)}--mount ${WORKLOAD_FOLDER} -w ${files}   # the files of these workloads`,
        `xdsc validate ${files}`,
        ...workloads.map((workload) => `${kubectl(workload)} rollout restart ${target(workload)}`),
      ],
      checks,
      undo: [
        `git checkout -- ${files}`,
        ...workloads.map((workload) => `${kubectl(workload)} rollout restart ${target(workload)}`),
      ],
    };
  }
  return {
    title: `Switch configurations to SDS (${names(workloads)})`,
    why: 'From now on, Pilot sends all proxies clusters and listeners that use SDS. All pods already mount the socket.',
    commands: [
      'kubectl -n istio-system get configmap istio -o yaml > istio-before.yaml',
      `sed -e 's|sdsUdsPath:.*|sdsUdsPath: ${unixUri(socketOf(options))}|' -e 's|${tokenField(options)}:.*|${tokenField(options)}: true|' istio-before.yaml > ${MESH_AFTER}`,
      `kubectl apply -f ${MESH_AFTER}`,
      'kubectl -n istio-system rollout restart deployment/istio-pilot',
    ],
    checks,
    undo: [
      'kubectl apply -f istio-before.yaml',
      'kubectl -n istio-system rollout restart deployment/istio-pilot',
    ],
  };
}

function secretSteps(workloads: readonly PlanWorkload[], options: CommandOptions): Steps {
  const files = filesOf(workloads);
  return {
    title: `Remove the secret from pods (${names(workloads)})`,
    why: 'No configuration uses its files anymore.',
    commands: [
      ...convertCommand(workloads, convertFlags(options)),
      ...workloads
        .filter(({ file }) => file === undefined)
        .map(
          (workload) =>
            `${kubectl(workload)} get ${target(workload)} -o yaml | xdsc convert ${convertFlags(options)}- | kubectl apply -f -`,
        ),
      ...applyCommands(workloads),
    ],
    checks: [
      ...checksOf(workloads, (workload) => [
        rolloutCheck(workload),
        `${exec(workload)} test ! -e ${WORKLOAD_KEY}`,
        trafficCheck(workload),
      ]),
      ...(files.length === 0 ? [] : [`xdsc validate --forbid secret-files ${files.join(' ')}`]),
    ],
    undo: [...new Set(workloads.map(undoCommand))],
  };
}

/** How many workloads of a wave have their checks written out. */
const WRITTEN_OUT = 5;

/** Checks of a wave's workloads: those of the first few, which are the pattern for the others. */
function checksOf(
  workloads: readonly PlanWorkload[],
  check: (workload: PlanWorkload) => readonly string[],
): string[] {
  const more = workloads.length - WRITTEN_OUT;
  return [
    ...workloads.slice(0, WRITTEN_OUT).flatMap(check),
    ...(more > 0 ? [`# and the same for ${more} more`] : []),
  ];
}

function socketOf({ pods }: CommandOptions): string {
  return 'sds' in pods ? pods.sds.socket : NODE_AGENT_SOCKET;
}

/** The field of the mesh that says which token proxies show. */
function tokenField({ pods }: CommandOptions): string {
  return 'sds' in pods && pods.sds.token.kind === 'account' ? 'sdsUseK8sSaJwt' : 'enableSdsTokenMount';
}

/** The flags of convert for an agent that is not the default one. */
function convertFlags({ pods }: CommandOptions): string {
  if (!('sds' in pods)) return '';
  const { socket, token } = pods.sds;
  return [
    socket !== NODE_AGENT_SOCKET && `--sds-path ${unixUri(socket)} `,
    token.kind === 'account' && '--token kubernetes ',
    token.kind === 'file' && `--token ${quoted(token.filename)} `,
    token.kind === 'none' && '--token none ',
    token.kind === 'projected' && token.audience !== DEFAULT_DOMAIN && `--trust-domain ${token.audience} `,
  ]
    .filter(Boolean)
    .join('');
}

/** A file's name as a shell takes it. */
function quoted(name: string): string {
  return /^[\w./@%+=:,-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}

/** Names of workloads, a few of many. */
function names(workloads: readonly PlanWorkload[]): string {
  const shown = workloads.slice(0, 3).map(({ id }) => id);
  const more = workloads.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

function filesOf(workloads: readonly PlanWorkload[]): string[] {
  return [...new Set(workloads.flatMap(({ file }) => (file === undefined ? [] : quoted(file))))];
}

function convertCommand(workloads: readonly PlanWorkload[], flags: string): string[] {
  const files = filesOf(workloads);
  return files.length === 0 ? [] : [`xdsc convert ${flags}-w ${files.join(' ')}`];
}

function applyCommands(workloads: readonly PlanWorkload[]): string[] {
  return filesOf(workloads).map((file) => `kubectl apply -f ${file}`);
}

/** The mesh's settings after its configurations have changed. */
function bootstrapMesh(options: CommandOptions): string {
  return options.ownConfigs.length === 0 ? `--mesh ${MESH_AFTER} ` : meshFlag(options);
}

function meshFlag({ meshFile }: CommandOptions): string {
  return meshFile === undefined ? '' : `--mesh ${quoted(meshFile)} `;
}

function kubectl({ namespace }: PlanWorkload): string {
  return `kubectl -n ${namespace}`;
}

function target({ kind, name }: PlanWorkload): string {
  return `${kind.toLowerCase()}/${name}`;
}

function exec(workload: PlanWorkload): string {
  return `${kubectl(workload)} exec ${target(workload)} -c istio-proxy --`;
}

/** A Pod that nothing makes has no rollout. */
function rolloutCheck(workload: PlanWorkload): string {
  return workload.kind === 'Pod'
    ? `${kubectl(workload)} wait --for=condition=Ready ${target(workload)}`
    : `${kubectl(workload)} rollout status ${target(workload)}`;
}

function trafficCheck(workload: PlanWorkload): string {
  return `${exec(workload)} curl -s localhost:15000/stats | grep -E 'ssl\\.(connection_error|fail_verify_\\w+): [1-9]'   # no new errors`;
}

function undoCommand(workload: PlanWorkload): string {
  const { kind, file } = workload;
  if (kind === 'Pod')
    return file === undefined
      ? `# recreate the pod ${workload.id} as it was`
      : `git checkout -- ${quoted(file)} && kubectl replace --force -f ${quoted(file)}`;
  return `${kubectl(workload)} rollout undo ${target(workload)}`;
}
