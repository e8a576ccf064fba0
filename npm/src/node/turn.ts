/** A TURN server on real sockets: what `serveStun` does with `turn`. */
import type { RemoteInfo, Socket } from 'node:dgram';
import { addressText, type TransportAddress } from '../address.js';
import { guarded } from '../guard.js';
import { readIp } from '../source.js';
import { isTrap } from '../trap.js';
import { flatServerOptions, type TurnServerEvent } from '../turn-server.js';
import type { StreamLimits } from './connections.js';
import { IpTexts } from './ip-texts.js';
import { type Bound, bindUdp } from './sockets.js';
import type { Framing, Peer } from './streams.js';
import { EVENT, SENT, TurnMachine } from './turn-machine.js';
import type { ServeTurnOptions } from './turn-options.js';

/** For TURN, whose connections last as long as calls do: an allocation that is not refreshed ends them. */
export const TURN_STREAM_LIMITS: StreamLimits = {
  total: 1000,
  perClient: 50,
  idle: 660_000,
  rate: 20_000,
  message: 10_000,
  lifetime: Number.POSITIVE_INFINITY,
};

/** STUN messages and padded ChannelData (RFC 8656 §12.5). */
export const TURN_FRAMING: Framing = {
  length(bytes) {
    const first = bytes[0] ?? 0;
    if (first > 0x4f) return -1;
    if (bytes.length < 4) return 0;
    const length = ((bytes[2] as number) << 8) + (bytes[3] as number);
    return first < 0x40 ? 20 + length : 4 + ((length + 3) & ~3);
  },
  longest: 65_540,
};

/** Bytes that the system keeps of what peers send faster than it is relayed. */
const RECEIVE_BUFFER = 1 << 20;
/** Bytes that wait for a client that reads slowly over TCP; further data for it is lost, as it may be over UDP. */
const MAX_UNSENT = 1 << 20;
/** Milliseconds between looks at what has expired. */
const TICK = 1000;

/** True for ChannelData and for messages with one of TURN's methods. */
export function isTurn(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0xff;
  if (first > 0x3f) return first < 0x50;
  const type = (first << 8) | (bytes[1] ?? 0);
  const method = (type & 0x000f) | ((type & 0x00e0) >> 1) | ((type & 0x3e00) >> 2);
  return method >= 3 && method <= 9;
}

/** The machine with its ends: sockets of the server, one for each relayed address, and the connections of clients. */
export class TurnService {
  #machine: TurnMachine;
  readonly #flat: object;
  readonly #listening: readonly Bound[];
  /** Sockets and connections by their numbers in the machine, and the numbers that are not those of `listening`. */
  readonly #sockets: (Socket | undefined)[] = [];
  readonly #peers: (Peer | undefined)[] = [];
  readonly #relays = new Map<string, number>();
  readonly #connections = new Map<Peer, number>();
  readonly #texts = new IpTexts();
  readonly #ip = new Uint32Array(4);
  readonly #timer: NodeJS.Timeout;
  readonly #onEvent: ServeTurnOptions['onEvent'];
  #closed = false;

  /** Throws a `TypeError` when an option can't be used. */
  constructor(options: ServeTurnOptions, bound: readonly Bound[], rate: number) {
    const { relay = relayAddresses(bound), onEvent, ...rest } = options;
    const epoch = performance.timeOrigin;
    const listen = bound.map(({ address }) => address);
    this.#flat = flatServerOptions({ ...rest, listen, relay, openSockets: true, epoch, rate });
    this.#listening = bound;
    this.#machine = this.#make();
    this.#onEvent = onEvent;
    const tick = () => {
      this.#machine.timeout();
      this.#settle(this.#machine.poll());
    };
    this.#timer = setInterval(guarded(tick, this.failed), TICK);
  }

