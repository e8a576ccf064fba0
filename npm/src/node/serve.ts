/** A STUN server on real sockets: UDP with RFC 5780, and TCP. */
import { createServer, type Server, type Socket as Stream } from 'node:net';
import { addressText, type TransportAddress } from '../address.js';
import { type ServedRequest, StunServer, type StunServerOptions } from '../nat-io.js';
import { type Bound, bindUdp } from './sockets.js';

/** What `serveStun` takes. */
export interface ServeOptions extends StunServerOptions {
  /** Answers over TCP too, on the same addresses; true when absent. CHANGE-REQUEST is refused there. */
  tcp?: boolean;
  /** Called for each UDP request. */
  onRequest?(request: ServedRequest): void;
}

/** A server that runs. */
export interface RunningServer {
  /** Where it listens. */
  addresses: TransportAddress[];
  /** Closes every socket and connection. */
  close(): Promise<void>;
}

/** Most TCP connections at a time; further ones are closed at once. */
const MAX_CONNECTIONS = 1000;
/** Bytes of a TCP connection that are kept until a message is whole; a longer message ends it. */
const MAX_STREAM_MESSAGE = 4096;
/** Milliseconds after which a silent TCP connection is closed. */
const STREAM_IDLE = 30_000;

/**
 * Binds the addresses and answers until closed. Port 0 in `primary` takes a free port for everything, which needs
 * `other` to be absent. Rejects with the system's error when an address can't be bound.
 *
 * @example
 * const server = await serveStun({
 *   primary: { address: '127.0.0.1', port: 3478, family: 'ipv4' },
 *   other: { address: '127.0.0.2', port: 3479, family: 'ipv4' },
 * });
 */
export async function serveStun(options: ServeOptions): Promise<RunningServer> {
  const opened: { close(): unknown }[] = [];
  try {
    const first = await bindUdp(options.primary);
    opened.push(first.socket);
    const primary = options.primary.port === 0 ? first.address : options.primary;
    const machine = new StunServer({ ...options, primary });
    const bound = [first];
    for (const address of machine.addresses.slice(1)) {
      const next = await bindUdp(address);
      opened.push(next.socket);
      bound.push(next);
    }
    answerUdp(machine, bound, options.onRequest);
    const streams = new Set<Stream>();
    if (options.tcp ?? true) {
      for (const { address } of bound) opened.push(await answerTcp(machine, address, streams));
    }
    return { addresses: bound.map(({ address }) => address), close: () => closeAll(opened, streams) };
  } catch (error) {
    for (const socket of opened) socket.close();
    throw error;
  }
}

function answerUdp(machine: StunServer, bound: Bound[], onRequest?: (request: ServedRequest) => void): void {
  const sockets = new Map(bound.map(({ socket, address }) => [addressText(address), socket]));
  for (const { socket, address: local } of bound) {
    socket.on('message', (bytes, from) => {
      const remote = { address: from.address, port: from.port, family: local.family };
      machine.receive(0, { local, remote, protocol: 'udp', bytes });
      for (let answer = machine.pollTransmit(); answer; answer = machine.pollTransmit()) {
        const { port, address } = answer.remote;
        // RESPONSE-PORT 0 can't be sent to.
        if (port !== 0) sockets.get(addressText(answer.local))?.send(answer.bytes, port, address, () => {});
      }
      for (let served = machine.pollEvent(); served; served = machine.pollEvent()) onRequest?.(served);
    });
  }
}

function answerTcp(machine: StunServer, local: TransportAddress, streams: Set<Stream>): Promise<Server> {
  const server = createServer((stream) => {
    if (streams.size >= MAX_CONNECTIONS) return void stream.destroy();
    streams.add(stream);
    stream.setTimeout(STREAM_IDLE, () => stream.destroy());
    stream.on('close', () => streams.delete(stream));
    stream.on('error', () => stream.destroy());
    answerStream(machine, stream, { ...local, address: stream.remoteAddress ?? '', port: stream.remotePort ?? 0 });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: local.address, port: local.port, ipv6Only: local.family === 'ipv6' }, () => resolve(server));
  });
}

/** Messages on a stream follow each other; the length is in the header (RFC 8489 §6.2.2). */
function answerStream(machine: StunServer, stream: Stream, remote: TransportAddress): void {
  let waiting: Buffer = Buffer.alloc(0);
  stream.on('data', (chunk) => {
    waiting = Buffer.concat([waiting, chunk]);
    while (waiting.length >= 20) {
      const length = 20 + waiting.readUInt16BE(2);
      if (length > MAX_STREAM_MESSAGE) return void stream.destroy();
      if (waiting.length < length) break;
      const answer = machine.answerStream(remote, waiting.subarray(0, length));
      if (answer === null) return void stream.destroy();
      // A client that does not read its answers gets no more.
      if (!stream.write(answer)) return void stream.destroy();
      waiting = waiting.subarray(length);
    }
    if (waiting.length > MAX_STREAM_MESSAGE) stream.destroy();
  });
}

async function closeAll(opened: { close(): unknown }[], streams: Set<Stream>): Promise<void> {
  for (const stream of streams) stream.destroy();
  for (const socket of opened) socket.close();
}
