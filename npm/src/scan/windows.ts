/** A text of any length, searched window by window: memory and the length of one call stay bounded. */
import type { ScanJob } from '#glue/scan';
import { instantiate } from '#wasm/scan';
import { utf8Encoder } from '../text.js';
import { Instance, Machine } from '../trap.js';
import type { CaptureRecord } from './capture.js';
import { type Finding, type FindingRecord, findingOf } from './finding.js';
import { type Origin, Source } from './source.js';

/** Result of a job. @internal */
export interface JobReport {
  findings: FindingRecord[];
  truncated: number | null;
  capture: CaptureRecord | null;
  addresses: string[];
}

/** Most findings of one input. @internal */
export const MAX_FINDINGS = 50_000;
/** Units of one window. @internal */
export const WINDOW = 1 << 20;
/** Units at the end of a window within which a finding is searched for again in the next, whole. */
const MARGIN = 32 << 10;
/** Units before the first new finding that the next window begins with: heads of messages, labels. */
const CONTEXT = 8 << 10;
/** Units kept before a finding of an input that is not kept. */
const BESIDE = 400;
/** Findings between two pauses. */
const SLICE = 1_000;
/** Bytes between two pauses. */
const STEP = 1 << 17;

const wasm = /* @__PURE__ */ new Instance(instantiate);
type Job = Machine<ReturnType<typeof instantiate>, ScanJob>;

/** Starts a job on a text or on bytes. @internal */
export function begin(input: string | Uint8Array): Job {
  const text = typeof input === 'string';
  const bytes = text ? utf8Encoder().encode(input) : input;
  return new Machine(wasm, 'scan', (exports) => new exports.ScanJob(bytes, text));
}

/** Goes through a job, yielding how far it has come; frees it when it is left. @internal */
export function* run(job: Job): Generator<number, JobReport> {
  let whole = false;
  try {
    while (!job.call((it) => it.step(STEP))) yield job.call((it) => it.position());
    whole = true;
    return job.call((it) => it.finish()) as JobReport;
  } finally {
    if (!whole) job.free();
  }
}

/** The findings of a text, as its windows give them. @internal */
export class Windows {
  readonly findings: Finding[] = [];
  /** Offset at which the search ended because there were too many findings. */
  truncated: number | null = null;
  /** Offset at which the next window has to begin. */
  next = 0;
  readonly #source: Source | null;
  /** Offset before which everything is settled. */
  #cut = 0;
  #line = 1;
  /** Indexes of messages by their offset: the body may be in the next window. */
  readonly #messages = new Map<number, number>();

  /** Findings are cut from `source`; without it each keeps the text around it. */
  constructor(source: Source | null) {
    this.#source = source;
  }

  /** Searches the window that begins at `next`. `last`: nothing follows it. Yields the units done. */
  *take(window: string | Uint8Array, last: boolean): Generator<number> {
    const base = this.next;
    const { findings, truncated } = yield* run(begin(window));
    const limit = last || truncated !== null ? window.length : cutOf(window, findings);
    yield limit;
    yield* this.#settle(window, base, findings, base + limit);
    if (truncated !== null && this.findings.length < MAX_FINDINGS) this.truncated ??= base + truncated;
    const from = last ? window.length : lineStart(window, Math.max(0, limit - CONTEXT));
    this.next = base + from;
    this.#line += lineEnds(window, 0, from);
    this.#cut = base + limit;
  }

  *#settle(window: string | Uint8Array, base: number, records: FindingRecord[], cut: number): Generator<number> {
    const indexes: (number | null)[] = [];
    for (const [at, record] of records.entries()) {
      if (at % SLICE === SLICE - 1) yield cut - base;
      const start = record.start + base;
      if (start < this.#cut || start >= cut || this.truncated !== null) {
        indexes.push(this.#messages.get(start) ?? null);
        continue;
      }
      if (this.findings.length >= MAX_FINDINGS) {
        this.truncated = start;
        return;
      }
      const index = this.findings.length;
      indexes.push(index);
      if (record.kind === 'sip' || record.kind === 'rtsp' || record.kind === 'http') this.#messages.set(start, index);
      const moved = move(record, base, this.#line - 1, indexes);
      this.findings.push(findingOf(moved, this.#source ?? clip(window, base, record, moved), index));
    }
  }
}

/** Offset at which a window is cut: at a line, and before the first finding that comes near its end. */
function cutOf(window: string | Uint8Array, findings: readonly FindingRecord[]): number {
  const limit = lineStart(window, Math.max(1, window.length - MARGIN));
  const near = findings.find(({ end }) => end > limit);
  if (near === undefined || near.start >= limit) return limit;
  // A finding that fills half a window is taken as it is: the next would not show more of it.
  return near.start > window.length / 2 ? near.start : Math.min(near.end, window.length);
}

/** A record of a window, with the offsets and indexes of the whole. */
function move(record: FindingRecord, by: number, lines: number, indexes: readonly (number | null)[]): FindingRecord {
  const moved = { ...record, start: record.start + by, end: record.end + by, line: record.line + lines };
  if ('map' in moved) moved.map = moved.map.map((offset, at) => (at % 2 === 0 ? offset : offset + by));
  if (moved.kind === 'sdp' && moved.message !== null) moved.message = indexes[moved.message] ?? null;
  return moved;
}

/** A copy of the text around a finding. */
function clip(window: string | Uint8Array, base: number, { start, end }: FindingRecord, moved: FindingRecord): Source {
  const from = Math.max(0, start - BESIDE);
  const origin: Origin = {
    offset: base + from,
    line: moved.line - lineEnds(window, from, start),
    column: from - lineStart(window, from) + 1,
  };
  return new Source(copy(window, from, end), [], origin);
}

/** A part that does not hold on to the whole, as slices of strings do. */
function copy(window: string | Uint8Array, start: number, end: number): string | Uint8Array {
  if (typeof window !== 'string') return window.slice(start, end);
  return ` ${window.slice(start, end)}`.slice(1);
}

/** Longest line of which the start is looked for. */
const MAX_LINE = 64 << 10;

/** Offset at which the line of `offset` begins; `offset` itself in a line that is too long. */
function lineStart(window: string | Uint8Array, offset: number): number {
  if (offset === 0) return 0;
  const from = Math.max(0, offset - MAX_LINE);
  const before = window.slice(from, offset);
  const at = typeof before === 'string' ? before.lastIndexOf('\n') : before.lastIndexOf(10);
  if (at >= 0) return from + at + 1;
  return from === 0 ? 0 : offset;
}

function lineEnds(window: string | Uint8Array, start: number, end: number): number {
  const next =
    typeof window === 'string' ? (at: number) => window.indexOf('\n', at) : (at: number) => window.indexOf(10, at);
  let count = 0;
  for (let at = next(start); at >= 0 && at < end; at = next(at + 1)) count++;
  return count;
}

/** Searches a text or bytes that are in memory. Yields how far it has come. @internal */
export function* searchText(input: string | Uint8Array): Generator<number, Windows> {
  const windows = new Windows(new Source(input));
  for (;;) {
    const at = windows.next;
    const stop = Math.min(input.length, at + WINDOW);
    const window = typeof input === 'string' ? input.slice(at, stop) : input.subarray(at, stop);
    for (const done of windows.take(window, stop === input.length)) yield Math.min(at + done, stop);
    if (stop === input.length || windows.truncated !== null) return windows;
  }
}
