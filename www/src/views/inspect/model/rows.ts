/** Which lines are shown: runs of ordinary lines fold to one row. Only the folds are stored, so a text of any length costs little. */

import { lastAtMost } from './search';

export interface Fold {
  /** Zero-based first line. */
  first: number;
  /** Lines folded into the row; at least 2. */
  count: number;
}

export interface Row {
  line: number;
  fold: Fold | null;
}

export class RowMap {
  readonly folds: readonly Fold[];
  readonly lineCount: number;
  /** Row of each fold. */
  readonly #rows: Uint32Array;

  /** `folds` ordered by line, not overlapping. */
  constructor(lineCount: number, folds: readonly Fold[]) {
    this.lineCount = lineCount;
    this.folds = folds;
    this.#rows = new Uint32Array(folds.length);
    let hidden = 0;
    folds.forEach((fold, index) => {
      this.#rows[index] = fold.first - hidden;
      hidden += fold.count - 1;
    });
    this.rowCount = lineCount - hidden;
  }

  readonly rowCount: number;

  row(row: number): Row {
    const index = lastAtMost(this.#rows.length, (at) => this.#rows[at] ?? 0, row);
    const fold = this.folds[index];
    if (fold === undefined) return { line: row, fold: null };
    const past = row - (this.#rows[index] ?? 0);
    return past === 0 ? { line: fold.first, fold } : { line: fold.first + fold.count - 1 + past, fold: null };
  }

  rowOfLine(line: number): number {
    const index = lastAtMost(this.folds.length, (at) => this.folds[at]?.first ?? 0, line);
    const fold = this.folds[index];
    if (fold === undefined) return line;
    const row = this.#rows[index] ?? 0;
    return line < fold.first + fold.count ? row : row + line - (fold.first + fold.count - 1);
  }
}

/** Most folds one text gets; later runs stay open. */
export const MAX_FOLDS = 50_000;

/** Runs of at least two lines of `ranges` (inclusive, ordered) for which `isOrdinary` holds. */
export function foldRuns(
  ranges: readonly { first: number; last: number }[],
  isOrdinary: (line: number) => boolean,
): Fold[] {
  const folds: Fold[] = [];
  for (const { first, last } of ranges) {
    let run = first;
    for (let line = first; line <= last + 1; line++) {
      if (line <= last && isOrdinary(line)) continue;
      if (line - run >= 2) folds.push({ first: run, count: line - run });
      if (folds.length >= MAX_FOLDS) return folds;
      run = line + 1;
    }
  }
  return folds;
}
