/** Runs of ordinary lines that fold to one. */

export interface Fold {
  /** Zero-based first line. */
  first: number;
  /** Lines folded into the row; at least 2. */
  count: number;
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
