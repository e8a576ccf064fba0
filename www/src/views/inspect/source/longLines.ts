/**
 * Lines so long that a browser lays them out for seconds. Their beginning is shown, and the rest folded in pieces: each
 * opens by itself, and a match that is found in one opens that one.
 */

import type { Run } from './folds';

/** Characters from which a line is a long one. */
const LONG = 500_000;
/** Characters of a long line in sight from the start. */
const SHOWN = 20_000;
/** Characters of a piece at least, and most pieces of a line. */
const PIECE = 200_000;
const MOST = 50;

/** The pieces to fold, by offsets; `said` gives the words in place of so many characters. */
export function longLines(text: string, said: (characters: number) => string): Run[] {
  const runs: Run[] = [];
  if (text.length < LONG) return runs;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    if (end - start >= LONG) runs.push(...pieces(start + SHOWN, end, said));
    start = end + 1;
  }
  return runs;
}

function pieces(from: number, end: number, said: (characters: number) => string): Run[] {
  const size = Math.max(PIECE, Math.ceil((end - from) / MOST));
  const count = Math.ceil((end - from) / size);
  return Array.from({ length: count }, (_, i) => {
    const at = from + i * size;
    const to = Math.min(end, at + size);
    return { from: at, to, text: said(to - at) };
  });
}

/** Folds in order, without the pieces that lie in a fold of whole lines. */
export function withLongLines(folds: readonly Run[], long: readonly Run[]): Run[] {
  const apart = long.filter((piece) => !folds.some(({ from, to }) => piece.from < to && piece.to > from));
  return [...folds, ...apart].sort((a, b) => a.from - b.from);
}
