/** The lines of a text, as those who undress it look at them. */

/** Characters of a line that are looked at. */
export const MAX_ROW = 1_000;

/** A line of a text. */
export class Row {
  readonly #whole: string;
  readonly start: number;
  /** Offset behind the line, before its end mark. */
  readonly end: number;
  /** Offset of the next line. */
  readonly next: number;

  /** The line that begins at `start`. */
  constructor(whole: string, start: number) {
    const stop = whole.indexOf('\n', start);
    const next = stop < 0 ? whole.length : stop;
    this.#whole = whole;
    this.start = start;
    this.end = next > start && whole.charCodeAt(next - 1) === 0x0d ? next - 1 : next;
    this.next = next + 1;
  }

  /** The line, at most `MAX_ROW` of it. */
  get text(): string {
    return this.#whole.slice(this.start, Math.min(this.end, this.start + MAX_ROW));
  }
}

/** The lines from an offset on, at which one begins. */
export function* rows(text: string, from = 0): Generator<Row> {
  for (let at = from; at < text.length; ) {
    const row = new Row(text, at);
    yield row;
    at = row.next;
  }
}

/** Offset of the line behind the one that an offset is in. */
export function nextLine(text: string, at: number): number {
  const stop = text.indexOf('\n', at);
  return stop < 0 ? text.length : stop + 1;
}
