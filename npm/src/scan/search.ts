/** Bisection. */

/**
 * Index of the last of `count` numbers, in rising order, that is at most `value`; -1 when all are greater.
 * `at` gives the number at an index.
 */
export function lastAtMost(count: number, at: (index: number) => number, value: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(middle) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
