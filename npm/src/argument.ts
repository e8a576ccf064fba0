/** Arguments as callers give them: what is refused is named. */

/** Kind of `value`, for the sentence of a TypeError: `undefined`, `a number`, `a Date`. Never the value: it may be secret. */
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

/** A name or number as it was given, or what there is in its place. */
export function shown(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value.slice(0, 80) : kindOf(value);
}

/** The TypeError that names an argument, what it must be and what it is. */
export function mustBe(name: string, expected: string, value: unknown): TypeError {
  return new TypeError(`${name} must be ${expected}, not ${kindOf(value)}`);
}

/** Throws a TypeError unless `value` is a string. */
export function requireString(name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw mustBe(name, 'a string', value);
}

/** A string, or the empty one where there is none; throws a TypeError for anything else. */
export function optionalString(name: string, value: unknown): string {
  if (value === undefined) return '';
  requireString(name, value);
  return value;
}

/** Throws a TypeError unless `value` is an object; an array is none. */
export function requireObject(name: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw mustBe(name, 'an object', value);
}

/** Throws a TypeError unless `value` is an array. */
export function requireArray(name: string, value: unknown): asserts value is readonly unknown[] {
  if (!Array.isArray(value)) throw mustBe(name, 'an array', value);
}

/** Throws a TypeError unless `value` is a number, NaN excepted. */
export function requireNumber(name: string, value: unknown): asserts value is number {
  if (typeof value !== 'number' || Number.isNaN(value)) throw mustBe(name, 'a number', value);
}

/** Throws a TypeError unless `value` is a whole number from 0 up. */
export function requireWhole(name: string, value: unknown): asserts value is number {
  if (typeof value !== 'number') throw mustBe(name, 'a number', value);
  if (!Number.isInteger(value) || value < 0)
    throw new TypeError(`${name} must be a whole number from 0 up, not ${value}`);
}

/** Throws a TypeError unless `value` is a whole number from 0 to `most`: more would wrap around on its way into the wasm. */
export function requireUpTo(name: string, value: unknown, most: number): asserts value is number {
  requireWhole(name, value);
  if (value > most) throw new TypeError(`${name} must be at most ${most}, not ${value}`);
}

/** Throws a TypeError unless `value` is a time of a clock in milliseconds. */
export function requireTime(name: string, value: unknown): asserts value is number {
  requireNumber(name, value);
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER)
    throw new TypeError(`${name} must be a time in milliseconds, not ${value}`);
}

/** One of `choices`, the first where there is none; throws a TypeError for anything else. */
export function oneOf<T extends string>(name: string, choices: readonly [T, ...T[]], value: unknown): T {
  if (value === undefined) return choices[0];
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  const all = choices.map((choice) => `'${choice}'`).join(', ');
  throw new TypeError(
    `${name} must be one of ${all}, not ${typeof value === 'string' ? `'${shown(value)}'` : kindOf(value)}`,
  );
}

/** True or false, false where there is none; throws a TypeError for anything else. */
export function optionalBoolean(name: string, value: unknown): boolean {
  if (value !== undefined && typeof value !== 'boolean') throw mustBe(name, 'a boolean', value);
  return value ?? false;
}

/** An object, or an empty one where there is none; throws a TypeError for anything else. */
export function optionalObject<T extends object>(name: string, value: T | undefined): Partial<T> {
  if (value === undefined) return {};
  requireObject(name, value);
  return value;
}

/** 32 bytes that nobody can foretell, made here where there are none; throws a TypeError for fewer or more. */
export function seedOf(name: string, value: unknown): Uint8Array {
  const seed = bytesOf(name, value ?? crypto.getRandomValues(new Uint8Array(32)));
  if (seed.length !== 32) throw new TypeError(`${name} must be 32 bytes, not ${seed.length}`);
  return seed;
}

/**
 * Throws a TypeError unless `value` is a fragment or password as RFC 8839 §5.4 has them. The characters - # _ = are none of
 * its, but libwebrtc takes them.
 */
export function requireIceChars(name: string, value: unknown, least: number): asserts value is string {
  requireString(name, value);
  // The value may be secret.
  if (value.length < least || value.length > 256 || !/^[A-Za-z0-9+/#_=-]*$/.test(value))
    throw new TypeError(`${name} must have ${least} to 256 letters, digits, + and / (RFC 8839 §5.4)`);
}

/** Throws a TypeError unless `value` is a function or absent. */
export function optionalFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') throw mustBe(name, 'a function', value);
}

/** Throws a TypeError unless `value` is an AbortSignal, of this realm or another, or absent. */
export function optionalSignal(name: string, value: unknown): void {
  if (value === undefined) return;
  const has = typeof value === 'object' && value !== null && 'throwIfAborted' in value;
  if (!has || typeof value.throwIfAborted !== 'function') throw mustBe(name, 'an AbortSignal', value);
}

/** Bytes in any of the ways in which JavaScript has them. */
export type Bytes = ArrayBufferView | ArrayBufferLike;

function isBuffer(value: unknown): value is ArrayBufferLike {
  const tag = Object.prototype.toString.call(value);
  return tag === '[object ArrayBuffer]' || tag === '[object SharedArrayBuffer]';
}

/** The bytes of an ArrayBuffer, a SharedArrayBuffer or any view of one, of this realm or another; `null` for what is none. */
export function bytesIn(value: unknown): Uint8Array | null {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  // A tag can be forged: the constructor would take a length or a list.
  return typeof value === 'object' && value !== null && isBuffer(value) ? bytesOfBuffer(value) : null;
}

function bytesOfBuffer(buffer: ArrayBufferLike): Uint8Array | null {
  try {
    // Throws where there is no buffer.
    return new Uint8Array(buffer, 0, new DataView(buffer as ArrayBuffer).byteLength);
  } catch {
    // Also a buffer that was transferred, which has no bytes any more.
    return buffer instanceof ArrayBuffer ? new Uint8Array(0) : null;
  }
}

/** The bytes of `value`; throws a TypeError when it is neither a buffer nor a view of one. */
export function bytesOf(name: string, value: unknown): Uint8Array {
  const bytes = bytesIn(value);
  if (bytes === null) throw mustBe(name, 'an ArrayBuffer or a view of one', value);
  return bytes;
}

/** An address with its port, as callers give it; throws a TypeError that says what is wrong with which. */
export function requireAddress(name: string, value: unknown): asserts value is { address: string; port: number } {
  if (typeof value !== 'object' || value === null) throw mustBe(name, 'an object { address, port, family }', value);
  const { address, port } = value as { address?: unknown; port?: unknown };
  requireString(`${name}.address`, address);
  requireNumber(`${name}.port`, port);
}
