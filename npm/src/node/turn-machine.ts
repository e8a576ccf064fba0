/**
 * The TURN server in the wasm as sockets use it: per packet one call of numbers, the bytes in memory that both sides read,
 * and no text and no object but the view that is sent.
 */
import type { WasmTurnServer } from '#glue/turn';
import { addressText, type TransportAddress } from '../address.js';
import { asTypeError, Machine } from '../trap.js';
import { serverEvent, type TurnServerEvent } from '../turn-server.js';
import { type TurnExports, turnWasm } from '../turn-wasm.js';

/** Bit of what `take` and `poll` return: there is a datagram to send. */
export const SENT = 1;
/** Bit of what they return: there is an event. */
export const EVENT = 2;

/** Bytes of the wasm's input: `INPUT` of `wasm/src/turn_server.rs`. */
const INPUT = 65_540;
/** Bytes of memory that payloads are cut from; when it is used up, another takes its place. */
const SLAB = 128 << 10;

/** The machine with views of its memory. */
export class TurnMachine {
  readonly #machine: Machine<TurnExports, WasmTurnServer>;
  /** Destination of what arrives, and index of the first word of the record. */
  readonly #input: number;
  readonly #record: number;
  #bytes = new Uint8Array(0);
  #words = new Uint32Array(0);
  #slab = Buffer.allocUnsafeSlow(SLAB);
  #used = 0;

  /** Throws a `TypeError` when an option can't be used; `flat` is of `flatServerOptions`. */
  constructor(flat: object) {
    this.#machine = asTypeError(() => new Machine(turnWasm, 'server', (wasm) => new wasm.WasmTurnServer(flat)));
    this.#input = this.#machine.call((machine) => machine.input());
    this.#record = this.#machine.call((machine) => machine.record()) >>> 2;
  }

  /** The number of a bound UDP socket. */
  socket(address: TransportAddress): number {
    return this.#machine.call((machine) => machine.socket(addressText(address)));
  }

  /** The number of a client's connection. */
  connection(local: string, remote: TransportAddress): number {
    return this.#machine.call((machine) => machine.connection(local, addressText(remote)));
  }

  /** An end was closed. */
  closed(end: number): void {
    this.#machine.call((machine) => machine.closed(end));
  }

  /** How it went with the socket of an `open` event. */
  opened(address: TransportAddress, success: boolean): void {
    this.#machine.call((machine) => machine.opened(addressText(address), success));
  }

  /** Looks at what has expired. */
  timeout(): void {
    this.#machine.call((machine) => machine.timeout(performance.now()));
  }

  /** Takes what arrived at an end from an address of four words; the address does not count at a connection. Then as `poll`. */
  take(end: number, ip: Uint32Array, port: number, bytes: Uint8Array): number {
    if (bytes.length > INPUT) return 0;
    const machine = this.#machine.use();
    try {
      if (this.#bytes.length === 0) this.#view(machine);
      this.#bytes.set(bytes, this.#input);
      return machine.take(
        performance.now(),
        end,
        ip[0] as number,
        ip[1] as number,
        ip[2] as number,
        ip[3] as number,
        port,
        bytes.length,
      );
    } catch (error) {
      this.#machine.threw(error);
      throw error;
    }
  }

  /** Goes on to the next datagram and event; the sum of `SENT` and `EVENT`, 0 when there is neither. */
  poll(): number {
    const machine = this.#machine.use();
    try {
      return machine.poll();
    } catch (error) {
      this.#machine.threw(error);
      throw error;
    }
  }

  /** The next event, or `null`. */
  event(): TurnServerEvent | null {
    return this.#machine.call(serverEvent);
  }

  /**
   * The record of the datagram that the last call has, valid until the next: number of the end that it leaves from, four words
   * of the address it goes to and its port.
   */
  record(): Uint32Array {
    // A view of memory that grew has length 0.
    if (this.#words.length === 0) this.#view(this.#machine.use());
    return this.#words;
  }

  /** The payload of that datagram, which stays. */
  payload(): Uint8Array {
    const words = this.record();
    const start = words[6] as number;
    const length = words[7] as number;
    if (this.#used + length > SLAB) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += length;
    this.#slab.set(this.#bytes.subarray(start, start + length), at);
    return this.#slab.subarray(at, this.#used);
  }

  /** Frees its memory. */
  free(): void {
    this.#machine.free();
  }

  #view(machine: WasmTurnServer): void {
    const { buffer } = machine.memory() as WebAssembly.Memory;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer, this.#record << 2, 8);
  }
}
