/** A text with parts taken out or replaced, and where each of its units stood before. */
import { lastAtMost } from './search.js';

/** Replaces the units from `start` up to `end`. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** Pairs of (offset in the new text, offset in the old one), rising: from there on both run in step. */
export type OffsetMap = readonly number[];

/** A text that came from another by edits. */
export interface Edited {
  text: string;
  map: OffsetMap;
}

const IDENTITY: OffsetMap = [0, 0];

/** A text as it stands. */
export const unedited = (text: string): Edited => ({ text, map: IDENTITY });

/** Offset in the old text. */
export function oldOffset(map: OffsetMap, offset: number): number {
  const entry = Math.max(
    0,
    lastAtMost(map.length / 2, (at) => map[at * 2] ?? 0, offset),
  );
  return (map[entry * 2 + 1] ?? 0) + Math.max(0, offset - (map[entry * 2] ?? 0));
}

/** The map of two steps in one: `last` leads to the text that `first` leads from. `length` is that of the last text. */
export function composed(last: OffsetMap, first: OffsetMap, length: number): number[] {
  const map: number[] = [];
  for (let at = 0; at < last.length; at += 2) {
    const begin = last[at] ?? 0;
    const middle = last[at + 1] ?? 0;
    const stop = middle + ((last[at + 2] ?? length) - begin);
    map.push(begin, oldOffset(first, middle));
    let entry = lastAtMost(first.length / 2, (index) => first[index * 2] ?? 0, middle) + 1;
    for (; entry * 2 < first.length && (first[entry * 2] ?? 0) < stop; entry++) {
      map.push(begin + (first[entry * 2] ?? 0) - middle, first[entry * 2 + 1] ?? 0);
    }
  }
  return map;
}

/** Applies edits that follow each other; those that begin inside the one before are left out. */
export function edited(before: Edited, edits: Iterable<Edit>): Edited {
  const parts: string[] = [];
  const map: number[] = [0, 0];
  let at = 0;
  let length = 0;
  for (const { start, end, text } of edits) {
    if (start < at) continue;
    parts.push(before.text.slice(at, start), text);
    length += start - at + text.length;
    // What was put in stands for the beginning of what it replaced.
    if (text !== '') map.push(length - text.length, start);
    map.push(length, end);
    at = end;
  }
  if (parts.length === 0) return before;
  parts.push(before.text.slice(at));
  const text = parts.join('');
  return { text, map: composed(map, before.map, text.length) };
}
