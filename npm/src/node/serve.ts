/** A STUN server on real sockets: UDP with RFC 5780, and TCP; TURN beside it. */
import type { RemoteInfo } from 'node:dgram';
import { isIP } from 'node:net';
import { addressText, type TransportAddress } from '../address.js';
import { optionalFunction, requireAddress, requireNumber, requireObject } from '../argument.js';
import { ANSWER_HEAD, ANSWER_ROOM, type ServedRequest, StunServer, type StunServerOptions } from '../discovery.js';
import { guarded } from '../guard.js';
import { readIp } from '../source.js';
import { Connections, STUN_STREAM_LIMITS } from './connections.js';
import { type Bound, bindUdp } from './sockets.js';
import { type FrameHandler, listenTcp, type Peer, STUN_FRAMING } from './streams.js';
import { isTurn, TURN_FRAMING, TURN_STREAM_LIMITS, TurnService } from './turn.js';
import type { ServeTurnOptions } from './turn-options.js';

/** Options of `serveStun`. */
export interface ServeOptions extends StunServerOptions {
  /** Answers over TCP too, on the same addresses; true when absent. CHANGE-REQUEST is refused there. */
  tcp?: boolean;
  /**
   * Requests over UDP per second of one IPv4 address or IPv6 /64, two and a half times that at once, and ten times both for
   * an IPv4 /24 or IPv6 /48; 200 when absent, 0 for no limit. Loopback has none.
   */
  rate?: number;
  /** Serves TURN too: who may relay, and where to. */
  turn?: ServeTurnOptions;
  /** Called for each UDP request but those of TURN. */
  onRequest?(request: ServedRequest): void;
}

/** A server that runs. */
export interface RunningServer {
  /** Addresses on which it listens. */
  addresses: TransportAddress[];
  /** Closes every socket and connection. */
  close(): Promise<void>;
}

/** Requests per second of one address. */
const DEFAULT_RATE = 200;
/** Bytes that the system keeps of what comes in faster than it is answered. */
const RECEIVE_BUFFER = 4 << 20;
/** How many free ports are tried, when one is to be free for UDP and TCP. */
const PORT_ATTEMPTS = 20;
/** Milliseconds between looks at the connections' times. */
const SWEEP = 1000;

/**
 * Binds the addresses and answers until closed. Port 0 in `primary` takes a free port for everything, which needs
 * `other` to be absent. Rejects with the system's error when an address can't be bound. Whatever peers send, and however they
 * come and go, nothing is thrown and memory is bounded.
 *
 * @example
 * const server = await serveStun({
 *   primary: { address: '127.0.0.1', port: 3478, family: 'ipv4' },
 *   other: { address: '127.0.0.2', port: 3479, family: 'ipv4' },
 * });
 */
