// Where listeners listen: addresses that Envoy can listen at, of one kind for each listener, and each once.

import { isIP } from 'node:net';
import { oncePer } from '../../../collections/once-per.js';
import { ipAddress } from '../../../envoy/ip-ranges.js';
import type { Message } from '../../../envoy/message.js';
import type { MessageReader } from '../../../envoy/message-reader.js';
import { quoted } from '../../../secrecy/quoted.js';
import { fieldAt, lineOf } from '../../place.js';
import type { Instance } from '../../run.js';
import type { StartupCheck } from '../check.js';
import { kindOf, resolvesNames } from '../clusters/kind.js';
import { enclosing } from '../enclosing.js';
import { checkIp } from '../ip-addresses.js';
import { CLUSTER, LISTENER } from '../types.js';
import { isOff, isOn } from '../values.js';
import { isDatagram, transportOf } from './transport.js';

const addressMissing: StartupCheck = {
  code: 'listener-address-missing',
  on: [LISTENER],
  finds: 'a listener has no address',
  refusal: "error adding listener named '…': address is necessary",
  remedy: 'set an address, or internal_listener',
  check(listener, report) {
    if (['address', 'internal_listener', 'api_listener'].some((field) => listener.has(field))) return;
    report(fieldAt(listener), { message: 'this listener has no address', expected: 'an address' });
  },
};

const addressNotIp: StartupCheck = {
  code: 'listener-address-not-ip',
  on: [LISTENER],
  finds: 'a listener listens at a host name, or at a port with a name',
  refusal: 'malformed IP address: localhost',
  remedy: 'give an IP address, without brackets and without a port in it; 0.0.0.0 and :: stand for all',
  check(listener, report) {
    for (const { socket } of addressesOf(listener)) {
      if (socket === undefined || !usesIpResolver(socket)) continue;
      checkIp(socket, 'address', 'an IP address', report);
      if (socket.has('named_port'))
        report(fieldAt(socket, 'named_port'), {
          message: 'a listener takes no port by its name',
          expected: 'port_value',
          remedy: 'write the number of the port as port_value',
        });
    }
  },
};

const ipv4Compat: StartupCheck = {
  code: 'ipv4-compat',
  on: [LISTENER],
  finds: 'ipv4_compat is set on an address that is neither :: nor an IPv4 address mapped to IPv6',
  refusal: "Only IPv6 address '::' or valid IPv4-mapped IPv6 address can set ipv4_compat",
  remedy: "remove ipv4_compat, or listen at '::'",
  check(listener, report) {
    const [first, ...others] = addressesOf(listener);
    // Envoy looks at the first address whatever address the flag is of.
    const text = first?.socket?.text('address') ?? '';
    if (first?.socket === undefined || isIP(text) === 0 || isMapped(text)) return;
    for (const { socket } of [first, ...others]) {
      if (socket === undefined || !isOn(socket, 'ipv4_compat')) continue;
      report(fieldAt(socket, 'ipv4_compat'), {
        message: `IPv4 cannot be served at ${quoted(text)}, which is not an address of both kinds`,
        expected: "'::' or an address like '::ffff:192.0.2.1'",
      });
    }
  },
};

const pipePath: StartupCheck = {
  code: 'pipe-path',
  on: ['envoy.config.core.v3.Pipe'],
  finds: 'the path of a Unix socket is too long, or an abstract socket has a mode',
  refusal: 'Path "…" exceeds maximum UNIX domain socket path size of 108.',
  remedy: 'shorten the path to at most 107 bytes, and set no mode for a path that begins with @',
  check(pipe, report) {
    // A cluster that resolves names does not look at it until it connects.
    const cluster = enclosing(pipe, [CLUSTER]);
    if (cluster !== undefined && resolvesNames(kindOf(cluster))) return;
    const path = pipe.text('path') ?? '';
    const length = Buffer.byteLength(path);
    if (length > LONGEST_PATH)
      report(fieldAt(pipe, 'path'), {
        message: `the path of this socket has ${length} bytes, and the system takes ${LONGEST_PATH}`,
        expected: `at most ${LONGEST_PATH} bytes`,
      });
    if (path.startsWith('@') && Number(pipe.text('mode') ?? 0) !== 0)
      report(fieldAt(pipe, 'mode'), { message: 'an abstract socket has no file, and so no mode' });
  },
};

/** What fits into a sockaddr_un of Linux, beside the NUL at its end. */
const LONGEST_PATH = 107;

