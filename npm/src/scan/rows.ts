/** The lines of a text, as those who undress it look at them. */

/** A line of a text. */
export interface Row {
  start: number;
  /** Offset behind the line, before its end mark. */
  end: number;
  /** The line, at most `MAX_ROW` of it. */
  text: string;
}

/** Characters of a line that are looked at. */
export const MAX_ROW = 1_000;

export function* rows(text: string): Generator<Row> {
  for (let at = 0; at < text.length; ) {
    const stop = text.indexOf('\n', at);
    const next = stop < 0 ? text.length : stop;
    const end = text[next - 1] === '\r' && next > at ? next - 1 : next;
    yield { start: at, end, text: text.slice(at, Math.min(end, at + MAX_ROW)) };
    at = next + 1;
  }
}
