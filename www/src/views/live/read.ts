// Readers of values that come from anywhere.

/** Longest text that is read, in UTF-16 units. */
const MAX_WORDS = 2048;

/** Gives what it reads, or throws. */
export type Read<T> = (value: unknown) => T;

/** Throws: the value can't be this. */
export function wrong(what: string): never {
  throw new TypeError(what);
}
export const word: Read<string> = (v) => (typeof v === 'string' && v.length <= MAX_WORDS ? v : wrong('text'));
export const number: Read<number> = (v) => (typeof v === 'number' && Number.isFinite(v) ? v : wrong('number'));
export const flag: Read<boolean> = (v) => (typeof v === 'boolean' ? v : wrong('boolean'));
export const big: Read<bigint> = (v) => (typeof v === 'string' && /^\d{1,20}$/.test(v) ? BigInt(v) : wrong('number'));
export const or =
  <T>(read: Read<T>): Read<T | null> =>
  (v) =>
    v === null ? null : read(v);
export const list =
  <T>(read: Read<T>, most: number): Read<T[]> =>
  (v) =>
    Array.isArray(v) ? v.slice(0, most).map((each) => read(each)) : wrong('list');
/** A list in which no two have the same `key`. */
export const distinct =
  <T>(read: Read<T>, most: number, key: (value: T) => unknown): Read<T[]> =>
  (v) => {
    const all = list(read, most)(v);
    return new Set(all.map(key)).size === all.length ? all : wrong('twice the same');
  };
/** A moment as ISO 8601. */
export const moment: Read<string> = (v) => (Number.isNaN(Date.parse(word(v))) ? wrong('moment') : word(v));
export const oneOf =
  <T extends string>(...words: readonly T[]): Read<T> =>
  (v) =>
    words.find((each) => each === v) ?? wrong('one of few');
export const fields =
  <T extends object>(readers: { [K in keyof T]: Read<T[K]> }): Read<T> =>
  (v) => {
    if (typeof v !== 'object' || v === null) return wrong('object');
    const names = Object.keys(readers) as (keyof T & string)[];
    return Object.fromEntries(names.map((name) => [name, readers[name]((v as Record<string, unknown>)[name])])) as T;
  };
