/** The TURN client without sockets. It has the poll shape of all engines here. */
import type { WasmTurnClient } from '#glue/turn';
import { addressOf, type TransportAddress } from './address.js';
import {
  bytesOf,
  mustBe,
  oneOf,
  optionalString,
  requireObject,
  requireString,
  requireTime,
  requireUpTo,
  seedOf,
} from './argument.js';
import { addressOfArgument, type Datagram, datagramOf } from './discovery.js';
import type { Disposal } from './disposal.js';
import { asTypeError, Machine } from './trap.js';
import { Packed } from './turn-packet.js';
import { REASONS, RULES, type TurnReason } from './turn-text.js';
import { type TurnExports, turnWasm } from './turn-wasm.js';

/** A resolved ICE server: nothing here does DNS. */
export interface IceServerAddress {
  /** Kind of server. */
  kind: 'stun' | 'turn';
  /** IP address and port of the server. */
  address: TransportAddress;
  /** Between client and server; UDP when absent. With `tls` the bytes are those inside the TLS connection. */
  protocol?: 'udp' | 'tcp' | 'tls';
  /** User name; none when absent. */
  username?: string;
  /** Password. */
  credential?: string;
}

/** How a `TurnClient` is set up. */
export interface TurnClientOptions {
  /** The server. */
  server: IceServerAddress;
  /** The caller's socket. */
  local: TransportAddress;
  /** The relayed address to ask for; IPv4 when absent. */
  family?: 'ipv4' | 'ipv6' | 'both';
  /** Seconds to ask for; the server's choice when absent. */
  lifetime?: number;
  /** Text for SOFTWARE; none when absent. */
  software?: string;
  /** 32 random bytes; made with `crypto.getRandomValues` when absent. */
  seed?: Uint8Array;
}

/** Members of every event of a client. */
export interface TurnEventBase {
  /** When, on the caller's clock: the time of the call that brought it about. */
  time: number;
  /** The paragraph behind it. */
  rule: string;
  /** Sentence that tells what happened. */
  why: string;
}

/** Why something was refused. */
export interface TurnRefusal {
  /** The reason. */
  reason: TurnReason;
  /** The server's error code; 0 when there is none. */
  code: number;
  /** The server's words; may be empty. */
  phrase: string;
  /** Milliseconds to wait before asking this server again; `null` when that does not help. */
  retryAfter: number | null;
}

/** The server allocated relayed addresses (RFC 8656 §7.3). */
export interface TurnAllocated extends TurnEventBase {
  /** Kind of the event. */
  type: 'allocated';
  /** One address, or one of each family. */
  relayed: TransportAddress[];
  /** The client's address as the server sees it. */
  mapped: TransportAddress | null;
  /** Milliseconds until it ends unless it is refreshed. */
  lifetime: number;
  /** The family that was asked for and not allocated; `null` when there is none. */
  missing: {
    /** Address family. */
    family: 'ipv4' | 'ipv6';
    /** STUN error code, such as 440. */
    code: number;
  } | null;
}

/** The allocation was refreshed (RFC 8656 §8.3). */
export interface TurnRefreshed extends TurnEventBase {
  /** Kind of the event. */
  type: 'refreshed';
  /** Milliseconds until it ends unless it is refreshed again. */
  lifetime: number;
}

/** The server sends the client elsewhere (error 300, RFC 8489 §10); the request goes there. */
export interface TurnRedirected extends TurnEventBase {
  /** Kind of the event. */
  type: 'redirected';
  /** Address in ALTERNATE-SERVER. */
  server: TransportAddress;
  /** ALTERNATE-DOMAIN: the name to expect in the server's certificate; empty when there is none. */
  domain: string;
}

/** The local address can't be used: open another socket and call `rebind`. */
export interface TurnLocalAddressWanted extends TurnEventBase {
  /** Kind of the event. */
  type: 'local-address-wanted';
  /** STUN error code, 437 or 441. */
  code: number;
}

/** The server lets datagrams of the peer through (RFC 8656 §9). */
export interface TurnPermitted extends TurnEventBase {
  /** Kind of the event. */
  type: 'permitted';
  /** IP address of the peer. */
  peer: string;
}

