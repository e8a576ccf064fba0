/** A TURN server on real sockets: what `serveStun` does with `turn`. */
import type { RemoteInfo, Socket } from 'node:dgram';
import type { WasmTurnServer } from '#glue/turn';
import { addressText, type TransportAddress } from '../address.js';
import { guarded } from '../guard.js';
import { asTypeError, isTrap, Machine } from '../trap.js';
import { HEAD, Packed } from '../turn-packet.js';
import { flatServerOptions, serverEvent, type TurnServerEvent } from '../turn-server.js';
import { type TurnExports, turnWasm } from '../turn-wasm.js';
import type { StreamLimits } from './connections.js';
import { type Bound, bindUdp } from './sockets.js';
import type { Framing, Peer } from './streams.js';
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

/** The machine with its sockets: of the server by the text of their address, and one for each relayed address. */
export class TurnService {
  #machine: Machine<TurnExports, WasmTurnServer>;
  readonly #flat: object;
  readonly #listening: ReadonlyMap<string, Socket>;
  readonly #relays = new Map<string, Socket>();
  readonly #streams = new Map<string, Peer>();
  readonly #timer: NodeJS.Timeout;
  readonly #onEvent: ServeTurnOptions['onEvent'];
  #closed = false;

  /** Throws a `TypeError` when an option can't be used. */
  constructor(options: ServeTurnOptions, bound: readonly Bound[], rate: number) {
    const { relay = relayAddresses(bound), onEvent, ...rest } = options;
    const epoch = performance.timeOrigin;
    this.#flat = flatServerOptions({ ...rest, listen: [], relay, openSockets: true, epoch, rate });
    this.#machine = this.#make();
    this.#listening = new Map(bound.map(({ socket, address }) => [addressText(address), socket]));
    this.#onEvent = onEvent;
    const tick = () => {
      this.#machine.call((machine) => machine.timeout(performance.now()));
      this.#settle();
    };
    this.#timer = setInterval(guarded(tick, this.failed), TICK);
  }

  /** To be called with what went wrong. After a trap of the wasm every allocation is gone. */
  readonly failed = (error: unknown): void => {
    if (!isTrap(error) || this.#closed) return;
    this.#closeRelays();
    this.#machine = this.#make();
  };

  /** Takes a datagram of a client, or of a peer. */
  take(local: string, bytes: Uint8Array, from: RemoteInfo): void {
    this.#machine.call((machine) => machine.receive(performance.now(), local, addressText(from), false, bytes));
    this.#settle();
  }

  /** Takes a frame of a client's connection. */
  takeFrame(local: string, frame: Uint8Array, peer: Peer): boolean {
    const remote = addressText(peer.remote);
    const key = `${local} ${remote}`;
    if (!this.#streams.has(key)) {
      this.#streams.set(key, peer);
      peer.onClose = () => {
        this.#streams.delete(key);
        this.#machine.call((machine) => machine.disconnected(local, remote));
        this.#settle();
      };
    }
    this.#machine.call((machine) => machine.receive(performance.now(), local, remote, true, frame));
    this.#settle();
    return true;
  }

  /** Closes the sockets of the relayed addresses. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#closeRelays();
    this.#machine.free();
  }

  #make(): Machine<TurnExports, WasmTurnServer> {
    return asTypeError(() => new Machine(turnWasm, 'server', (wasm) => new wasm.WasmTurnServer(this.#flat)));
  }

  #closeRelays(): void {
    for (const socket of this.#relays.values()) socket.close();
    this.#relays.clear();
  }

  /** Opens and closes sockets as the machine asks, and sends what it has to send. */
  #settle(): void {
    for (let event = this.#machine.call(serverEvent); event !== null; event = this.#machine.call(serverEvent)) {
      if (event.type === 'open') this.#open(event.address);
      else if (event.type === 'close') this.#shut(addressText(event.address));
      else this.#tell(event);
    }
    for (
      let bytes = this.#machine.call((machine) => machine.poll_transmit());
      bytes.length > 0;
      bytes = this.#machine.call((machine) => machine.poll_transmit())
    ) {
      this.#send(new Packed(bytes));
    }
  }

  #send(packet: Packed): void {
    const local = addressText({ address: packet.localIp, port: packet.localPort });
    const { bytes, remotePort, remoteIp } = packet;
    if (!packet.tcp) {
      const socket = this.#relays.get(local) ?? this.#listening.get(local);
      socket?.send(bytes, HEAD, bytes.length - HEAD, remotePort, remoteIp);
      return;
    }
    const peer = this.#streams.get(`${local} ${addressText({ address: remoteIp, port: remotePort })}`);
    const isData = (bytes[HEAD] as number) > 0x3f;
    if (peer === undefined || (isData && peer.unsent() > MAX_UNSENT)) return;
    peer.write(packet.payload);
  }

  #open(address: TransportAddress): void {
    const text = addressText(address);
    const opened = (success: boolean) => {
      this.#machine.call((machine) => machine.opened(text, success));
      this.#settle();
    };
    const bound = guarded(({ socket }: Bound) => {
      if (this.#closed) return socket.close();
      this.#relays.set(text, socket);
      socket.on(
        'message',
        guarded((bytes: Buffer, from: RemoteInfo) => this.take(text, bytes, from), this.failed),
      );
      opened(true);
    }, this.failed);
    const refused = guarded(() => {
      if (!this.#closed) opened(false);
    }, this.failed);
    bindUdp(address, RECEIVE_BUFFER).then(bound, refused);
  }

  #shut(text: string): void {
    this.#relays.get(text)?.close();
    this.#relays.delete(text);
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
