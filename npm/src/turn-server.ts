/** The TURN server without sockets. It has the poll shape of all engines here. */
import type { WasmTurnServer } from '#glue/turn';
import { addressOf, type TransportAddress } from './address.js';
import {
  oneOf,
  optionalBoolean,
  optionalObject,
  optionalString,
  requireArray,
  requireObject,
  requireString,
  requireTime,
  requireUpTo,
  seedOf,
} from './argument.js';
import { addressesOf, addressOfArgument, type Datagram, datagramOf } from './discovery.js';
import type { Disposal } from './disposal.js';
import { asTypeError, Machine } from './trap.js';
import { unpack } from './turn-client.js';
import { type TurnExports, turnWasm } from './turn-wasm.js';

/** How a `TurnServer` is set up. */
export interface TurnServerOptions {
  /** Addresses that clients ask; what arrives elsewhere, but for relayed addresses, is ignored. */
  listen: readonly TransportAddress[];
  /** IP addresses to relay from; the first of each family is used. `10.0.0.5/198.51.100.5`: bound, and told to peers. */
  relay: readonly string[];
  /** The realm, usually the provider's domain name. */
  realm: string;
  /** Passwords by user name. */
  users?: Readonly<Record<string, string>>;
  /** The secret of time-limited user names (`turnPassword`; coturn's `use-auth-secret`). */
  secret?: string;
  /** Networks, such as `10.0.0.0/8`, that may be reached although their addresses are not public. */
  allowPeers?: readonly string[];
  /** Networks that may not be reached. */
  denyPeers?: readonly string[];
  /** Text for SOFTWARE; none when absent. */
  software?: string;
  /** Ports to relay from; 49152 to 65535 when absent. */
  ports?: {
    /** First port. */
    first: number;
    /** Last port, inclusive. */
    last: number;
  };
  /** Allocations at most, 1000 when absent; of one user, 10 when absent. */
  limits?: {
    /** Allocations at most; 1000 when absent. */
    allocations?: number;
    /** Allocations of one user at most; 10 when absent. */
    perUser?: number;
  };
  /** Seconds: the longest lifetime (3600 when absent), and how long a nonce is good (3600 when absent). */
  lifetimes?: {
    /** Longest lifetime of an allocation; 3600 when absent. */
    allocation?: number;
    /** Time that a nonce is good; 3600 when absent. */
    nonce?: number;
  };
  /** Sends every client to this server. */
  alternate?: TransportAddress;
  /** Requests per second over UDP of a source without an allocation, as in `StunServer`; no limit when absent. */
  rate?: number;
  /** True when the caller opens a socket for each relayed address: `open` events then ask for them, `opened` answers. */
  openSockets?: boolean;
  /** Unix time in milliseconds when the caller's clock was zero; `performance.timeOrigin` when absent. */
  epoch?: number;
  /** 32 random bytes; made with `crypto.getRandomValues` when absent. */
  seed?: Uint8Array;
}

/** A client of a server. */
export interface TurnServerClient {
  /** `address:port` of the client. */
  client: string;
  /** `address:port` that it asks. */
  local: string;
  /** Over TCP. */
  tcp: boolean;
}

/** A socket for a relayed address is to be opened, or is no longer needed; only with `openSockets`. */
export interface TurnServerSocket {
  /** Kind of the event. */
  type: 'open' | 'close';
  /** Address to bind. */
  address: TransportAddress;
}

/** A client got relayed addresses (RFC 8656 §7.2). */
export interface TurnServerAllocated extends TurnServerClient {
  /** Kind of the event. */
  type: 'allocated';
  /** User that asked. */
  username: string;
  /** Relayed addresses with ports, as peers see them. */
  relayed: string[];
}

/** An allocation ended. */
export interface TurnServerEnded extends TurnServerClient {
  /** Kind of the event. */
  type: 'ended';
  /** By a refresh with lifetime 0, by its time, or with the client's TCP connection. */
  reason: 'deleted' | 'expired' | 'disconnected';
  /** Bytes of payload relayed to peers. */
  toPeers: number;
  /** Bytes of payload relayed to the client. */
  toClient: number;
}

/** A request was refused. */
export interface TurnServerRefused extends TurnServerClient {
  /** Kind of the event. */
  type: 'refused';
  /** Method of the request, as in `StunMessage.method`. */
  method: string;
  /** STUN error code. */
  code: number;
}

/** One thing that happened to a server. */
export type TurnServerEvent = TurnServerSocket | TurnServerAllocated | TurnServerEnded | TurnServerRefused;

/** Throws a TypeError unless the options can be read. */
function requireOptions(options: TurnServerOptions): void {
  requireObject('options', options);
  requireArray('options.listen', options.listen);
  requireString('options.realm', options.realm);
  for (const [name, list] of Object.entries({
    relay: options.relay,
    allowPeers: options.allowPeers ?? [],
    denyPeers: options.denyPeers ?? [],
  })) {
    requireArray(`options.${name}`, list);
    for (const [index, text] of list.entries()) requireString(`options.${name}[${index}]`, text);
  }
  const { users = {} } = options;
  requireObject('options.users', users);
  for (const [user, password] of Object.entries(users)) requireString(`options.users.${user}`, password);
  if (options.secret !== undefined) requireString('options.secret', options.secret);
}

