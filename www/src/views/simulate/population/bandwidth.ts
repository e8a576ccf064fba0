/** The relay's plot. */

/** The least of 1, 2 and 5 times a power of ten that is not below `value`; 1 for nothing. */
export function niceTop(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((times) => times * power >= value) ?? 10) * power;
}
