/** Arguments as callers give them: what is refused is named. */

/** What `value` is, for the sentence of a TypeError: `undefined`, `a number`, `a Date`. Never the value: it may be secret. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return typeof value === 'object' ? className(value) : `a ${typeof value}`;
}

/** `an array`, `a Date`, `an object`. The object may be hostile: nothing it throws gets out. */
function className(value: object): string {
  try {
    if (Array.isArray(value)) return 'an array';
    const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
    if (typeof name !== 'string' || name === '' || name === 'Object') return 'an object';
    return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name.slice(0, 40)}`;
  } catch {
    return 'an object';
  }
}
