// What is done in a wave, what is looked at after it, and how it is taken back: commands as they are typed.

import { NODE_AGENT_SOCKET, unixUri } from '../istio/sockets.js';
import { DEFAULT_DOMAIN } from '../istio/trust-domain.js';
import { WORKLOAD_FOLDER, WORKLOAD_KEY, WORKLOAD_ROOT } from '../istio/workload-files.js';
import type { PodDelivery } from '../kubernetes/pod-sds.js';
import type { PlanWorkload, WorkloadId } from './model.js';
import {
  applied,
  changedInCluster,
  exec,
  filesOf,
  kubectl,
  restarted,
  rolloutCheck,
  undone,
} from './rollout.js';
import { fileWord, word } from './shell.js';
import type { Phase } from './waves.js';
import { PERMISSIVE_POLICIES, PLAIN_RULES, saved, withBootstrap, withMeshFields } from './yq.js';

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
  /** Workloads whose clusters or listeners have the certificate of the workload. */
  readonly mutual: ReadonlySet<WorkloadId>;
  /** Files with a workload whose secret stays. */
  readonly keepingFiles: ReadonlySet<string>;
}

const MESH_BEFORE = 'istio-before.yaml';
const MESH_AFTER = 'istio-sds.yaml';
const POLICIES_BEFORE = 'policies-before.yaml';
const RULES_BEFORE = 'rules-before.yaml';
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
          saved('policies.authentication.istio.io,meshpolicies --all-namespaces', POLICIES_BEFORE),
          `${PERMISSIVE_POLICIES} ${POLICIES_BEFORE} | kubectl apply -f -`,
        ],
        checks: checksOf(workloads, ({ name, namespace }) => [
          `istioctl authn tls-check ${name}.${namespace}   # PERMISSIVE`,
        ]),
        undo: [`kubectl apply -f ${POLICIES_BEFORE}`],
      };
    case 'plain-clients':
      return {
        title: 'Let clients send plaintext',
        why: 'During the change, workloads do not accept certificates from the other CA.',
        commands: [
          saved('destinationrules --all-namespaces', RULES_BEFORE),
          `${PLAIN_RULES} ${RULES_BEFORE} | kubectl apply -f -`,
        ],
        checks: ['istioctl authn tls-check   # no CONFLICT'],
        undo: [`kubectl apply -f ${RULES_BEFORE}`],
      };
    case 'config':
      return configSteps(workloads, options);
    case 'mutual-clients':
      return {
        title: 'Let clients use mTLS again',
        why: 'All certificates are now from the new CA.',
        commands: [`kubectl apply -f ${RULES_BEFORE}`],
        checks: checksOf(workloads, (workload) => [trafficCheck(workload)]),
        undo: ['# run the commands of the wave "Let clients send plaintext" again'],
      };
    case 'strict':
      return {
        title: 'Require mTLS again',
        why: 'No client sends plaintext anymore.',
        commands: [`kubectl apply -f ${POLICIES_BEFORE}`],
        checks: checksOf(workloads, ({ name, namespace }) => [
          `istioctl authn tls-check ${name}.${namespace}   # STRICT`,
        ]),
        undo: ['# run the commands of the wave "Let servers accept plaintext as well" again'],
      };
    case 'bootstrap':
      return bootstrapSteps(workloads, options);
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
    `--ca ${word(ca)}`,
    ...(caAddress === undefined ? [] : [`--ca-address ${word(caAddress)}`]),
    ...(kubernetes === undefined ? [] : [`--kubernetes ${word(kubernetes)}`]),
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
  const inFiles = [...injected, ...others];
  const missing = workloads.filter((workload) => !inFiles.includes(workload));
  return {
    title: `Mount the SDS socket in pods, alongside the secret (${names(workloads)})`,
    why: 'The pods keep using the files, and can now use either.',
    commands: [
      ...filesOf(others).map((file) => `istioctl kube-inject -f ${file} -o ${file}`),
      ...convertCommand(inFiles, `${convertFlags(options)}--keep-secret `),
      ...missing.map((workload) =>
        changedInCluster(workload, `xdsc convert ${convertFlags(options)}--keep-secret -`),
      ),
      ...applied(inFiles),
    ],
    checks: checksOf(workloads, (workload) => [
      rolloutCheck(workload),
      `${exec(workload)} test -S ${word(socketOf(options))}`,
      trafficCheck(workload),
    ]),
    undo: undone(workloads),
  };
}