const mixedSockets: StartupCheck = {
  code: 'mixed-sockets',
  on: [LISTENER],
  finds: 'the addresses of a listener are of TCP and of UDP',
  refusal: 'has different socket type. The listener only support same socket type for all the addresses.',
  remedy: 'make two listeners of it',
  check(listener, report) {
    if (listener.has('internal_listener')) return;
    const first = isDatagram(listener.message('address'));
    for (const additional of listener.messages('additional_addresses')) {
      if (!additional.has('address') || isDatagram(additional.message('address')) === first) continue;
      report(fieldAt(additional), {
        message: `this address is of ${first ? 'TCP' : 'UDP'}, and the listener's first one of ${first ? 'UDP' : 'TCP'}`,
        expected: `an address of ${first ? 'UDP' : 'TCP'}`,
      });
    }
  },
};

const listenerSocketOptions: StartupCheck = {
  code: 'mptcp-socket',
  on: [LISTENER],
  finds: 'enable_mptcp is set on a listener that does not listen with TCP at IP addresses',
  refusal: 'enable_mptcp can only be used with IP addresses',
  remedy: 'remove enable_mptcp',
  check(listener, report) {
    if (!isOn(listener, 'enable_mptcp')) return;
    const isTcp = transportOf(listener) === 'tcp';
    if (isTcp && !listener.has('internal_listener') && addressesOf(listener).every(({ socket }) => socket))
      return;
    report(fieldAt(listener, 'enable_mptcp'), {
      message: 'Multipath TCP is for listeners at IP addresses with TCP',
    });
  },
};

const udpNotBound: StartupCheck = {
  code: 'udp-not-bound',
  on: [LISTENER],
  finds: 'a UDP listener does not bind its port',
  refusal: 'bind_to_port: false is not supported for UDP listeners',
  remedy: 'remove bind_to_port: false',
  since: 40,
  check(listener, report) {
    if (transportOf(listener) === 'tcp') return;
    for (const holder of [listener, listener.message('deprecated_v1')])
      if (holder !== undefined && isOff(holder, 'bind_to_port'))
        report(fieldAt(holder, 'bind_to_port'), { message: 'a UDP listener always binds its port' });
  },
};

/** Of TCP, and nothing that an internal listener has; the bools count where they are true. */
const TCP_FEATURES = [
  'enable_reuse_port',
  'tcp_backlog_size',
  'tcp_fast_open_queue_length',
  'socket_options',
];
const TCP_SWITCHES = ['freebind', 'transparent'];

const internalListener: StartupCheck = {
  code: 'internal-listener',
  on: [LISTENER],
  finds: 'an internal listener has an address or options of sockets, or nothing makes it one',
  refusal: 'address should not be used when an internal listener config is provided',
  remedy: 'leave address and options of sockets to listeners that clients connect to',
  check(listener, report) {
    if (!listener.has('internal_listener')) {
      for (const { at } of addressesOf(listener))
        if (at.has('envoy_internal_address'))
          report(fieldAt(at, 'envoy_internal_address'), {
            message: 'a listener inside Envoy is made by internal_listener, not by an address',
            expected: 'internal_listener',
            remedy: 'remove the address, and set internal_listener: {}',
          });
      return;
    }
    const balance = listener.message('connection_balance_config');
    const features = [
      ...['address', 'additional_addresses', ...TCP_FEATURES].filter((field) => listener.hasItems(field)),
      ...TCP_SWITCHES.filter((field) => isOn(listener, field)),
      ...(balance?.has('exact_balance') ? ['connection_balance_config'] : []),
    ];
    for (const field of features)
      report(fieldAt(listener, field), {
        message: `an internal listener has no ${field}`,
        remedy: `remove ${field}`,
      });
  },
};

const internalListenerExtension: StartupCheck = {
  code: 'internal-listener-extension',
  on: [LISTENER],
  finds: 'a bootstrap with internal listeners has not the bootstrap extension that they need',
  refusal: 'InternalListener bootstrap extension is mandatory',
  remedy: 'add envoy.bootstrap.internal_listener to bootstrap_extensions',
  check(listener, report, { instance: { bootstrap } }) {
    if (bootstrap === undefined || !listener.has('internal_listener')) return;
    const extensions = bootstrap.messages('bootstrap_extensions');
    if (extensions.some((one) => one.message('typed_config')?.type.name === INTERNAL_LISTENER)) return;
    report(fieldAt(listener, 'internal_listener'), {
      message: 'internal listeners need an extension of the bootstrap, and it is not there',
      expected: 'envoy.bootstrap.internal_listener in bootstrap_extensions',
    });
  },
};

const INTERNAL_LISTENER = 'envoy.extensions.bootstrap.internal_listener.v3.InternalListener';

