/**
 * The machines without sockets: the NAT procedures and the STUN server. Both have the poll shape of all engines here:
 * hand in what arrives with `receive`, call `timeout` when `pollTimeout` says so, send what `pollTransmit` gives.
 */
import type { WasmDiscovery, WasmStunServer } from '#glue/nat';
import { addressOf, addressText, type TransportAddress } from './address.js';
import {
  bytesOf,
  oneOf,
  requireAddress,
  requireArray,
  requireObject,
  requireString,
  requireTime,
  seedOf,
} from './argument.js';
import type { Disposal } from './disposal.js';
import { inferNat, type NatReport, type Observation } from './nat.js';
import { type NatExports, natWasm } from './nat-wasm.js';
import { asTypeError, Machine } from './trap.js';

/** The text of an address that a caller gave. @internal */
export function addressOfArgument(name: string, address: TransportAddress): string {
  requireAddress(name, address);
  return addressText(address);
}

/** The texts of addresses that a caller gave. @internal */
export function addressesOf(name: string, addresses: readonly TransportAddress[] = []): string[] {
  requireArray(name, addresses);
  return addresses.map((address, index) => addressOfArgument(`${name}[${index}]`, address));
}

/** A datagram that a caller gave, with the texts of its addresses. @internal */
export function datagramOf(packet: Datagram): { local: string; remote: string; bytes: Uint8Array } {
  requireObject('packet', packet);
  const { local, remote, bytes } = packet;
  return {
    local: addressOfArgument('packet.local', local),
    remote: addressOfArgument('packet.remote', remote),
    bytes: bytesOf('packet.bytes', bytes),
  };
}

/** A datagram that arrived, or one to send. */
export interface Datagram {
  /** Our socket. */
  local: TransportAddress;
  /** The other end. */
  remote: TransportAddress;
  /** Always `udp` here. */
  protocol: 'udp' | 'tcp';
  /** The payload. */
  bytes: Uint8Array;
}

/** Something worth telling, in the order it happened. */
export interface NatEvent {
  /** Kind of the event. */
  type: 'sent' | 'answered' | 'silent' | 'refused' | 'warning' | 'finished';
  /** When, on the caller's clock. */
  time: number;
  /** The paragraph behind it. */
  rule: string;
  /** Sentence that tells what happened, and why. */
  why: string;
}

/** Settings of a `NatDiscovery`. */
export interface NatDiscoveryOptions {
  /** RFC 5780 when absent; RFC 3489 sends classic messages, for old servers, and is slow. */
  procedure?: 'rfc3489' | 'rfc5780';
  /** The server's primary address. */
  server: TransportAddress;
  /** Tests to make; mapping and filtering when absent. Hairpin and lifetime need two sockets. */
  tests?: readonly ('mapping' | 'filtering' | 'hairpin' | 'lifetime' | 'fragments')[];
  /** Further servers, asked plainly: they tell mapping when the first has one address only. At most 16. */
  servers?: readonly TransportAddress[];
  /**
   * The caller's sockets: bound to an address of their own, never used before, at most 32. One is enough (and assumed
   * when absent), with three mapping and filtering are tested at the same time, further ones show how ports are chosen.
   */
  sockets?: readonly TransportAddress[];
  /** Longest lifetime to look for, in seconds; 600 when absent. */
  longestLifetime?: number;
  /** 32 random bytes; made with `crypto.getRandomValues` when absent. */
  seed?: Uint8Array;
}

