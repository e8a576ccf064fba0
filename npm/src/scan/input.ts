/** Inputs as people have them: text, bytes, files and streams; gzipped or not; UTF-8 or UTF-16. */

import { type Bytes, bytesIn, mustBe } from '../argument.js';

/** Input of `analyze`. */
export type Input = string | Uint8Array | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** Why a gzip file was not read to its end: it is cut off or damaged, or unpacks to more than is read. */
export type Unread = 'gzip-cut' | 'unpacked';

/** An input that is in memory, or a text that comes in parts because it is long. @internal */
export type Opened =
  | { kind: 'whole'; input: string | Uint8Array; cut: number | null; unread: Unread | null }
  | { kind: 'parts'; parts: AsyncGenerator<string>; total: number; read: () => number; unread: () => Unread | null };

/** Most bytes that are read as a whole; a longer text is read in parts. @internal */
export const MAX_WHOLE = 32 << 20;
/** Most bytes of a capture that are read. @internal */
export const MAX_CAPTURE = 64 << 20;
/** Most bytes that a gzip file may unpack to, unless that is less than `MAX_RATIO` times what it has: logs are packed to a tenth. */
export const MAX_UNPACKED = 32 << 20;
const MAX_RATIO = 100;

/** The first four bytes of pcap, of either byte order and resolution, and of pcapng. */
const captureMagic = /* @__PURE__ */ new Set([
  0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0xa1b2cd34, 0x34cdb2a1, 0x0a0d0d0a,
]);

/** Opens an input. `pause` is called between chunks. @internal */
export async function openInput(
  given: Input | Bytes,
  pause: (done: number, total: number) => Promise<void>,
): Promise<Opened> {
  if (typeof given === 'string') return { kind: 'whole', input: given, cut: null, unread: null };
  const input = bytesIn(given) ?? streamed(given);
  const total =
    input instanceof Uint8Array ? input.length : input instanceof Blob ? input.size : Number.POSITIVE_INFINITY;
  const counter: Counter = { bytes: 0, unread: null };
  const chunks = await unzipped(counted(chunksOf(input), counter), counter);
  const first: Uint8Array[] = [];
  let length = 0;
  let most = MAX_WHOLE;
  while (length <= most) {
    const { value, done } = await chunks.next();
    if (done) break;
    first.push(value);
    length += value.length;
    if (length >= 4 && isCapture(first)) most = MAX_CAPTURE;
    await pause(counter.bytes, total);
  }
  if (most === MAX_CAPTURE || length <= most) {
    await chunks.return(undefined);
    const bytes = joined(first, Math.min(length, most));
    const { unread } = counter;
    const whole = most === MAX_CAPTURE ? bytes : new TextDecoder(encodingOf(bytes)).decode(bytes);
    const cut = unread !== null || length > most ? whole.length : null;
    return { kind: 'whole', input: whole, cut, unread };
  }
  const parts = decoded(first, chunks);
  return { kind: 'parts', parts, total, read: () => counter.bytes, unread: () => counter.unread };
}

/** Bytes of the input that were read, and why not all were. */
interface Counter {
  bytes: number;
  unread: Unread | null;
}

/** Input that comes in chunks; throws a TypeError for what is not an input at all. */
function streamed(input: unknown): Exclude<Input, string> {
  const comes =
    typeof input === 'object' &&
    input !== null &&
    (input instanceof Blob || Symbol.asyncIterator in input || input instanceof ReadableStream);
  if (!comes) throw mustBe('input', 'a string, bytes, a Blob or a stream', input);
  return input as Exclude<Input, string>;
}

/** Whether the chunks are those of a pcap or pcapng file. @internal */
export function isCapture(chunks: readonly Uint8Array[]): boolean {
  return captureMagic.has(magicOf(chunks));
}

/** The first four bytes as a number; 0 when there are fewer. */
function magicOf(chunks: readonly Uint8Array[]): number {
  const head = joined(
    chunks,
    Math.min(
      4,
      chunks.reduce((sum, { length }) => sum + length, 0),
    ),
  );
  return head.length < 4 ? 0 : new DataView(head.buffer, head.byteOffset, 4).getUint32(0);
}

function encodingOf(...chunks: readonly Uint8Array[]): string {
  const mark = magicOf(chunks) >>> 16;
  return mark === 0xfffe ? 'utf-16le' : mark === 0xfeff ? 'utf-16be' : 'utf-8';
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only?.length === length) return only;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk.subarray(0, length - at), at);
    at += Math.min(chunk.length, length - at);
    if (at === length) break;
  }
  return whole;
}

/** Bytes given on at once. */
const CHUNK = 1 << 20;

async function* chunksOf(input: Exclude<Input, string>): AsyncGenerator<Uint8Array, undefined> {
  if (input instanceof Uint8Array) {
    for (let at = 0; at < input.length; at += CHUNK) yield input.subarray(at, at + CHUNK);
    return;
  }
  if (!(input instanceof Blob) && Symbol.asyncIterator in input) {
    for await (const chunk of input) yield chunk;
    return;
  }
  const stream = input instanceof Blob ? input.stream() : (input as ReadableStream<Uint8Array>);
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    // Left before its end: the source can stop.
    reader.cancel().catch(() => {});
  }
}

async function* counted(
  chunks: AsyncGenerator<Uint8Array, undefined>,
  counter: Counter,
): AsyncGenerator<Uint8Array, undefined> {
  for await (const chunk of chunks) {
    counter.bytes += chunk.length;
    yield chunk;
  }
}

/** The chunks, inflated when they are gzip (RFC 1952). */
async function unzipped(
  chunks: AsyncGenerator<Uint8Array, undefined>,
  counter: Counter,
): Promise<AsyncGenerator<Uint8Array, undefined>> {
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < 2) {
    const { value, done } = await chunks.next();
    if (done) break;
    first.push(value);
    length += value.length;
  }
  const [a, b] = joined(first, Math.min(2, length));
  const all = both(first, chunks);
  return a === 0x1f && b === 0x8b ? inflated(all, counter) : all;
}

async function* both(
  first: readonly Uint8Array[],
  rest: AsyncGenerator<Uint8Array, undefined>,
): AsyncGenerator<Uint8Array, undefined> {
  try {
    yield* first;
    for await (const chunk of rest) yield chunk;
  } finally {
    await rest.return(undefined);
  }
}

async function* inflated(
  chunks: AsyncGenerator<Uint8Array, undefined>,
  counter: Counter,
): AsyncGenerator<Uint8Array, undefined> {
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { value, done } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(new Uint8Array(value));
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
  const reader = source.pipeThrough(new DecompressionStream('gzip')).getReader();
  let length = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      length += next.value.length;
      if (length > Math.max(MAX_UNPACKED, MAX_RATIO * counter.bytes)) {
        counter.unread = 'unpacked';
        return;
      }
      yield next.value;
    }
  } catch (error) {
    // A file that is cut off still has a beginning.
    if (length === 0) throw error;
    counter.unread = 'gzip-cut';
  } finally {
    // The packed bytes alone are left: cancelling what unpacks them ends Node 20, where it unpacks on and has nowhere to put it.
    chunks.return(undefined).catch(() => {});
  }
}

async function* decoded(
  first: readonly Uint8Array[],
  rest: AsyncGenerator<Uint8Array, undefined>,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encodingOf(...first));
  for await (const chunk of both(first, rest)) {
    // A source may give all at once.
    for (let at = 0; at < chunk.length; at += CHUNK)
      yield decoder.decode(chunk.subarray(at, at + CHUNK), { stream: true });
  }
  yield decoder.decode();
}
