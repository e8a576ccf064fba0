/** TCP: frames of a stream, with the limits of `Connections`. STUN uses it, and so may whatever else is framed. */
import { createServer, type Server, type Socket } from 'node:net';
import type { TransportAddress } from '../address.js';
import { guarded } from '../guard.js';
import { clientKey } from '../source.js';
import type { Connections } from './connections.js';

/** How a protocol lies in a stream. */
export interface Framing {
  /** Length of the frame that begins with these bytes, in bytes; 0: more are needed to tell; -1: none begins like this. */
  length(bytes: Uint8Array): number;
  /** Longest frame; a longer one ends the connection. */
  longest: number;
}

/** The other end of a connection. */
export interface Peer {
  /** The client's address. */
  remote: TransportAddress;
  /** Sends bytes. False when the client does not read: the connection is then over. */
  send(bytes: Uint8Array): boolean;
  /** Sends bytes, whether the client reads or not: see `unsent`. */
  write(bytes: Uint8Array): void;
  /** Bytes that wait to be sent. */
  unsent(): number;
  /** Called when the connection is over. */
  onClose?: () => void;
  /** Ends the connection. */
  end(): void;
}

/** Takes one whole frame; the bytes are valid during the call. False ends the connection. */
export type FrameHandler = (frame: Uint8Array, peer: Peer) => boolean;

/** Bytes that wait to be sent to a client that reads slowly; further ones end the connection. */
const MAX_UNSENT = 64 * 1024;

/**
 * Listens on an address. `accept` gives each connection its handler. Rejects with the system's error when the address can't
 * be bound; what fails later, such as a lack of file descriptors, ends one connection at most.
 */
export function listenTcp(
  local: TransportAddress,
  connections: Connections,
  framing: Framing,
  accept: (peer: Peer) => FrameHandler,
): Promise<Server> {
  const server = createServer({ noDelay: true });
  server.on(
    'connection',
    guarded((stream: Socket) => answerStream(stream, local, connections, framing, accept)),
  );
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: local.address, port: local.port, ipv6Only: local.family === 'ipv6' }, () => {
      server.off('error', reject);
      server.on(
        'error',
        guarded(() => {}),
      );
      resolve(server);
    });
  });
}

function answerStream(
  stream: Socket,
  { family }: TransportAddress,
  connections: Connections,
  framing: Framing,
  accept: (peer: Peer) => FrameHandler,
): void {
  const end = (): void => {
    stream.destroy();
  };
  stream.on('error', guarded(end));
  const { remoteAddress, remotePort } = stream;
  // It was reset before it was accepted: there is nobody to answer.
  if (remoteAddress === undefined || remotePort === undefined) {
    end();
    return;
  }
  const connection = connections.open(clientKey(remoteAddress), end, performance.now());
  const send = (bytes: Uint8Array) => stream.writable && (stream.write(bytes) || stream.writableLength <= MAX_UNSENT);
  const write = (bytes: Uint8Array): void => {
    if (stream.writable) stream.write(bytes);
  };
  const unsent = () => stream.writableLength;
  const peer: Peer = { remote: { address: remoteAddress, port: remotePort, family }, send, write, unsent, end };
  const handle = accept(peer);
  const frames = new Frames(framing);
  stream.on(
    'close',
    guarded(() => {
      connections.closed(connection);
      peer.onClose?.();
    }),
  );
  stream.on(
    'data',
    guarded((chunk: Buffer) => {
      const now = performance.now();
      const taken = frames.take(
        chunk,
        (frame) => connections.heard(connection, now) && !stream.destroyed && handle(frame, peer),
      );
      if (!taken) return end();
      if (frames.waiting > 0) connections.began(connection, now);
    }, end),
  );
}

/** Cuts a stream into frames. Holds less than one frame. */
export class Frames {
  #rest: Buffer = Buffer.alloc(0);

  constructor(readonly framing: Framing) {}

  /** Bytes of the frame that is not yet whole. */
  get waiting(): number {
    return this.#rest.length;
  }

  /** Hands out each whole frame; false when the stream has something else, or a handler wants no more. */
  take(chunk: Buffer, handle: (frame: Uint8Array) => boolean): boolean {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (bytes.length > 0) {
      const length = this.framing.length(bytes);
      if (length < 0 || length > this.framing.longest) return false;
      if (length === 0 || bytes.length < length) break;
      if (!handle(bytes.subarray(0, length))) return false;
      bytes = bytes.subarray(length);
    }
    // A copy, so that a few bytes do not hold the chunk they came in.
    this.#rest = bytes === this.#rest ? bytes : Buffer.from(bytes);
    return this.#rest.length <= this.framing.longest;
  }
}

/** Messages follow each other; the length is in the header (RFC 8489 §6.2.2). */
export const STUN_FRAMING: Framing = {
  length(bytes) {
    if ((bytes[0] ?? 0) > 0x3f) return -1;
    return bytes.length < 20 ? 0 : 20 + ((bytes[2] as number) << 8) + (bytes[3] as number);
  },
  longest: 4096,
};
