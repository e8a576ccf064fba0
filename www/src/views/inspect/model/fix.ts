/** The text as it would be after a fix, for showing before it is applied. */

import type { Fix } from '../report/types';
import type { LineIndex } from './lines';

export interface FixedLine {
  before: string;
  /** Text that is new. */
  added: string;
  after: string;
}

/** Most lines compared one by one; a longer replacement is shown as it is. */
const MAX_LINES = 200;
/** Most characters shown of what stays on a line. */
const CONTEXT = 80;

/** The lines that the fix changes or adds; empty when it only takes lines away. */
export function fixedLines(text: string, lines: LineIndex, fix: Fix): FixedLine[] {
  const first = lines.lineAt(fix.start);
  const last = lines.lineAt(Math.max(fix.start, fix.end - 1));
  const start = lines.start(first);
  const end = Math.max(fix.end, lines.end(last, text));
  const old = split(text.slice(start, end));
  const wanted = split(text.slice(start, fix.start) + fix.replacement + text.slice(fix.end, end));
  const kept = wanted.length <= MAX_LINES && old.length <= MAX_LINES ? common(old, wanted) : new Set<number>();
  return wanted.flatMap((line, index) => (kept.has(index) || line === '' ? [] : [changed(line, old)]));
}

function split(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}

/** Indexes of the new lines that are the old ones, by the longest common subsequence. */
function common(old: readonly string[], wanted: readonly string[]): Set<number> {
  const width = wanted.length + 1;
  const lengths = new Uint16Array((old.length + 1) * width);
  for (let a = old.length - 1; a >= 0; a--) {
    for (let b = wanted.length - 1; b >= 0; b--) {
      const skip = Math.max(lengths[(a + 1) * width + b] ?? 0, lengths[a * width + b + 1] ?? 0);
      const both = old[a] === wanted[b] ? (lengths[(a + 1) * width + b + 1] ?? 0) + 1 : 0;
      lengths[a * width + b] = Math.max(skip, both);
    }
  }
  const kept = new Set<number>();
  let a = 0;
  let b = 0;
  while (a < old.length && b < wanted.length) {
    if (old[a] === wanted[b]) {
      kept.add(b);
      a++;
      b++;
    } else if ((lengths[(a + 1) * width + b] ?? 0) >= (lengths[a * width + b + 1] ?? 0)) a++;
    else b++;
  }
  return kept;
}

/** The new part of a line, beside the old line that begins most like it. */
function changed(line: string, old: readonly string[]): FixedLine {
  let head = 0;
  let nearest = '';
  for (const other of old) {
    const shared = sharedStart(line, other);
    if (shared > head) {
      head = shared;
      nearest = other;
    }
  }
  // A letter and "=" alone is not a likeness.
  if (head < 3) return { before: line.slice(0, 2), added: line.slice(2), after: '' };
  let tail = 0;
  const most = Math.min(line.length, nearest.length) - head;
  while (tail < most && line[line.length - 1 - tail] === nearest[nearest.length - 1 - tail]) tail++;
  // Whole words read better than the letters in which they differ.
  while (head > 0 && /\w/.test(line[head - 1] ?? '') && head < line.length - tail) head--;
  const before = line.slice(0, head);
  const after = line.slice(line.length - tail);
  return {
    before: before.length > CONTEXT ? `…${before.slice(-CONTEXT)}` : before,
    added: line.slice(head, line.length - tail),
    after: after.length > CONTEXT ? `${after.slice(0, CONTEXT)}…` : after,
  };
}

function sharedStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