/**
 * RFC 3489 §10.1 and RFC 5780 §4 without sockets or clock.
 *
 * ```js
 * const discovery = new NatDiscovery({ server });
 * const step = () => {
 *   for (let packet = discovery.pollTransmit(); packet; packet = discovery.pollTransmit()) send(packet);
 *   const due = discovery.pollTimeout();
 *   if (due !== null) setTimeout(() => { discovery.timeout(performance.now()); step(); }, due - performance.now());
 * };
 * discovery.timeout(performance.now());
 * step();
 * ```
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the method is there, for its type see the interface.
export class NatDiscovery {
  readonly #machine: Machine<NatExports, WasmDiscovery>;

  /** Sends nothing before the first `timeout`. Throws a `TypeError` when an address can't be read. */
  constructor(options: NatDiscoveryOptions) {
    requireObject('options', options);
    requireArray('tests', options.tests ?? []);
    const tests = options.tests ?? ['mapping', 'filtering'];
    for (const [index, test] of tests.entries())
      oneOf(`tests[${index}]`, ['mapping', 'filtering', 'hairpin', 'lifetime', 'fragments'], test);
    const seed = seedOf('seed', options.seed);
    const flat = {
      classic: oneOf('procedure', ['rfc5780', 'rfc3489'], options.procedure) === 'rfc3489',
      server: addressOfArgument('server', options.server),
      others: addressesOf('servers', options.servers),
      sockets: addressesOf('sockets', options.sockets),
      mapping: tests.includes('mapping'),
      filtering: tests.includes('filtering'),
      hairpin: tests.includes('hairpin'),
      lifetime: tests.includes('lifetime'),
      fragments: tests.includes('fragments'),
      longestLifetime: options.longestLifetime ?? 600,
      seed,
    };
    this.#machine = asTypeError(() => new Machine(natWasm, 'NatDiscovery', (it) => new it.WasmDiscovery(flat)));
  }

  /** Takes a datagram; what is not an answer to a request of ours is ignored. `now` is in milliseconds of any steady clock. */
  receive(now: number, packet: Datagram): void {
    requireTime('now', now);
    const { local, remote, bytes } = datagramOf(packet);
    asTypeError(() => this.#machine.call((machine) => machine.receive(now, local, remote, bytes)));
  }

  /** To be called at the start, and when the time given by `pollTimeout` has come. */
  timeout(now: number): void {
    requireTime('now', now);
    this.#machine.call((machine) => machine.timeout(now));
  }

  /** The next datagram to send, or `null`. */
  pollTransmit(): Datagram | null {
    return this.#machine.call(datagram);
  }

  /** When to call `timeout`; `null` when finished. */
  pollTimeout(): number | null {
    return this.#machine.call((machine) => machine.poll_timeout()) ?? null;
  }

  /** The next event, or `null`. */
  pollEvent(): NatEvent | null {
    return (this.#machine.call((machine) => machine.poll_event()) as NatEvent | undefined) ?? null;
  }

  /** All tests are over. */
  get finished(): boolean {
    return this.#machine.call((machine) => machine.finished);
  }

  /** Observations so far. */
  get observations(): Observation[] {
    return this.#machine.call((machine) => machine.observations()) as Observation[];
  }

  /** Observations so far and what they mean; `others` are observations of other sources, such as a TCP connection. */
  report(others: readonly Observation[] = []): NatReport {
    requireArray('others', others);
    const report = inferNat([...this.observations, ...others]);
    const own = this.#machine.call((machine) => machine.warnings()) as NatReport['warnings'];
    return { ...report, warnings: [...report.warnings, ...own] };
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
export interface NatDiscovery extends Disposal {}

/** How a `StunServer` is set up. */
export interface StunServerOptions {
  /** A1 and P1. */
  primary: TransportAddress;
  /** A2 and P2: another address and another port, for RFC 5780 and RFC 3489. */
  other?: TransportAddress;
  /** Text for SOFTWARE; none when absent. */
  software?: string;
  /**
   * Requests per second of one IPv4 address or IPv6 /64, two and a half times that at once; ten times both for an IPv4
   * /24 or IPv6 /48. Further ones are not answered. Loopback has no limit; without a rate nobody has. UDP only.
   */
  rate?: number;
}

/** A request and its answer. */
export interface ServedRequest {
  /** `address:port` of the client. */
  client: string;
  /** Whom they asked. */
  asked: string;
  /** `address:port` that the answer left from; `null` when there was none. */
  answeredFrom: string | null;
  /** Error code of the answer, else 0. */
  code: number;
}

/** In front of what `StunServer.answer` writes: index of the address to answer from, 0, port and error code. @internal */
export const ANSWER_HEAD = 6;
/** Most bytes that `StunServer.answer` writes: `HEAD + MAX_ANSWER` of the crate. @internal */
export const ANSWER_ROOM = 3585;

/** A STUN server without sockets: RFC 8489, behaviour discovery (RFC 5780), and RFC 3489 answers to classic requests. No TURN. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the method is there, for its type see the interface.
export class StunServer {
  readonly #machine: Machine<NatExports, WasmStunServer>;
  #memory = new Uint8Array(0);

  /** The caller then binds `addresses`. Throws a `TypeError` when an address can't be used. */
  constructor(options: StunServerOptions) {
    requireObject('options', options);
    const { primary, other, software = '', rate } = options;
    requireString('software', software);
    const flat = {
      primary: addressOfArgument('primary', primary),
      ...(other !== undefined && { other: addressOfArgument('other', other) }),
      software,
      ...(rate !== undefined && { rate }),
      seed: crypto.getRandomValues(new Uint8Array(8)),
    };
    this.#machine = asTypeError(() => new Machine(natWasm, 'StunServer', (it) => new it.WasmStunServer(flat)));
  }

  /** Addresses to bind: A1:P1, and with a second address A1:P2, A2:P1 and A2:P2. */
  get addresses(): TransportAddress[] {
    return this.#machine.call((machine) => machine.addresses()).map(addressOf);
  }

  /** Takes a datagram that arrived on one of the addresses. */
  receive(now: number, packet: Datagram): void {
    requireTime('now', now);
    const { local, remote, bytes } = datagramOf(packet);
    asTypeError(() => this.#machine.call((machine) => machine.receive(now, local, remote, bytes)));
  }

  /**
   * The same without queue, texts and objects: writes the answer to a datagram that came to `addresses[local]` from `ip`, an
   * address of four words, into `out` from `at`, behind `ANSWER_HEAD` bytes. Returns how many bytes were written; 0 for no
   * answer, and where there is no room for it. @internal
   */
  answer(
    now: number,
    local: number,
    ip: Uint32Array,
    port: number,
    bytes: Uint8Array,
    out: Uint8Array,
    at: number,
  ): number {
    const machine = this.#machine.use();
    try {
      const length = machine.answer(
        now,
        local,
        ip[0] as number,
        ip[1] as number,
        ip[2] as number,
        ip[3] as number,
        port,
        bytes,
      );
      if (length === 0 || length > out.length - at) return 0;
      const start = machine.answer_start();
      // A view of memory that grew has length 0.
      if (this.#memory.length === 0) this.#memory = new Uint8Array((machine.memory() as WebAssembly.Memory).buffer);
      const memory = this.#memory;
      for (let i = 0; i < length; i++) out[at + i] = memory[start + i] as number;
      return length;
    } catch (error) {
      this.#machine.threw(error);
      throw error;
    }
  }

  /** The answer to one whole message that came over a stream, or `null`. */
  answerStream(remote: TransportAddress, bytes: Uint8Array): Uint8Array | null {
    const from = addressOfArgument('remote', remote);
    const message = bytesOf('bytes', bytes);
    const answer = asTypeError(() => this.#machine.call((machine) => machine.answer_stream(from, message)));
    return answer.length > 0 ? answer : null;
  }

  /** Nothing: the server waits for nothing. */
  timeout(_now: number): void {}

  /** `null`: the server waits for nothing. */
  pollTimeout(): number | null {
    return null;
  }

  /** The next datagram to send, from its `local`, or `null`. */
  pollTransmit(): Datagram | null {
    return this.#machine.call(datagram);
  }

  /** The next request that was served or refused, or `null`. */
  pollEvent(): ServedRequest | null {
    return (this.#machine.call((machine) => machine.poll_served()) as ServedRequest | undefined) ?? null;
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

// As above.
export interface StunServer extends Disposal {}

function datagram(machine: WasmDiscovery | WasmStunServer): Datagram | null {
  const sent = machine.poll_transmit();
  if (sent === undefined) return null;
  const { local, remote, bytes } = sent;
  sent.free();
  return { local: addressOf(local), remote: addressOf(remote), protocol: 'udp', bytes };
}
