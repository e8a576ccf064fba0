/** The JavaScript half of `wasm/src/area.rs`: the areas of linear memory that every call works on. */

/**
 * Raw exports of the wasm instance that every build has; the last two are missing from the one with STUN alone. Modules
 * widen this with their own exports.
 */
export interface AreaExports {
  memory: WebAssembly.Memory;
  reserve_input(length: number): number;
  output_ptr(): number;
  records_ptr(): number;
}

let exports: AreaExports | null = null;
let bytes = new Uint8Array(0);
let words = new Uint32Array(0);
// The input area moves only when it grows, and it grows only in `reserve`.
let input = 0;
let capacity = 0;
// The input area as bytes: making a view costs as much as encoding a line. Empty when it has to be made anew.
let inputBytes = new Uint8Array(0);
const encoder = new TextEncoder();

/** Called once by the entry that instantiated the module. */
export function attach(raw: unknown): void {
  exports = raw as AreaExports;
  bytes = new Uint8Array(0);
  words = new Uint32Array(0);
  capacity = 0;
}

/** The raw exports, typed by the caller. Throws before `attach`, which only `icelens/slim` users can see. */
export function raw<T extends AreaExports = AreaExports>(): T {
  if (globalThis.icelensSlim && exports === null) {
    throw new Error('icelens/slim: call init() or initSync() before anything else');
  }
  return exports as T;
}

// A view of memory that grew has length 0: cheaper to ask than whether the buffer is still the same.

/** Linear memory as bytes; a fresh view after growth. Do not keep it across calls. */
export function memoryBytes(): Uint8Array {
  if (bytes.length === 0) bytes = new Uint8Array(raw().memory.buffer);
  return bytes;
}

/** Linear memory as words; a fresh view after growth. Do not keep it across calls. */
export function memoryWords(): Uint32Array {
  if (words.length === 0) words = new Uint32Array(raw().memory.buffer);
  return words;
}

let holder: object | null = null;

/** Whose input and records the areas hold now; whatever is written next lets go of them. */
export function hold(owner: object): void {
  holder = owner;
}

/** True when nothing was written since `hold(owner)`. */
export function holds(owner: object): boolean {
  return holder === owner;
}

/** Makes room in the input area and returns where it starts. */
export function reserve(length: number): number {
  holder = null;
  if (length <= capacity) return input;
  const size = Math.max(length, 4096);
  const pointer = raw().reserve_input(size);
  if (pointer === 0) throw new RangeError(`input of ${length} bytes is over the limit of 64 MiB`);
  input = pointer;
  capacity = size;
  inputBytes = new Uint8Array(0);
  return pointer;
}

/** To be called after an export that keeps the input area for itself: the next call gets a new one. */
export function inputTaken(): void {
  holder = null;
  capacity = 0;
}

/** Copies bytes to the input area. */
export function writeBytes(source: Uint8Array): void {
  const pointer = reserve(source.length);
  memoryBytes().set(source, pointer);
}

/** Copies text to the input area as UTF-8 and returns its length in bytes; equal to `text.length` when all ASCII. */
export function writeText(text: string): number {
  const pointer = reserve(text.length * 3);
  if (inputBytes.length === 0) inputBytes = new Uint8Array(raw().memory.buffer, pointer, capacity);
  return encoder.encodeInto(text, inputBytes).written;
}

/** Most characters of one text that are looked at: in UTF-8 they fit into the input area whatever they are. */
export const MAX_TEXT = 22_369_621;

/** The part of a text that is looked at. */
export function seen(text: string): string {
  return text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text;
}

/** Index into `memoryWords()` where the records start. */
export function recordsStart(): number {
  return raw().records_ptr() >>> 2;
}

/** A copy of `length` bytes of linear memory. */
export function copyOut(pointer: number, length: number): Uint8Array<ArrayBuffer> {
  const memory = memoryBytes();
  const out = new Uint8Array(length);
  // V8 keeps up to 64 bytes within the object; there a loop is faster than any call.
  if (length <= 64) for (let i = 0; i < length; i++) out[i] = memory[pointer + i] as number;
  else out.set(memory.subarray(pointer, pointer + length));
  return out;
}
