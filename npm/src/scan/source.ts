/** The input of a scan: what findings are cut from, and where its lines are. */

import { textOf } from '../text.js';
import { lastAtMost } from './search.js';

/** A place in a text: 1-based. */
export interface Place {
  line: number;
  /** In the units of the input. */
  column: number;
}

/** Beginning of a source's text in the whole input. */
export interface Origin extends Place {
  /** In the units of the input. */
  offset: number;
}

const BEGINNING: Origin = { offset: 0, line: 1, column: 1 };

/**
 * The input a scan was given, or the part of it around a finding when the whole is not kept. Offsets are those of the
 * whole: UTF-16 code units of a string, bytes of a `Uint8Array`.
 */
export class Source {
  readonly input: string | Uint8Array;
  readonly #addresses: readonly string[];
  readonly #origin: Origin;
  #lines: number[] | null = null;

  constructor(input: string | Uint8Array, addresses: readonly string[] = [], origin: Origin = BEGINNING) {
    this.input = input;
    this.#addresses = addresses;
    this.#origin = origin;
  }

  /** An address that packets name by its index. */
  address(index: number): string {
    return this.#addresses[index] ?? '';
  }

  /** The bytes from `start` to `end`; none of a string. */
  bytes(start: number, end: number): Uint8Array {
    if (typeof this.input === 'string') return new Uint8Array();
    return this.input.subarray(start - this.#origin.offset, end - this.#origin.offset);
  }

  /** The text from `start` to `end`. */
  slice(start: number, end: number): string {
    const { input } = this;
    const from = Math.max(0, start - this.#origin.offset);
    const to = Math.max(from, end - this.#origin.offset);
    return typeof input === 'string' ? input.slice(from, to) : textOf(input.subarray(from, to));
  }

  /** Line and column of an offset. */
  place(offset: number): Place {
    const { offset: first, line: above, column } = this.#origin;
    this.#lines ??= lineStarts(this.input, 1 - column);
    const starts = this.#lines;
    const inside = Math.max(0, offset - first);
    // The first line starts at 0 or before.
    const line = lastAtMost(starts.length, (at) => starts[at] as number, inside);
    return { line: line + above, column: inside - (starts[line] as number) + 1 };
  }
}

function lineStarts(input: string | Uint8Array, first: number): number[] {
  const starts = [first];
  const next =
    typeof input === 'string' ? (at: number) => input.indexOf('\n', at) : (at: number) => input.indexOf(10, at);
  for (let at = next(0); at >= 0; at = next(at + 1)) starts.push(at + 1);
  return starts;
}
