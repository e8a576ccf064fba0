/** Programs of the caller's own among the hosts of a simulation. */
import { bytesOf, optionalFunction, requireNumber, requireObject, requireString } from '../argument.js';

/** A UDP datagram, as a program sees it. Addresses with port, such as `192.0.2.1:5000` and `[2001:db8::1]:5000`. */
export interface OwnDatagram {
  /** Address of the host itself. */
  local: string;
  /** Address of the other end: of its NAT, where it is behind one. */
  remote: string;
  /** Payload. */
  bytes: Uint8Array;
}

/** The host that a program of yours runs on. */
export interface OwnHost {
  /** Its name in the scenario. */
  readonly name: string;
  /** Virtual time in milliseconds. */
  readonly now: number;
  /**
   * Sends a datagram, now. Throws a `TypeError` for an address that is none, a port 0, a `local` that is not the host's, addresses
   * of two versions of IP, or more bytes than UDP carries (65 507 over IPv4).
   */
  send(datagram: OwnDatagram): void;
  /**
   * Has `wake` of the program called at that virtual time, in place of the time asked for before. A time that is past means now;
   * 100 000 steps at one instant end the run.
   */
  wakeAt(time: number): void;
}

/**
 * A program of yours, on a host whose `run` is `{ kind: 'own' }`. What it throws ends the run, and goes on to its caller; so does
 * a promise that it returns, for which virtual time can't wait.
 */
export interface OwnProgram {
  /** A datagram arrived. */
  receive?(datagram: OwnDatagram, host: OwnHost): void;
  /** The time has come that `host.wakeAt` asked for. */
  wake?(host: OwnHost): void;
}

/** Services of the engine for a host. */
export interface OwnCalls {
  now(): number;
  send(datagram: OwnDatagram): void;
  wakeAt(time: number): void;
}

/** The host of a program, with checked arguments. */
export function ownHost(name: string, calls: OwnCalls): OwnHost {
  return {
    name,
    get now() {
      return calls.now();
    },
    send(datagram) {
      requireObject('datagram', datagram);
      requireString('datagram.local', datagram.local);
      requireString('datagram.remote', datagram.remote);
      calls.send({ ...datagram, bytes: bytesOf('datagram.bytes', datagram.bytes) });
    },
    wakeAt(time) {
      requireNumber('time', time);
      calls.wakeAt(time);
    },
  };
}

export function requireProgram(program: unknown): asserts program is OwnProgram {
  requireObject('program', program);
  const { receive, wake } = program as OwnProgram;
  optionalFunction('program.receive', receive);
  optionalFunction('program.wake', wake);
}

/** Hands what waits, as JSON of the wasm, to its program. */
export function deliver(text: string, programs: ReadonlyMap<string, { program: OwnProgram; host: OwnHost }>): void {
  const { host: name, local, remote, bytes } = JSON.parse(text);
  const found = programs.get(name);
  if (found === undefined) return;
  const { program, host } = found;
  if (local === undefined) {
    requireDone('wake', program.wake?.(host));
    return;
  }
  const pairs: string[] = bytes.match(/../g) ?? [];
  const datagram = { local, remote, bytes: Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16)) };
  requireDone('receive', program.receive?.(datagram, host));
}

/** Refuses a promise: virtual time goes on without what comes of it, and nobody would hear of its failure. */
function requireDone(name: string, returned: unknown): void {
  if (typeof returned !== 'object' || returned === null || !('then' in returned)) return;
  Promise.resolve(returned).catch(() => {});
  throw new TypeError(`program.${name} returned a promise: virtual time waits for none; use host.wakeAt`);
}