export async function serveStun(options: ServeOptions): Promise<RunningServer> {
  requireObject('options', options);
  requireAddress('options.primary', options.primary);
  if (options.other !== undefined) requireAddress('options.other', options.other);
  if (options.rate !== undefined) requireNumber('options.rate', options.rate);
  if (options.turn !== undefined) requireObject('options.turn', options.turn);
  optionalFunction('options.onRequest', options.onRequest);
  for (let attempt = 1; ; attempt++) {
    try {
      return await serveOn(options);
    } catch (error) {
      // The free port that UDP took may be somebody's for TCP: then it is another.
      const taken = options.primary.port === 0 && (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!taken || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

/** Binds and answers; rejects when an address can't be bound, with nothing left open. */
async function serveOn(options: ServeOptions): Promise<RunningServer> {
  const opened: { close(): unknown }[] = [];
  const connections = new Connections(options.turn ? TURN_STREAM_LIMITS : STUN_STREAM_LIMITS);
  const rate = options.rate ?? DEFAULT_RATE;
  try {
    const first = await bindUdp(options.primary, RECEIVE_BUFFER);
    opened.push(first.socket);
    const primary = options.primary.port === 0 ? first.address : options.primary;
    const service = new Service({ ...options, primary, rate });
    const bound = [first];
    for (const address of service.machine.addresses.slice(1)) {
      const next = await bindUdp(address, RECEIVE_BUFFER);
      opened.push(next.socket);
      bound.push(next);
    }
    const turn = options.turn && new TurnService(options.turn, bound, rate);
    if (turn) opened.push(turn);
    for (const relay of options.turn?.relay ?? []) await requireBindable(relay);
    answerUdp(service, bound, turn, options.onRequest);
    if (options.tcp ?? true) {
      const framing = turn ? TURN_FRAMING : STUN_FRAMING;
      for (const { address } of bound) {
        opened.push(await listenTcp(address, connections, framing, () => frames(service, turn, addressText(address))));
      }
    }
    const timer = setInterval(
      guarded(() => connections.sweep(performance.now())),
      SWEEP,
    );
    const close = async () => {
      clearInterval(timer);
      connections.clear();
      for (const socket of opened.splice(0)) socket.close();
    };
    return { addresses: bound.map(({ address }) => address), close };
  } catch (error) {
    for (const socket of opened) socket.close();
    throw error;
  }
}

/** Rejects with the system's error when a relayed address (`IP` or `IP/EXTERNAL`) can't be bound: each allocation would fail. */
async function requireBindable(relay: string): Promise<void> {
  const address = relay.replace(/\/.*/, '');
  const { socket } = await bindUdp({ address, port: 0, family: isIP(address) === 6 ? 'ipv6' : 'ipv4' });
  socket.close();
}

/** The machine, made again should the wasm under it ever trap. */
class Service {
  machine: StunServer;

  constructor(readonly options: StunServerOptions) {
    this.machine = this.#make();
  }

  /** To be called with what went wrong. */
  readonly failed = (error: unknown): void => {
    if (error instanceof WebAssembly.RuntimeError) this.machine = this.#make();
  };

  /** Answers one message of a stream. */
  readonly answerFrame = (
    frame: Uint8Array,
    { remote, send }: { remote: TransportAddress; send(bytes: Uint8Array): boolean },
  ): boolean => {
    try {
      const answer = this.machine.answerStream({ ...remote, address: remote.address.replace(/%.*/, '') }, frame);
      return answer !== null && send(answer);
    } catch (error) {
      this.failed(error);
      return false;
    }
  };

  #make(): StunServer {
    const { rate, ...rest } = this.options;
    return new StunServer(rate ? { ...rest, rate } : rest);
  }
}

/** Bytes of memory that answers are cut from; when it is used up, another takes its place. */
const SLAB = 64 << 10;

// Called for each packet: the one object made is the view that is sent, and no address becomes a text.
function answerUdp(
  service: Service,
  bound: Bound[],
  turn: TurnService | undefined,
  onRequest?: (request: ServedRequest) => void,
): void {
  const ip = new Uint32Array(4);
  let slab = Buffer.allocUnsafeSlow(SLAB);
  let used = 0;
  const take = (local: number, bytes: Buffer, from: RemoteInfo) => {
    if (from.port === 0 || !readIp(from.address, ip)) return;
    if (used + ANSWER_ROOM > SLAB) {
      slab = Buffer.allocUnsafeSlow(SLAB);
      used = 0;
    }
    const at = used;
    const length = service.machine.answer(performance.now(), local, ip, from.port, bytes, slab, at);
    const sender = length > 0 ? bound[slab[at] as number] : undefined;
    if (onRequest) tell(onRequest, bound[local] as Bound, from, sender, slab.readUInt16BE(at + 4));
    if (sender === undefined) return;
    used = at + length;
    sender.socket.send(slab.subarray(at + ANSWER_HEAD, used), slab.readUInt16BE(at + 2), from.address);
  };
  for (const [index, { socket }] of bound.entries()) {
    const stun = guarded((bytes: Buffer, from: RemoteInfo) => take(index, bytes, from), service.failed);
    const relay =
      turn && guarded((bytes: Buffer, from: RemoteInfo) => turn.takeListening(index, bytes, from), turn.failed);
    socket.on('message', (bytes, from) => (relay && isTurn(bytes) ? relay : stun)(bytes, from));
  }
}

/** Handler for the frames of one connection. */
function frames(service: Service, turn: TurnService | undefined, local: string): FrameHandler {
  if (!turn) return service.answerFrame;
  return (frame: Uint8Array, peer: Peer) => {
    if (!isTurn(frame)) return service.answerFrame(frame, peer);
    try {
      return turn.takeFrame(local, frame, peer);
    } catch (error) {
      turn.failed(error);
      return false;
    }
  };
}

/** Calls back later, so that what the callback throws is its own affair. */
function tell(
  onRequest: (request: ServedRequest) => void,
  asked: Bound,
  from: RemoteInfo,
  sender: Bound | undefined,
  code: number,
): void {
  const answeredFrom = sender ? addressText(sender.address) : null;
  const request = {
    client: addressText(from),
    asked: addressText(asked.address),
    answeredFrom,
    code: sender ? code : 0,
  };
  process.nextTick(() => onRequest(request));
}
