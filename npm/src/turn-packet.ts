/** How datagrams leave the wasm: one array, its head before the payload. */
import type { TransportAddress } from './address.js';
import { ipv4, ipv6 } from './stun/address.js';

/** Bytes before the payload: 1 for TCP, then family (4 or 6), 16 bytes and a port, of our end and of the other; one spare. */
const HEAD = 40;
const LOCAL = 1;
const REMOTE = 20;

/** A datagram of the wasm, read when asked. @internal */
export class Packed {
  constructor(readonly bytes: Uint8Array) {}

  /** Over TCP. */
  get tcp(): boolean {
    return this.bytes[0] === 1;
  }

  /** Our port. */
  get localPort(): number {
    return this.#short(LOCAL + 17);
  }

  /** The other end's port. */
  get remotePort(): number {
    return this.#short(REMOTE + 17);
  }

  /** The text of our address. */
  get localIp(): string {
    return this.#ip(LOCAL);
  }

  /** The text of the other end's address. */
  get remoteIp(): string {
    return this.#ip(REMOTE);
  }

  /** Our end. */
  get local(): TransportAddress {
    return { address: this.localIp, port: this.localPort, family: this.#family(LOCAL) };
  }

  /** The other end. */
  get remote(): TransportAddress {
    return { address: this.remoteIp, port: this.remotePort, family: this.#family(REMOTE) };
  }

  /** The payload, a view. */
  get payload(): Uint8Array {
    return this.bytes.subarray(HEAD);
  }

  #family(at: number): 'ipv4' | 'ipv6' {
    return this.bytes[at] === 4 ? 'ipv4' : 'ipv6';
  }

  #ip(at: number): string {
    if (this.bytes[at] === 4) return ipv4(this.#word(at + 1));
    return ipv6([1, 5, 9, 13].map((offset) => this.#word(at + offset)));
  }

  #short(at: number): number {
    return ((this.bytes[at] as number) << 8) | (this.bytes[at + 1] as number);
  }

  #word(at: number): number {
    return ((this.#short(at) << 16) | this.#short(at + 2)) >>> 0;
  }
}
