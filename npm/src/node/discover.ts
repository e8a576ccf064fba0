/** The NAT procedures on real sockets. */
import type { RemoteInfo } from 'node:dgram';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { addressText, type TransportAddress } from '../address.js';
import {
  optionalFunction,
  optionalSignal,
  requireAddress,
  requireArray,
  requireNumber,
  requireObject,
  requireString,
} from '../argument.js';
import { NatDiscovery, type NatDiscoveryOptions, type NatEvent } from '../discovery.js';
import { guarded } from '../guard.js';
import { inferNat, type NatReport, type Observation } from '../nat.js';
import { type Bound, bindUdp, localAddressTowards } from './sockets.js';

/** Options of `discoverNat`. */
export interface DiscoverOptions extends Pick<NatDiscoveryOptions, 'procedure' | 'tests' | 'longestLifetime'> {
  /**
   * STUN servers of one address family. The first that tells mapping and filtering is enough; the others are asked
   * plainly, and take its place when it can't tell.
   */
  servers: readonly TransportAddress[];
  /** Local IP address to test from; the one that leads to the first server when absent. */
  local?: string;
  /** Sockets that show how ports are chosen, at most 26; 8 when absent. */
  ports?: number;
  /** Aborts the run; the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called at each event with the report so far. */
  onProgress?(event: NatEvent, report: () => NatReport): void;
}

/** Milliseconds that a TCP connection may take. */
const TCP_TIMEOUT = 3000;

/**
 * Runs the procedures from this machine. Rejects when no socket can be bound or there is no route.
 *
 * @example
 * const report = await discoverNat({ servers: [{ address: '198.51.100.1', port: 3478, family: 'ipv4' }] });
 */
export async function discoverNat(options: DiscoverOptions): Promise<NatReport> {
  requireObject('options', options);
  requireArray('options.servers', options.servers);
  for (const [index, server] of options.servers.entries()) requireAddress(`options.servers[${index}]`, server);
  if (options.local !== undefined) requireString('options.local', options.local);
  if (options.ports !== undefined) requireNumber('options.ports', options.ports);
  optionalFunction('options.onProgress', options.onProgress);
  optionalSignal('options.signal', options.signal);
  const seen: Observation[] = [];
  const warnings: NatReport['warnings'] = [];
  let report = inferNat([]);
  for (const server of options.servers) {
    const others = options.servers.filter((other) => other !== server);
    const discovery = await runOne(server, others, options, seen);
    report = discovery.report(seen);
    // The machine's warnings are about its own server.
    for (const warning of report.warnings)
      if (!warnings.some(({ text }) => text === warning.text)) warnings.push(warning);
    seen.push(...withInterface(discovery.observations));
    if (report.complete) break;
  }
  if (!seen.some(({ mapped }) => typeof mapped === 'string')) {
    seen.push(
      ...(await Promise.all(options.servers.map((server) => tcpReaches(server, seen[0]?.base ?? '0.0.0.0:0')))),
    );
  }
  const whole = inferNat(seen);
  for (const warning of whole.warnings) if (!warnings.some(({ text }) => text === warning.text)) warnings.push(warning);
  return { ...whole, warnings };
}

async function runOne(
  server: TransportAddress,
  others: TransportAddress[],
  options: DiscoverOptions,
  seen: Observation[],
): Promise<NatDiscovery> {
  const sockets = await bindSockets(server, options);
  try {
    const { procedure, tests, longestLifetime } = options;
    const discovery = new NatDiscovery({
      server,
      servers: others,
      sockets: sockets.map(({ address }) => address),
      ...(procedure && { procedure }),
      ...(tests && { tests }),
      ...(longestLifetime && { longestLifetime }),
    });
    await drive(discovery, sockets, options, seen);
    return discovery;
  } finally {
    for (const { socket } of sockets) socket.close();
  }
}

async function bindSockets(server: TransportAddress, options: DiscoverOptions): Promise<Bound[]> {
  const local = options.local ? { ...server, address: options.local, port: 0 } : await localAddressTowards(server);
  const lifetime = options.tests?.includes('lifetime') ? 2 : 0;
  const ports = Math.min(Math.max(options.ports ?? 8, 0), 26);
  const count = 3 + ports + lifetime;
  const bound: Bound[] = [];
  try {
    while (bound.length < count) bound.push(await bindUdp(local));
    return bound;
  } catch (error) {
    for (const { socket } of bound) socket.close();
    throw error;
  }
}

function drive(
  discovery: NatDiscovery,
  sockets: Bound[],
  options: DiscoverOptions,
  seen: Observation[],
): Promise<void> {
  const { signal, onProgress } = options;
  const byAddress = new Map(sockets.map(({ socket, address }) => [addressText(address), socket]));
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const end = (settle: () => void) => {
      clearTimeout(timer);
      for (const { socket } of sockets) socket.removeAllListeners('message');
      signal?.removeEventListener('abort', abort);
      settle();
    };
    const abort = () => end(() => reject(signal?.reason));
    const step = () => {
      for (let packet = discovery.pollTransmit(); packet; packet = discovery.pollTransmit()) {
        byAddress
          .get(addressText(packet.local))
          ?.send(packet.bytes, packet.remote.port, packet.remote.address, () => {});
      }
      for (let event = discovery.pollEvent(); event; event = discovery.pollEvent()) {
        onProgress?.(event, () => discovery.report(seen));
      }
      const due = discovery.pollTimeout();
      if (due === null) return end(resolve);
      clearTimeout(timer);
      timer = setTimeout(tick, Math.max(0, Math.ceil(due - performance.now())));
    };
    // An error in here is ours (or of `onProgress`): it ends the run, and not the process.
    const fail = (error: unknown) => end(() => reject(error));
    const tick = guarded(() => {
      discovery.timeout(performance.now());
      step();
    }, fail);
    for (const { socket, address: local } of sockets) {
      const take = guarded((bytes: Buffer, from: RemoteInfo) => {
        // A server is never asked at a link-local address: without its zone, a neighbour's packet is nobody's answer.
        const remote = { address: from.address.replace(/%.*/, ''), port: from.port, family: local.family };
        discovery.receive(performance.now(), { local, remote, protocol: 'udp', bytes });
        step();
      }, fail);
      socket.on('message', take);
    }
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort);
    tick();
  });
}

/** Whether TCP reaches a server tells blocked UDP from a dead network. */
function tcpReaches(server: TransportAddress, base: string): Promise<Observation> {
  const seen = { base, destination: addressText(server), test: 'tcp', source: 'tcp' };
  return new Promise((resolve) => {
    const stream = connect({ host: server.address, port: server.port, timeout: TCP_TIMEOUT });
    const end = (observation: Observation) => {
      stream.destroy();
      resolve(observation);
    };
    const silent = guarded(() => end({ ...seen, mapped: null }));
    stream.on(
      'connect',
      guarded(() => end(seen)),
    );
    stream.on('timeout', silent);
    stream.on('error', silent);
  });
}

/** Adds the name of the network interface, by which a VPN is recognised. */
function withInterface(observations: Observation[]): Observation[] {
  const names = new Map<string, string>();
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    for (const { address } of addresses ?? []) names.set(address, name);
  }
  return observations.map((observation) => {
    const colon = observation.base.lastIndexOf(':');
    const name = names.get(observation.base.slice(0, colon).replace(/^\[|\]$/g, ''));
    return name === undefined ? observation : { ...observation, interface: name };
  });
}
