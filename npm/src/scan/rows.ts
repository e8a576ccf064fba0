/** The lines of a text, as those who undress it look at them. */

/** A line of a text. */
export interface Row {
  start: number;
  /** Offset behind the line, before its end mark. */
  end: number;
  /** Offset of the next line. */
  next: number;
  /** The line, at most `MAX_ROW` of it. */
  text: string;
}

/** Characters of a line that are looked at. */
export const MAX_ROW = 1_000;

/** The lines from an offset on, at which one begins. */
export function* rows(text: string, from = 0): Generator<Row> {
  for (let at = from; at < text.length; ) {
    const stop = text.indexOf('\n', at);
    const next = stop < 0 ? text.length : stop;
    const end = text[next - 1] === '\r' && next > at ? next - 1 : next;
    yield { start: at, end, next: next + 1, text: text.slice(at, Math.min(end, at + MAX_ROW)) };
    at = next + 1;
  }
}