/** The server does not let the peer through; data that waited for it is dropped. */
export interface TurnPermissionRefused extends TurnEventBase, TurnRefusal {
  /** Kind of the event. */
  type: 'permission-refused';
  /** IP address of the peer. */
  peer: string;
}

/** A channel is bound to the peer (RFC 8656 §12). */
export interface TurnChannelBound extends TurnEventBase {
  /** Kind of the event. */
  type: 'channel-bound';
  /** Address of the peer. */
  peer: TransportAddress;
  /** Channel number, 0x4000 to 0x4fff. */
  channel: number;
}

/** No channel is bound; data goes on as indications. */
export interface TurnChannelRefused extends TurnEventBase, TurnRefusal {
  /** Kind of the event. */
  type: 'channel-refused';
  /** Address of the peer. */
  peer: TransportAddress;
}

/** Data came from a peer. */
export interface TurnData extends TurnEventBase {
  /** Kind of the event. */
  type: 'data';
  /** Address of the peer. */
  peer: TransportAddress;
  /** Payload of the datagram. */
  bytes: Uint8Array;
}

/** An ICMP error came back for data sent to the peer (RFC 8656 §11.6). */
export interface TurnIcmpError extends TurnEventBase {
  /** Kind of the event. */
  type: 'icmp';
  /** Address of the peer; port 0 when the server does not know it. */
  peer: TransportAddress;
  /** Content of the ICMP attribute (RFC 8656 §18.13). */
  icmp: {
    /** ICMP type. */
    type: number;
    /** ICMP code. */
    code: number;
    /** Field that goes with the type, such as the MTU. */
    data: number;
  };
}

/** There is no allocation, and there will be none unless the caller asks again. */
export interface TurnFailed extends TurnEventBase, TurnRefusal {
  /** Kind of the event. */
  type: 'failed';
}

/** The allocation was deleted by `close`. */
export interface TurnClosed extends TurnEventBase {
  /** Kind of the event. */
  type: 'closed';
}

/** One thing that happened to a client. */
export type TurnClientEvent =
  | TurnAllocated
  | TurnRefreshed
  | TurnRedirected
  | TurnLocalAddressWanted
  | TurnPermitted
  | TurnPermissionRefused
  | TurnChannelBound
  | TurnChannelRefused
  | TurnData
  | TurnIcmpError
  | TurnFailed
  | TurnClosed;

/** How data went out, or why it did not. `waiting`: for the permission, which is asked for. */
export type TurnSent = 'channel' | 'indication' | 'waiting' | 'not-allocated' | 'wrong-family' | 'too-long' | 'full';

/** The event as the wasm has it. */
interface Flat {
  type: string;
  relayed?: string[];
  mapped?: string;
  lifetime?: number;
  missing?: 'ipv4' | 'ipv6';
  peer?: string;
  address?: string;
  domain?: string;
  channel?: number;
  reason?: TurnReason;
  code?: number;
  phrase?: string;
  retryAfter?: number;
  icmp?: [number, number, number];
}

