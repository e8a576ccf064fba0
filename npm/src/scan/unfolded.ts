/** Lines that a mail, a form or a terminal broke at a fixed width, put together again. */
import type { Edit } from './edits.js';
import { Row, rows } from './rows.js';

/** Widths at which programs break lines. */
const NARROWEST = 50;
const WIDEST = 140;

/** Beginnings of lines that no break made: of descriptions, candidates, dumps, objects, quotations, headers; times. */
const FRESH =
  /^\s*(?:[a-z]=|(?:a=)?candidate:|[\da-f]{4,8}[: ] ?[\da-f]{2}|[{}<>]|\[[\d:./]{6,60}:[A-Z]|\[?\d{4}[-/.]\d\d[-/.]\d\d|\[?\d\d:\d\d:\d\d(?![:\w])|\[?[A-Z][a-z]{2} [ \d]\d \d\d:|[VDIWEF]\/[^(\n]{1,40}\(|[A-Z][\w-]{1,30}: |$)/;

/** What joins the pieces again; two lines that are `alike` in their dress are two lines. */
export function unfolded(text: string, alike: (line: string, next: string) => boolean): Iterable<Edit> {
  const found = widthOf(text);
  if (found === null) return [];
  const { width, cut } = found;
  const broken = cut ? cutAt(width) : brokenAtWord(width);
  return joined(text, cut ? '' : ' ', (row, next) => broken(row, next) && !alike(row.text, next.text));
}

type Broken = (row: Row, next: Row) => boolean;

/** Whether a line is full; where it begins as a line of a description or dump does, the next does not. */
const cutAt =
  (width: number): Broken =>
  ({ start, end, text }, next) =>
    end - start === width && !(LISTED.test(text) && LISTED.test(next.text));

const LISTED = /^\s*(?:[a-z]=|[\da-f]{4,8}[: ] ?[\da-f]{2})/;

/** Whether the first word of the next line had no room; a word that is wider than the lines stands alone. */
const brokenAtWord =
  (width: number): Broken =>
  (row, next) => {
    const room = width - (row.end - row.start) - 1;
    // Most words have room, and what line they begin need not be known.
    if (next.end - next.start <= room) return false;
    const full = room < -1 ? !TWO_WORDS.test(row.text) : (/^\S+/.exec(next.text)?.[0].length ?? 0) > room;
    return full && !FRESH.test(next.text);
  };

const TWO_WORDS = /\S \S/;
/** Widths of a terminal. */
const TERMINAL = new Set([80, 100, 120, 132]);

/** The width at which lines end: the longest that could have been broken; and whether words are cut at it. */
function widthOf(text: string): { width: number; cut: boolean } | null {
  let [width, longest] = [0, 0];
  for (let row = new Row(text, 0); row.start < text.length; row = new Row(text, row.next)) {
    const length = row.end - row.start;
    longest = Math.max(longest, length);
    if (length > width && TWO_WORDS.test(row.text)) width = length;
    if (width > WIDEST) return null;
  }
  if (width < NARROWEST) return null;
  return { width, cut: longest === width && areCut(text, width) };
}

/** Whether full lines were cut: words end before the width, a cut leaves all lines full and blanks at their ends. */
function areCut(text: string, width: number): boolean {
  let [near, full, signs] = [0, 0, 0];
  let last: Row | null = null;
  for (const row of rows(text)) {
    if (last !== null && last.end - last.start === width) {
      full++;
      if (/[\s.:]$/.test(last.text) || /^[\s.,:]\S/.test(row.text)) signs++;
    } else if (last !== null && last.end - last.start > width - 10) near++;
    last = row;
  }
  return full > near && (signs > 0 || (full > 1 && TERMINAL.has(width)));
}

/** Joins a line to the one before where that was broken. */
function* joined(text: string, glue: string, broken: Broken): Generator<Edit> {
  let last: Row | null = null;
  for (const row of rows(text)) {
    if (last !== null && last.end > last.start && broken(last, row)) {
      const blank = glue === ' ' && text[last.end - 1] === ' ' ? 1 : 0;
      yield { start: last.end - blank, end: row.start, text: glue };
    }
    last = row;
  }
}
