/** The sockets of an ICE agent: UDP, connections to TURN servers over TCP and TLS, and those of TCP candidates. */
import type { RemoteInfo } from 'node:dgram';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { addressText, type TransportAddress } from '../address.js';
import type { IcePacket } from '../agent.js';
import { guarded } from '../guard.js';
import type { ResolvedServer } from './ice-servers.js';
import { endSoon, IceStreams, MAX_UNSENT, readFrames } from './ice-streams.js';
import { type Bound, bindUdp } from './sockets.js';
import { TURN_FRAMING } from './turn.js';

/** Bytes that the system keeps of what comes in faster than it is read. */
const RECEIVE_BUFFER = 1 << 20;

/** Owner that takes packets and failures. */
export interface SocketUser {
  received(packet: IcePacket): void;
  failed(error: unknown): void;
}

/** The sockets, by the text of their address. */
export class IceSockets {
  readonly #user: SocketUser;
  readonly #bound = new Map<string, Bound>();
  readonly #streams = new Map<string, Socket>();
  /** The connections of TCP candidates. */
  readonly tcp: IceStreams;
  #servers: readonly ResolvedServer[] = [];
  #closed = false;

  constructor(user: SocketUser) {
    this.#user = user;
    this.tcp = new IceStreams(user);
  }

  /** The servers that may be connected to. */
  set servers(servers: readonly ResolvedServer[]) {
    this.#servers = servers;
  }

  /** Binds a UDP socket on an IP address; `null` when the system refuses, as for an address that has just gone. */
  async bind(address: string): Promise<TransportAddress | null> {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    try {
      const bound = await bindUdp({ address, port: 0, family }, RECEIVE_BUFFER);
      if (this.#closed) {
        bound.socket.close();
        return null;
      }
      this.#listen(bound);
      return bound.address;
    } catch {
      return null;
    }
  }

  #listen(bound: Bound): void {
    const { socket, address: local } = bound;
    this.#bound.set(addressText(local), bound);
    const take = (bytes: Buffer, { address, port }: RemoteInfo) => {
      // A neighbour's link-local address has a zone: our sockets have no such address, and could not answer.
      if (port === 0 || address.includes('%')) return;
      this.#user.received({ local, remote: { address, port, family: local.family }, protocol: 'udp', bytes });
    };
    socket.on(
      'message',
      guarded(take, (error) => this.#user.failed(error)),
    );
  }

  /** Sends a packet; what can't be sent is lost, as it may be anywhere on the way. */
  send(packet: IcePacket): void {
    const { local, remote, protocol, bytes } = packet;
    if (protocol === 'udp') {
      this.#bound.get(addressText(local))?.socket.send(bytes, remote.port, remote.address);
      return;
    }
    if (this.tcp.send(packet)) return;
    const stream = this.#stream(local, remote);
    if (stream?.writable && stream.writableLength <= MAX_UNSENT) stream.write(bytes);
  }

  /** The connection to a server, opened when there was none. One that has ended stays so: its allocation went with it. */
  #stream(local: TransportAddress, remote: TransportAddress): Socket | null {
    const key = `${addressText(local)} ${addressText(remote)}`;
    const open = this.#streams.get(key);
    if (open !== undefined) return open;
    const of = addressText(remote);
    const server = this.#servers.find((it) => addressText(it.address) === of && it.protocol !== 'udp');
    if (server === undefined || this.#closed) return null;
    const where = { host: remote.address, port: remote.port, localAddress: local.address };
    const stream =
      server.protocol === 'tls'
        ? connectTls({ ...where, ...(isIP(server.host) === 0 && { servername: server.host }) })
        : connect({ ...where, noDelay: true });
    this.#streams.set(key, stream);
    const take = (bytes: Uint8Array) => {
      if (!this.#closed) this.#user.received({ local, remote, protocol: 'tcp', bytes });
      return !this.#closed;
    };
    readFrames(stream, TURN_FRAMING, take, (error) => this.#user.failed(error));
    return stream;
  }

  /** Closes every socket; what was given to a connection still goes out. */
  close(): void {
    this.#closed = true;
    for (const { socket } of this.#bound.values()) socket.close();
    this.#bound.clear();
    for (const stream of this.#streams.values()) endSoon(stream);
    this.#streams.clear();
    this.tcp.close();
  }
}
