/** ICE over TCP (RFC 6544): connections that come to passive candidates, and those that active ones open. */
import { connect, type Server, type Socket } from 'node:net';
import { addressText, type TransportAddress } from '../address.js';
import type { IcePacket } from '../agent.js';
import { guarded } from '../guard.js';
import { Connections, type StreamLimits } from './connections.js';
import type { SocketUser } from './ice-sockets.js';
import { type FrameHandler, Frames, type Framing, listenTcp, type Peer } from './streams.js';

/** Each packet behind its length in two bytes (RFC 4571). */
export const PACKET_FRAMING: Framing = {
  length: (bytes) => (bytes.length < 2 ? 0 : 2 + ((bytes[0] as number) << 8) + (bytes[1] as number)),
  longest: 65_537,
};

/** Connections to passive candidates. Checks and consent keep those in use from being idle. */
const LIMITS: StreamLimits = {
  total: 100,
  perClient: 20,
  idle: 60_000,
  message: 10_000,
  lifetime: Number.POSITIVE_INFINITY,
  rate: 20_000,
};
/** Connections of active candidates. */
const MAX_OPENED = 100;
/** Milliseconds from one attempt to reach a remote candidate to the next. */
const AGAIN = 1000;
/** Milliseconds between looks at the times of connections. */
const SWEEP = 1000;
/** Bytes that wait for a peer that reads slowly; further packets to it are lost, as they may be over UDP. */
export const MAX_UNSENT = 1 << 20;
/** Milliseconds that the last packets may take after a stop. */
const LINGER = 1000;
/** The port of active candidates, which is nobody's: it tells that they can't be reached (RFC 6544). */
const DISCARD = 9;

/** Gives whole frames of a connection that this side opened; what is none ends it. */
export function readFrames(
  stream: Socket,
  framing: Framing,
  take: (frame: Uint8Array) => boolean,
  failed: (error: unknown) => void,
): void {
  const frames = new Frames(framing);
  const end = () => stream.destroy();
  stream.on('error', guarded(end));
  const cut = (chunk: Buffer) => {
    if (!frames.take(chunk, take)) end();
  };
  stream.on(
    'data',
    guarded(cut, (error) => {
      end();
      failed(error);
    }),
  );
}

/** Ends a connection; what was given to it still goes out. */
export function endSoon(stream: Socket): void {
  stream.end();
  setTimeout(() => stream.destroy(), LINGER).unref();
}

function key(local: TransportAddress, remote: TransportAddress): string {
  return `${addressText(local)} ${addressText(remote)}`;
}

function framed(bytes: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(2 + bytes.length);
  frame.writeUInt16BE(bytes.length);
  frame.set(bytes, 2);
  return frame;
}

/** The connections of an agent's TCP candidates. */
export class IceStreams {
  readonly #user: SocketUser;
  readonly #connections = new Connections(LIMITS);
  readonly #servers: Server[] = [];
  readonly #accepted = new Map<string, Peer>();
  readonly #active = new Set<string>();
  readonly #opened = new Map<string, { stream: Socket; since: number }>();
  #sweep: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(user: SocketUser) {
    this.#user = user;
  }

  /** Listens for a passive candidate; `null` when the system refuses. */
  async listen(address: string, family: TransportAddress['family']): Promise<TransportAddress | null> {
    try {
      const wanted = { address, port: 0, family };
      const server: Server = await listenTcp(wanted, this.#connections, PACKET_FRAMING, (peer) =>
        this.#accept({ ...wanted, port: portOf(server) }, peer),
      );
      if (this.#closed) {
        server.close();
        return null;
      }
      this.#servers.push(server);
      this.#sweep ??= setInterval(
        guarded(() => this.#connections.sweep(performance.now())),
        SWEEP,
      );
      return { ...wanted, port: portOf(server) };
    } catch {
      return null;
    }
  }

  /** The address of an active candidate, whose connections are opened by `send`. */
  active(address: string, family: TransportAddress['family']): TransportAddress {
    const local = { address, port: DISCARD, family };
    this.#active.add(addressText(local));
    return local;
  }

  /** Sends a packet of a TCP candidate; false when its `local` is none. What can't be sent is lost. */
  send({ local, remote, bytes }: IcePacket): boolean {
    const peer = this.#accepted.get(key(local, remote));
    if (peer !== undefined) {
      if (bytes.length <= 0xffff && peer.unsent() <= MAX_UNSENT) peer.write(framed(bytes));
      return true;
    }
    if (!this.#active.has(addressText(local))) return false;
    const stream = this.#stream(local, remote);
    if (bytes.length <= 0xffff && stream?.writable && stream.writableLength <= MAX_UNSENT) stream.write(framed(bytes));
    return true;
  }

  /** Closes everything. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#sweep);
    for (const server of this.#servers.splice(0)) server.close();
    this.#connections.clear();
    for (const { stream } of this.#opened.values()) endSoon(stream);
    this.#opened.clear();
  }

  #accept(local: TransportAddress, peer: Peer): FrameHandler {
    const { remote } = peer;
    // As over UDP: our sockets have no link-local address, and with a zone it is not a remote candidate.
    if (remote.address.includes('%')) return () => false;
    const place = key(local, remote);
    this.#accepted.set(place, peer);
    peer.onClose = () => {
      if (this.#accepted.get(place) === peer) this.#accepted.delete(place);
    };
    return (frame) => this.#received(local, remote, frame);
  }

  #received(local: TransportAddress, remote: TransportAddress, frame: Uint8Array): boolean {
    if (this.#closed) return false;
    try {
      this.#user.received({ local, remote, protocol: 'tcp', bytes: frame.subarray(2) });
      return !this.#closed;
    } catch (error) {
      this.#user.failed(error);
      return false;
    }
  }

  /** The connection to a remote candidate, opened where there is none, and again when it has ended. */
  #stream(local: TransportAddress, remote: TransportAddress): Socket | null {
    const place = key(local, remote);
    const before = this.#opened.get(place);
    const now = performance.now();
    if (before !== undefined && (!before.stream.destroyed || now - before.since < AGAIN)) return before.stream;
    this.#opened.delete(place);
    if (this.#closed || !this.#hasRoom()) return null;
    const stream = connect({ host: remote.address, port: remote.port, localAddress: local.address, noDelay: true });
    this.#opened.set(place, { stream, since: now });
    readFrames(
      stream,
      PACKET_FRAMING,
      (frame) => this.#received(local, remote, frame),
      (error) => this.#user.failed(error),
    );
    return stream;
  }

  #hasRoom(): boolean {
    if (this.#opened.size < MAX_OPENED) return true;
    for (const [place, { stream }] of this.#opened) if (stream.destroyed) this.#opened.delete(place);
    return this.#opened.size < MAX_OPENED;
  }
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
