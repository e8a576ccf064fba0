/** The input of a scan: what findings are cut from, and where its lines are. */

import { lastAtMost } from './search.js';

const decoder = new TextDecoder();

/** A place in a text: 1-based. */
export interface Place {
  line: number;
  /** In the units of the input. */
  column: number;
}

/** The input a scan was given. Offsets are UTF-16 code units of a string, bytes of a `Uint8Array`. */
export class Source {
  readonly input: string | Uint8Array;
  readonly #addresses: readonly string[];
  #lines: number[] | null = null;

  constructor(input: string | Uint8Array, addresses: readonly string[] = []) {
    this.input = input;
    this.#addresses = addresses;
  }

  /** An address that packets name by its index. */
  address(index: number): string {
    return this.#addresses[index] ?? '';
  }

  /** The bytes from `start` to `end`; none of a string. */
  bytes(start: number, end: number): Uint8Array {
    return typeof this.input === 'string' ? new Uint8Array() : this.input.subarray(start, end);
  }

  /** The text from `start` to `end`. */
  slice(start: number, end: number): string {
    const { input } = this;
    return typeof input === 'string' ? input.slice(start, end) : decoder.decode(input.subarray(start, end));
  }

  /** Line and column of an offset. */
  place(offset: number): Place {
    this.#lines ??= lineStarts(this.input);
    const starts = this.#lines;
    // The first line starts at 0.
    const line = lastAtMost(starts.length, (at) => starts[at] as number, offset);
    return { line: line + 1, column: offset - (starts[line] as number) + 1 };
  }
}

function lineStarts(input: string | Uint8Array): number[] {
  const starts = [0];
  const next =
    typeof input === 'string' ? (at: number) => input.indexOf('\n', at) : (at: number) => input.indexOf(10, at);
  for (let at = next(0); at >= 0; at = next(at + 1)) starts.push(at + 1);
  return starts;
}