function configSteps(workloads: readonly PlanWorkload[], options: CommandOptions): Steps {
  const checks = checksOf(workloads, (workload) => [
    // A proxy without mTLS has no certificate, from wherever.
    ...(options.mutual.has(workload.id)
      ? [`${exec(workload)} curl -s localhost:15000/config_dump | grep -c '"name": "default"'   # not 0`]
      : []),
    trafficCheck(workload),
  ]);
  if (options.ownConfigs.length > 0) {
    const files = options.ownConfigs.map(fileWord).join(' ');
    return {
      title: `Switch configurations to SDS (${names(workloads)})`,
      why: 'Their clusters and listeners use SDS from now on. Their pods already mount the socket.',
      commands: [
        `xdsc convert ${convertFlags(options)}--mount ${WORKLOAD_FOLDER} -w ${files}   # the files of these workloads`,
        `xdsc validate ${files}`,
        ...restarted(workloads),
      ],
      checks,
      undo: [`git checkout -- ${files}`, ...restarted(workloads)],
    };
  }
  const sds = { sdsUdsPath: unixUri(socketOf(options)), [tokenField(options)]: true as const };
  const restartPilot = 'kubectl -n istio-system rollout restart deployment/istio-pilot';
  return {
    title: `Switch configurations to SDS (${names(workloads)})`,
    why: 'From now on, Pilot sends all proxies clusters and listeners that use SDS. All pods already mount the socket.',
    commands: [
      saved('configmap istio -n istio-system', MESH_BEFORE),
      `${withMeshFields(sds)} ${MESH_BEFORE} > ${MESH_AFTER}`,
      `kubectl apply -f ${MESH_AFTER}`,
      restartPilot,
    ],
    checks,
    undo: [`kubectl apply -f ${MESH_BEFORE}`, restartPilot],
  };
}

function bootstrapSteps(workloads: readonly PlanWorkload[], options: CommandOptions): Steps {
  const inFiles = workloads.filter(({ file }) => file !== undefined);
  return {
    title: `Connect to the control plane with SDS (${names(workloads)})`,
    why: 'The bootstrap defines the connection to the control plane, which uses the mounted files until the bootstrap is replaced. The whole bootstrap is replaced, because an override would be merged into it.',
    commands: [
      ...workloads.flatMap((workload) => {
        const { name, namespace, file } = workload;
        const folder = word(`bootstrap/${namespace}/${name}`);
        const configMap = `${name}-bootstrap`;
        const change = withBootstrap(workload, configMap);
        return [
          `xdsc bootstrap ${fileWord(file ?? '.')} --discovery ads ${bootstrapMesh(options)}--proxy ${word(`${name}.${namespace}`)} -o ${folder}`,
          `${kubectl(workload)} create configmap ${word(configMap)} --from-file=bootstrap.json=${folder}/bootstrap.json --dry-run=client -o yaml | kubectl apply -f -`,
          file === undefined
            ? changedInCluster(workload, `yq ${change}`)
            : `yq -i ${change} ${fileWord(file)}`,
        ];
      }),
      ...applied(inFiles),
    ],
    checks: checksOf(workloads, (workload) => [
      rolloutCheck(workload),
      `${exec(workload)} curl -s localhost:15000/clusters | grep '^xds-grpc.*cx_connect_fail::0'`,
    ]),
    undo: undone(workloads),
  };
}

function secretSteps(workloads: readonly PlanWorkload[], options: CommandOptions): Steps {
  const kept = workloads.filter(({ file }) => file !== undefined && options.keepingFiles.has(file));
  const free = filesOf(workloads.filter((workload) => !kept.includes(workload)));
  return {
    title: `Remove the secret from pods (${names(workloads)})`,
    why: 'No configuration uses its files anymore.',
    commands: [
      ...convertCommand(workloads, convertFlags(options)),
      ...workloads
        .filter(({ file }) => file === undefined)
        .map((workload) => changedInCluster(workload, `xdsc convert ${convertFlags(options)}-`)),
      ...applied(workloads),
    ],
    checks: [
      ...checksOf(workloads, (workload) => [
        rolloutCheck(workload),
        `${exec(workload)} test ! -e ${WORKLOAD_KEY}`,
        trafficCheck(workload),
      ]),
      ...(free.length === 0 ? [] : [`xdsc validate --forbid secret-files ${free.join(' ')}`]),
      ...filesOf(kept).map((file) => `# no check of ${file}: another workload in it keeps the secret`),
    ],
    undo: undone(workloads),
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
    socket !== NODE_AGENT_SOCKET && `--sds-path ${word(unixUri(socket))} `,
    token.kind === 'account' && '--token kubernetes ',
    token.kind === 'file' && `--token ${word(token.filename)} `,
    token.kind === 'none' && '--token none ',
    token.kind === 'projected' &&
      token.audience !== DEFAULT_DOMAIN &&
      `--trust-domain ${word(token.audience)} `,
  ]
    .filter(Boolean)
    .join('');
}

/** Names of workloads, a few of many. */
function names(workloads: readonly PlanWorkload[]): string {
  const shown = workloads.slice(0, 3).map(({ id }) => id);
  const more = workloads.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

function convertCommand(workloads: readonly PlanWorkload[], flags: string): string[] {
  const files = filesOf(workloads);
  return files.length === 0 ? [] : [`xdsc convert ${flags}-w ${files.join(' ')}`];
}

/** The mesh's settings after its configurations have changed. */
function bootstrapMesh(options: CommandOptions): string {
  return options.ownConfigs.length === 0 ? `--mesh ${MESH_AFTER} ` : meshFlag(options);
}

function meshFlag({ meshFile }: CommandOptions): string {
  return meshFile === undefined ? '' : `--mesh ${fileWord(meshFile)} `;
}

function trafficCheck(workload: PlanWorkload): string {
  return `${exec(workload)} curl -s localhost:15000/stats | grep -E 'ssl\\.(connection_error|fail_verify_\\w+): [1-9]'   # no new errors`;
}