const apiListener: StartupCheck = {
  code: 'api-listener',
  on: [LISTENER],
  finds: 'a static listener has an api_listener, which is for Envoy as a library',
  refusal: "error adding listener named '…': missing the API listener extension",
  remedy: 'remove api_listener, and set an address and filter_chains',
  check(listener, report, { isDynamic, instance: { bootstrap } }) {
    if (!listener.has('api_listener')) return;
    if (listener.has('internal_listener') || !(isDynamic || (bootstrap?.has('listener_manager') ?? false)))
      report(fieldAt(listener, 'api_listener'), {
        message: 'an api_listener is for Envoy as a library, not for the server',
      });
  },
};

const sameAddress: StartupCheck = {
  code: 'same-address',
  on: [LISTENER],
  finds: 'two listeners listen at the same address',
  refusal: "'…' has duplicate address '…' as existing listener",
  remedy: 'give one of them another address or port, or put the filter chains of both into one listener',
  check(listener, report, { instance }) {
    const earlier = clashes(instance).get(listener.reader)?.get(listener.node);
    if (earlier === undefined) return;
    report(listener.has('address') ? fieldAt(listener, 'address') : fieldAt(listener), {
      message: `the listener at ${lineOf(fieldAt(earlier))} has the same address`,
      expected: 'an address that no other listener has',
    });
  },
};

export const ADDRESS_CHECKS: readonly StartupCheck[] = [
  addressMissing,
  addressNotIp,
  ipv4Compat,
  pipePath,
  mixedSockets,
  sameAddress,
  listenerSocketOptions,
  udpNotBound,
  internalListener,
  internalListenerExtension,
  apiListener,
];

interface ListenAddress {
  /** The Address. */
  readonly at: Message;
  readonly socket: Message | undefined;
}

/** The addresses of a listener, its own first. */
function addressesOf(listener: Message): ListenAddress[] {
  const additional = listener.messages('additional_addresses').map((one) => one.message('address'));
  return [listener.message('address'), ...additional].flatMap((at) =>
    at === undefined ? [] : { at, socket: at.message('socket_address') },
  );
}

/** Whether Envoy's own resolver reads an address: it takes IP addresses alone. */
function usesIpResolver(socket: Message): boolean {
  const name = socket.text('resolver_name') ?? '';
  return name === '' || name === 'envoy.ip';
}

/** Whether an address is :: or an IPv4 address in IPv6. */
function isMapped(text: string): boolean {
  const address = ipAddress(text.replace(/%.*/, ''));
  return address?.bits === 128 && (address.base === 0n || address.base >> 32n === 0xffffn);
}

/** For each listener that Envoy refuses for its address, by reader and node, the one that has it already. */
const clashes = oncePer((instance: Instance): ReadonlyMap<MessageReader, ReadonlyMap<number, Message>> => {
  const found = new Map<MessageReader, Map<number, Message>>();
  const taken = new Map<string, Message>();
  for (const { listeners, config } of instance.surveys) {
    // A dump shows states side by side, and several resources may be several answers.
    const { roots } = config.detected;
    if (roots.length !== 1 || roots[0]?.type.name.includes('Dump')) continue;
    for (const listener of listeners) {
      const keys = addressKeys(listener);
      const clash = keys.map((key) => taken.get(key)).find((other) => other !== undefined);
      if (clash === undefined) for (const key of keys) taken.set(key, listener);
      else if (!isSameName(clash, listener)) {
        const byNode = found.get(listener.reader) ?? new Map<number, Message>();
        found.set(listener.reader, byNode.set(listener.node, clash));
      }
    }
  }
  return found;
});

/** A listener of a name that is there already changes it, or is passed over. */
function isSameName(a: Message, b: Message): boolean {
  const name = a.text('name') ?? '';
  return name !== '' && name === b.text('name');
}

/** Equal for equal addresses; none for what the system chooses. */
function addressKeys(listener: Message): string[] {
  if (listener.has('internal_listener') || listener.has('api_listener')) return [];
  const transport = isDatagram(listener.message('address')) ? 'udp' : 'tcp';
  return addressesOf(listener).flatMap(({ at, socket }) => {
    const path = at.message('pipe')?.text('path');
    if (path !== undefined) return `pipe ${path}`;
    const port = socket?.text('port_value');
    if (socket === undefined || port === undefined || Number(port) === 0) return [];
    const [text = '', zone = ''] = (socket.text('address') ?? '').split('%');
    const address = ipAddress(text);
    const namespace = socket.text('network_namespace_filepath') ?? '';
    return address === undefined
      ? []
      : `${transport} ${address.bits} ${address.base} ${zone} ${Number(port)} ${namespace}`;
  });
}
