/** Texts of IP addresses, kept for the next packet to the same host. */
import { readIp } from '../source.js';
import { ipv4, ipv6 } from '../stun/address.js';

/** How many are kept; a power of two. */
const PLACES = 1024;
const MAPPED = 0xffff;

/** The text of an address of four words: IPv4 where it is mapped into IPv6. */
function text(a: number, b: number, c: number, d: number): string {
  return a === 0 && b === 0 && c === MAPPED ? ipv4(d) : ipv6([a, b, c, d]);
}

/** An address as RFC 5952 writes it; one with a zone, and what is none, as it is. */
export function plainIp(given: string): string {
  const words = new Uint32Array(4);
  if (given.includes('%') || !given.includes(':') || !readIp(given, words)) return given;
  return text(...(words as unknown as [number, number, number, number]));
}

/**
 * Each address has one place, and the one that comes later takes it: what is kept never grows, and whoever sends from many
 * addresses only makes texts be written again.
 */
export class IpTexts {
  readonly #words = new Uint32Array(4 * PLACES);
  // Of the address that is all zeros, as the words are.
  readonly #texts = new Array<string>(PLACES).fill('::');

  /** The text of an address of four words. */
  of(a: number, b: number, c: number, d: number): string {
    const mixed = Math.imul(
      a ^ Math.imul(b ^ Math.imul(c ^ Math.imul(d, 0x9e3779b1), 0x85ebca6b), 0xc2b2ae35),
      0x27d4eb2f,
    );
    const place = (mixed ^ (mixed >>> 15)) & (PLACES - 1);
    const words = this.#words;
    const at = 4 * place;
    if (words[at + 3] === d && words[at + 2] === c && words[at + 1] === b && words[at] === a) {
      return this.#texts[place] as string;
    }
    words[at] = a;
    words[at + 1] = b;
    words[at + 2] = c;
    words[at + 3] = d;
    const written = text(a, b, c, d);
    this.#texts[place] = written;
    return written;
  }
}
