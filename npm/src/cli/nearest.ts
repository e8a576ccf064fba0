/** The word that a mistyped one was meant to be. */

/** Letters that may be wrong, missing, too many or swapped. */
const MAX_WRONG = 2;
/** Length above which nothing that we offer is near. */
const MAX_LENGTH = 40;

/** The nearest of `words`, or null when none is near. */
export function nearest(word: string, words: readonly string[]): string | null {
  if (word.length > MAX_LENGTH) return null;
  let best: string | null = null;
  let least = Math.min(MAX_WRONG, Math.floor(word.length / 3)) + 1;
  for (const candidate of words) {
    const wrong = distance(word, candidate);
    if (wrong >= least) continue;
    best = candidate;
    least = wrong;
  }
  return best;
}

/** Letters to insert, delete, replace or swap with the next so that `a` becomes `b`. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      const options = [at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + same];
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) options.push(at(beforeLast, column - 2) + 1);
      current.push(Math.min(...options));
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

const at = (list: readonly number[], index: number) => list[index] ?? Number.POSITIVE_INFINITY;
