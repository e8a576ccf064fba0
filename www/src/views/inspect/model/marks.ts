/** The map at the source's right edge: marks of the whole document on a strip of a few hundred pixels. */

export type MarkKind = 'offer' | 'answer' | 'host' | 'srflx' | 'prflx' | 'relay' | 'error' | 'warning' | 'info';

export interface MarkSource {
  kind: MarkKind;
  first: number;
  last: number;
}

export interface Mark {
  kind: MarkKind;
  /** Percent of the strip. */
  top: number;
  height: number;
}

/** Strip positions told apart; marks of one kind in one position are one mark. */
const STEPS = 500;

export function placeMarks(sources: readonly MarkSource[], lineCount: number): Mark[] {
  const seen = new Set<string>();
  const marks: Mark[] = [];
  const lines = Math.max(1, lineCount);
  for (const { kind, first, last } of sources) {
    const from = Math.floor((first / lines) * STEPS);
    const to = Math.max(from + 1, Math.ceil(((last + 1) / lines) * STEPS));
    const id = `${kind} ${from} ${to}`;
    if (seen.has(id)) continue;
    seen.add(id);
    marks.push({ kind, top: (from * 100) / STEPS, height: ((to - from) * 100) / STEPS });
  }
  return marks;
}