/** The options as the wasm takes them. @internal */
export function flatServerOptions(options: TurnServerOptions): object {
  requireOptions(options);
  const { users = {}, alternate, epoch = performance.timeOrigin } = options;
  const ports = optionalObject('options.ports', options.ports);
  const limits = optionalObject('options.limits', options.limits);
  const lifetimes = optionalObject('options.lifetimes', options.lifetimes);
  requireTime('options.epoch', epoch);
  const pair = (text: string) => {
    const [bind = '', external = bind] = text.split('/');
    return [bind, external];
  };
  return {
    realm: options.realm,
    software: optionalString('options.software', options.software),
    users: Object.entries(users),
    ...(options.secret !== undefined && { secret: options.secret }),
    unixEpoch: epoch,
    listen: addressesOf('options.listen', options.listen),
    relays: options.relay.map(pair),
    firstPort: ports.first ?? 49_152,
    lastPort: ports.last ?? 65_535,
    ask: optionalBoolean('options.openSockets', options.openSockets),
    maxAllocations: limits.allocations ?? 1000,
    maxPerUser: limits.perUser ?? 10,
    maxLifetime: lifetimes.allocation ?? 3600,
    nonceLifetime: lifetimes.nonce ?? 3600,
    allowPeers: [...(options.allowPeers ?? [])],
    denyPeers: [...(options.denyPeers ?? [])],
    ...(alternate !== undefined && { alternate: addressOfArgument('options.alternate', alternate) }),
    rate: options.rate ?? 0,
    seed: seedOf('options.seed', options.seed),
  };
}

/**
 * A TURN server (RFC 8656): UDP relays for clients over UDP, TCP and TLS. Nothing is kept before a request is authenticated.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the method is there, for its type see the interface.
export class TurnServer {
  readonly #machine: Machine<TurnExports, WasmTurnServer>;

  /** Throws a `TypeError` when an address, network or option can't be read. */
  constructor(options: TurnServerOptions) {
    this.#machine = asTypeError(
      () => new Machine(turnWasm, 'TurnServer', (wasm) => new wasm.WasmTurnServer(flatServerOptions(options))),
    );
  }

  /** Takes a datagram or frame of a client, or a datagram of a peer at a relayed address. */
  receive(now: number, packet: Datagram): void {
    requireTime('now', now);
    const { local, remote, bytes } = datagramOf(packet);
    const tcp = oneOf('packet.protocol', ['udp', 'tcp'], packet.protocol) === 'tcp';
    asTypeError(() => this.#machine.call((machine) => machine.receive(now, local, remote, tcp, bytes)));
  }

  /** Tells how it went with the socket of an `open` event: true when it is bound. */
  opened(address: TransportAddress, success: boolean): void {
    const text = addressOfArgument('address', address);
    asTypeError(() => this.#machine.call((machine) => machine.opened(text, success === true)));
  }

  /** Tells that the TCP or TLS connection of a client ended, and its allocation with it. */
  disconnected(local: TransportAddress, remote: TransportAddress): void {
    const [ours, theirs] = [addressOfArgument('local', local), addressOfArgument('remote', remote)];
    asTypeError(() => this.#machine.call((machine) => machine.disconnected(ours, theirs)));
  }

  /** Tells of an ICMP error about what was sent from a relayed address to a peer. */
  icmp(
    now: number,
    relayed: TransportAddress,
    peer: TransportAddress,
    error: { type: number; code: number; data?: number },
  ): void {
    requireTime('now', now);
    requireObject('error', error);
    const { type, code, data = 0 } = error;
    const [ours, theirs] = [addressOfArgument('relayed', relayed), addressOfArgument('peer', peer)];
    requireUpTo('error.type', type, 127);
    requireUpTo('error.code', code, 255);
    requireUpTo('error.data', data, 0xffff_ffff);
    asTypeError(() => this.#machine.call((machine) => machine.icmp(now, ours, theirs, type, code, data)));
  }

  /** To be called when the time given by `pollTimeout` has come. */
  timeout(now: number): void {
    requireTime('now', now);
    this.#machine.call((machine) => machine.timeout(now));
  }

  /** When to call `timeout`, or `null`. */
  pollTimeout(): number | null {
    return this.#machine.call((machine) => machine.poll_timeout()) ?? null;
  }

  /** The next datagram to send, or `null`. */
  pollTransmit(): Datagram | null {
    return unpack(this.#machine.call((machine) => machine.poll_transmit()));
  }

  /** The next event, or `null`. */
  pollEvent(): TurnServerEvent | null {
    return this.#machine.call(serverEvent);
  }

  /** How many allocations there are. */
  get allocations(): number {
    return this.#machine.call((machine) => machine.allocations);
  }

  /** Frees its memory now; the garbage collector does it otherwise. Every later call throws. */
  free(): void {
    this.#machine.free();
  }

  /** @internal */
  [Symbol.dispose](): void {
    this.free();
  }
}

// `using` takes it, where the caller's TypeScript knows of that.
export interface TurnServer extends Disposal {}

/** The next event of the wasm, or `null`. @internal */
export function serverEvent(machine: WasmTurnServer): TurnServerEvent | null {
  const flat = machine.poll_event() as (TurnServerEvent & { address?: string }) | undefined;
  if (flat === undefined) return null;
  const address = flat.address;
  return address === undefined ? flat : ({ ...flat, address: addressOf(address) } as TurnServerEvent);
}

/**
 * The password of a time-limited user name, such as `1700000000:alice`: base64 of HMAC-SHA1 (draft-uberti-behave-turn-rest).
 *
 * @throws TypeError when one of them is not a string.
 */
export function turnPassword(secret: string, username: string): string {
  requireString('secret', secret);
  requireString('username', username);
  return turnWasm.call(({ turn_rest_password }) => turn_rest_password(secret, username));
}