/**
 * One allocation on one TURN server (RFC 8656). The first `timeout` asks for it; permissions, channels and the allocation are
 * refreshed until `close`.
 *
 * ```js
 * const client = new TurnClient({ server, local });
 * client.timeout(performance.now());
 * for (let packet = client.pollTransmit(); packet; packet = client.pollTransmit()) send(packet);
 * ```
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the method is there, for its type see the interface.
export class TurnClient {
  readonly #machine: Machine<TurnExports, WasmTurnClient>;
  #now = 0;

  /** Sends nothing before the first `timeout`. Throws a `TypeError` when an address can't be read. */
  constructor(options: TurnClientOptions) {
    requireObject('options', options);
    const { server, local, family, lifetime, software, seed } = options;
    requireObject('options.server', server);
    if (server.kind !== 'turn') throw mustBe('options.server.kind', "'turn'", server.kind);
    if (lifetime !== undefined) requireUpTo('options.lifetime', lifetime, 0xffff_ffff);
    const flat = {
      local: addressOfArgument('options.local', local),
      server: addressOfArgument('options.server.address', server.address),
      tcp: oneOf('options.server.protocol', ['udp', 'tcp', 'tls'], server.protocol) !== 'udp',
      username: optionalString('options.server.username', server.username),
      password: optionalString('options.server.credential', server.credential),
      family: oneOf('options.family', ['ipv4', 'ipv6', 'both'], family),
      lifetime,
      software: optionalString('options.software', software),
      seed: seedOf('options.seed', seed),
    };
    this.#machine = asTypeError(() => new Machine(turnWasm, 'TurnClient', (wasm) => new wasm.WasmTurnClient(flat)));
  }

  #at(now: number): void {
    requireTime('now', now);
    this.#now = now;
  }

  /** Asks for an allocation; after a failure once more. The first `timeout` does it too. */
  allocate(now: number): void {
    this.#at(now);
    this.#machine.call((machine) => machine.allocate(now));
  }

  /** Takes a datagram, or one frame of the connection to the server. True when it was for this client. */
  receive(now: number, packet: Datagram): boolean {
    this.#at(now);
    const { local, remote, bytes } = datagramOf(packet);
    const tcp = oneOf('packet.protocol', ['udp', 'tcp'], packet.protocol) === 'tcp';
    return asTypeError(() => this.#machine.call((machine) => machine.receive(now, local, remote, tcp, bytes)));
  }

  /** Sends data to a peer: by its channel, else by an indication; without a permission it waits until there is one. */
  send(now: number, peer: TransportAddress, bytes: Uint8Array): TurnSent {
    this.#at(now);
    const [to, data] = [addressOfArgument('peer', peer), bytesOf('bytes', bytes)];
    return asTypeError(() => this.#machine.call((machine) => machine.send(now, to, data))) as TurnSent;
  }

  /** Lets datagrams of an IP address through. Returns `null`, or why it was not asked for. */
  createPermission(now: number, address: string): TurnSent | null {
    this.#at(now);
    requireString('address', address);
    return (asTypeError(() => this.#machine.call((machine) => machine.create_permission(now, address))) ||
      null) as TurnSent | null;
  }

  /** Binds a channel, which makes each datagram 32 bytes shorter. Returns `null`, or why it was not asked for. */
  bindChannel(now: number, peer: TransportAddress): TurnSent | null {
    this.#at(now);
    const to = addressOfArgument('peer', peer);
    return (asTypeError(() => this.#machine.call((machine) => machine.bind_channel(now, to))) ||
      null) as TurnSent | null;
  }

  /** Does not refresh the permission and channels of an IP address any more. */
  forgetPeer(address: string): void {
    requireString('address', address);
    asTypeError(() => this.#machine.call((machine) => machine.forget_peer(address)));
  }

  /** Goes on from another socket with a new allocation: after `local-address-wanted`, or when the network changed. */
  rebind(now: number, local: TransportAddress): void {
    this.#at(now);
    const from = addressOfArgument('local', local);
    asTypeError(() => this.#machine.call((machine) => machine.rebind(now, from)));
  }

  /** Uses other credentials. Where the server ties the allocation to the user name, `local-address-wanted` follows. */
  rotate(now: number, credentials: { username: string; credential: string }): void {
    this.#at(now);
    requireObject('credentials', credentials);
    const { username, credential } = credentials;
    requireString('credentials.username', username);
    requireString('credentials.credential', credential);
    this.#machine.call((machine) => machine.rotate(now, username, credential));
  }

  /** Deletes the allocation; `closed` follows. */
  close(now: number): void {
    this.#at(now);
    this.#machine.call((machine) => machine.close(now));
  }

  /** To be called at the start, and when the time given by `pollTimeout` has come. */
  timeout(now: number): void {
    this.#at(now);
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
  pollEvent(): TurnClientEvent | null {
    const flat = this.#machine.call((machine) => machine.poll_event()) as Flat | undefined;
    if (flat === undefined) return null;
    const { type } = flat;
    const details = this.#details(flat);
    return { type, time: this.#now, rule: RULES[type] ?? '', why: words(flat), ...details } as TurnClientEvent;
  }

  #details({ type, relayed, mapped, lifetime, missing, peer, address, domain, channel, code, ...rest }: Flat): object {
    const refusal = { reason: rest.reason, code, phrase: rest.phrase, retryAfter: rest.retryAfter ?? null };
    switch (type) {
      case 'allocated':
        return {
          relayed: relayed?.map(addressOf),
          mapped: mapped === undefined ? null : addressOf(mapped),
          lifetime,
          missing: missing === undefined ? null : { family: missing, code },
        };
      case 'refreshed':
        return { lifetime };
      case 'redirected':
        return { server: addressOf(address ?? ''), domain };
      case 'local-address-wanted':
        return { code };
      case 'permitted':
        return { peer };
      case 'permission-refused':
        return { peer, ...refusal };
      case 'channel-bound':
        return { peer: addressOf(peer ?? ''), channel };
      case 'channel-refused':
        return { peer: addressOf(peer ?? ''), ...refusal };
      case 'data':
        return { peer: addressOf(peer ?? ''), bytes: this.#machine.call((machine) => machine.data()) };
      case 'icmp': {
        const [kind = 0, icmpCode = 0, data = 0] = rest.icmp ?? [];
        return { peer: addressOf(peer ?? ''), icmp: { type: kind, code: icmpCode, data } };
      }
      case 'failed':
        return refusal;
      default:
        return {};
    }
  }

  /** Stage of the client. */
  get state(): 'new' | 'allocating' | 'allocated' | 'closing' | 'closed' {
    return this.#machine.call((machine) => machine.state) as TurnClient['state'];
  }

  /** The relayed addresses: none, one, or one of each family. */
  get relayed(): TransportAddress[] {
    return this.#machine.call((machine) => machine.relayed).map(addressOf);
  }

  /** The client's address as the server sees it, or `null`. */
  get mapped(): TransportAddress | null {
    const mapped = this.#machine.call((machine) => machine.mapped);
    return mapped === undefined ? null : addressOf(mapped);
  }

  /** The server that is asked: that of the options, or where it sent the client. */
  get server(): TransportAddress {
    return addressOf(this.#machine.call((machine) => machine.server));
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
export interface TurnClient extends Disposal {}

/** A packed datagram as the façade gives it; `null` for none. @internal */
export function unpack(bytes: Uint8Array): Datagram | null {
  if (bytes.length === 0) return null;
  const packed = new Packed(bytes);
  return { local: packed.local, remote: packed.remote, protocol: packed.tcp ? 'tcp' : 'udp', bytes: packed.payload };
}

function words({ type, relayed, lifetime, peer, address, channel, reason, code, phrase }: Flat): string {
  const seconds = Math.round((lifetime ?? 0) / 1000);
  const because = () => {
    const said = code ? ` (${code}${phrase ? ` ${phrase}` : ''})` : '';
    return `${reason ? REASONS[reason] : 'refused'}${said}`;
  };
  switch (type) {
    case 'allocated':
      return `the server relays from ${relayed?.join(' and ')} for ${seconds} s`;
    case 'refreshed':
      return `the allocation goes on for ${seconds} s`;
    case 'redirected':
      return `the server sends the client to ${address}`;
    case 'local-address-wanted':
      return code === 437
        ? 'the server holds another allocation for this local address'
        : 'the server ties the allocation to its user name';
    case 'permitted':
      return `datagrams of ${peer} get through`;
    case 'permission-refused':
      return `datagrams of ${peer} do not get through: ${because()}`;
    case 'channel-bound':
      return `channel 0x${channel?.toString(16)} is bound to ${peer}`;
    case 'channel-refused':
      return `no channel to ${peer}: ${because()}`;
    case 'data':
      return `data from ${peer}`;
    case 'icmp':
      return `an ICMP error about a datagram to ${peer}`;
    case 'failed':
      return `no allocation: ${because()}`;
    default:
      return 'the allocation is deleted';
  }
}