  /** To be called with what went wrong. After a trap of the wasm every allocation is gone. */
  readonly failed = (error: unknown): void => {
    if (!isTrap(error) || this.#closed) return;
    this.#closeRelays();
    this.#machine = this.#make();
  };

  /** Takes a datagram of a client at the address of the server with this index. */
  takeListening(index: number, bytes: Uint8Array, from: RemoteInfo): void {
    // The numbers of a new machine begin with them.
    this.#take(index, bytes, from);
  }

  /** Takes a frame of a client's connection. */
  takeFrame(local: string, frame: Uint8Array, peer: Peer): boolean {
    const end = this.#connections.get(peer) ?? this.#connected(local, peer);
    this.#settle(this.#machine.take(end, this.#ip, 0, frame));
    return true;
  }

  /** Closes the sockets of the relayed addresses. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#closeRelays();
    this.#machine.free();
  }

  #make(): TurnMachine {
    const machine = new TurnMachine(this.#flat);
    for (const { socket, address } of this.#listening) this.#sockets[machine.socket(address)] = socket;
    return machine;
  }

  #closeRelays(): void {
    for (const number of this.#relays.values()) this.#sockets[number]?.close();
    this.#relays.clear();
    this.#connections.clear();
    this.#sockets.length = 0;
    this.#peers.length = 0;
  }

  #connected(local: string, peer: Peer): number {
    let end = this.#machine.connection(local, peer.remote);
    const before = this.#peers[end];
    // One between the same addresses, of whose end Node has not told yet.
    if (before !== undefined) {
      this.#disconnected(before);
      end = this.#machine.connection(local, peer.remote);
    }
    this.#connections.set(peer, end);
    this.#peers[end] = peer;
    peer.onClose = () => this.#disconnected(peer);
    return end;
  }

  #disconnected(peer: Peer): void {
    const end = this.#connections.get(peer);
    if (end === undefined || this.#closed) return;
    this.#connections.delete(peer);
    this.#peers[end] = undefined;
    this.#machine.closed(end);
    this.#settle(this.#machine.poll());
  }

  // Called for each packet: no address becomes a text, and the one object made is the view that is sent.
  #take(end: number, bytes: Uint8Array, from: RemoteInfo): void {
    if (readIp(from.address, this.#ip)) this.#settle(this.#machine.take(end, this.#ip, from.port, bytes));
  }

  /** Sends what the machine has to send, and opens and closes sockets as it asks; `what` is of its last call. */
  #settle(what: number): void {
    for (let rest = what; rest !== 0; rest = this.#machine.poll()) {
      if ((rest & SENT) !== 0) this.#send();
      if ((rest & EVENT) !== 0) this.#act(this.#machine.event());
    }
  }

  #send(): void {
    const record = this.#machine.record();
    const end = record[0] as number;
    const socket = this.#sockets[end];
    if (socket === undefined) {
      this.#write(this.#peers[end]);
      return;
    }
    const ip = this.#texts.of(record[1] as number, record[2] as number, record[3] as number, record[4] as number);
    socket.send(this.#machine.payload(), record[5] as number, ip);
  }

  #write(peer: Peer | undefined): void {
    if (peer === undefined) return;
    const bytes = this.#machine.payload();
    const isData = (bytes[0] as number) > 0x3f;
    if (!isData || peer.unsent() <= MAX_UNSENT) peer.write(bytes);
  }

  #act(event: TurnServerEvent | null): void {
    if (event === null) return;
    if (event.type === 'open') this.#open(event.address);
    else if (event.type === 'close') this.#shut(addressText(event.address));
    else this.#tell(event);
  }

  #open(address: TransportAddress): void {
    const machine = this.#machine;
    const isOver = () => this.#closed || machine !== this.#machine;
    const opened = (success: boolean) => {
      machine.opened(address, success);
      this.#settle(machine.poll());
    };
    const bound = guarded(({ socket }: Bound) => {
      if (isOver()) return socket.close();
      const end = machine.socket(address);
      this.#relays.set(addressText(address), end);
      this.#sockets[end] = socket;
      const take = (bytes: Buffer, from: RemoteInfo) => this.#take(end, bytes, from);
      socket.on('message', guarded(take, this.failed));
      opened(true);
    }, this.failed);
    const refused = guarded(() => {
      if (!isOver()) opened(false);
    }, this.failed);
    bindUdp(address, RECEIVE_BUFFER).then(bound, refused);
  }

  #shut(text: string): void {
    const end = this.#relays.get(text);
    if (end === undefined) return;
    this.#relays.delete(text);
    this.#sockets[end]?.close();
    this.#sockets[end] = undefined;
    this.#machine.closed(end);
  }

  /** Calls back later, so that what the callback throws is its own affair. */
  #tell(event: TurnServerEvent): void {
    if (this.#onEvent) process.nextTick(() => this.#onEvent?.(event));
  }
}

/** Addresses to relay from when none is given: those that are listened on. */
function relayAddresses(bound: readonly Bound[]): string[] {
  const addresses = [...new Set(bound.map(({ address }) => address.address))];
  if (addresses.some((address) => address === '0.0.0.0' || address === '::')) {
    throw new TypeError('turn.relay is needed where the server listens on every address: the one that peers can reach');
  }
  return addresses;
}
