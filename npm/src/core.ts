/**
 * The JavaScript half of `wasm/src/area.rs`: the areas of linear memory that every call works on.
 *
 * Areas move: when they grow, and in the build that the tests run in, with every call. So nothing keeps an address or a
 * view of them: `input()`, `memoryWords()`, `recordsStart()` and `copyOutput()` are asked again after every call, and read
 * the address anew. Instances end: one that trapped is given up, and the next call gets a new one. What is kept in an instance is
 * kept with its `generation()`.
 */
import { instantiate } from '#wasm/core';
import { utf8Encoder } from './text.js';
import { guarded } from './trap.js';

/** Raw exports of the wasm instance that every build has. Modules widen this with their own exports. */
export interface AreaExports {
  memory: WebAssembly.Memory;
  reserve_input(length: number): number;
  area_places(): number;
}

const nothing = /* @__PURE__ */ new Uint8Array(0);

let exports: AreaExports | null = null;
let count = 0;
let bytes = nothing;
let words = /* @__PURE__ */ new Uint32Array(0);
// The input area: making a view costs as much as encoding a line.
let area = nothing;
let capacity = 0;
/** Where it starts, by which a view is known to be good; -1 for none. Asking the view itself takes 20 ns. */
let place = -1;
/** Index into the words of where input, records and output start. */
let places = 0;
let holder: object | null = null;

function forget(): void {
  exports = null;
  bytes = area = nothing;
  words = new Uint32Array(0);
  capacity = 0;
  place = -1;
  holder = null;
}

function start(): AreaExports {
  count++;
  exports = guarded(instantiate() as unknown as AreaExports, forget);
  places = exports.area_places() >>> 2;
  return exports;
}

/** The exports, typed by the caller. The first call instantiates the wasm, and so does the first after a trap. */
export function raw<T extends AreaExports = AreaExports>(): T {
  return (exports ?? start()) as T;
}

/** A number for each instance: what was put in one is not in the next. */
export function generation(): number {
  if (exports === null) start();
  return count;
}

// A view of memory that grew has length 0: cheaper to ask than whether the buffer is still the same.

/** Linear memory as bytes, until the next call. */
export function memoryBytes(): Uint8Array {
  if (bytes.length === 0) bytes = new Uint8Array(raw().memory.buffer);
  return bytes;
}

/** Linear memory as words, until the next call. */
export function memoryWords(): Uint32Array {
  if (words.length === 0) {
    words = new Uint32Array(raw().memory.buffer);
    // The view of the input area is gone like that of the words.
    place = -1;
  }
  return words;
}

/** Says whose input and records the areas hold now; whatever is written next lets go of them. */
export function hold(owner: object): void {
  holder = owner;
}

/** True when nothing was written since `hold(owner)`. */
export function holds(owner: object): boolean {
  return holder === owner && exports !== null;
}

/** The size to ask for, so that a text that grows does not move the area each time. */
function roomFor(length: number): number {
  return length <= 4096 ? 4096 : 2 ** Math.ceil(Math.log2(length));
}

/** The input area with room for `length` bytes, until the next call. */
export function input(length: number): Uint8Array {
  holder = null;
  if (length > capacity) reserve(length);
  // Without a view of the words, or with one that is gone, there is no such word.
  if (words[places] !== place) {
    place = memoryWords()[places] as number;
    area = new Uint8Array(raw().memory.buffer, place, capacity);
  }
  return area;
}

function reserve(length: number): void {
  const size = roomFor(length);
  if (raw().reserve_input(size) === 0) throw new RangeError(`input of ${length} bytes is over the limit of 64 MiB`);
  capacity = size;
  place = -1;
}

/** Copies bytes to the input area. */
export function writeBytes(source: ArrayLike<number>): void {
  input(source.length).set(source);
}

/** Copies text to the input area as UTF-8 and returns its length in bytes; equal to `text.length` when all ASCII. */
export function writeText(text: string): number {
  return utf8Encoder().encodeInto(text, input(text.length * 3)).written;
}

/** Most characters of one text that are looked at: in UTF-8 they fit into the input area whatever they are. */
export const MAX_TEXT = 22_369_621;

/** The part of a text that is looked at. */
export function seen(text: string): string {
  return text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text;
}

/** Index into `memoryWords()` where the records start, until the next call. */
export function recordsStart(): number {
  return (memoryWords()[places + 1] as number) >>> 2;
}

// `slice` takes less than making an array and setting it.

/** A copy of `length` bytes of linear memory. */
export function copyOut(pointer: number, length: number): Uint8Array<ArrayBuffer> {
  return memoryBytes().slice(pointer, pointer + length);
}

/** A copy of the output area from `start` to `end`. */
export function copyOutput(start: number, end: number): Uint8Array<ArrayBuffer> {
  return copyOut((memoryWords()[places + 2] as number) + start, end - start);
}

/** A copy of the first `length` bytes of the input area, where a call left its result. */
export function copyInput(length: number): Uint8Array<ArrayBuffer> {
  return input(length).slice(0, length);
}
