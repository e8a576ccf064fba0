/** A window of time in ms. */
export interface Span {
  from: number;
  to: number;
}

/** Narrowest window, ms. */
export const MIN_SPAN = 20;
const STEPS = [1, 2, 5];

/** Round tick positions inside the span, at most `most`, the step included. */
export function ticks(span: Span, most: number): { at: number[]; step: number } {
  const length = span.to - span.from;
  if (!(length > 0) || most < 1) return { at: [], step: 1 };
  const power = 10 ** Math.floor(Math.log10(length / most));
  const step = STEPS.map((s) => s * power).find((s) => length / s <= most) ?? 10 * power;
  const at: number[] = [];
  for (let i = Math.ceil(span.from / step); i * step <= span.to && at.length <= most; i++) at.push(i * step);
  return { at, step };
}

/** Pixels from the left edge; positions far outside are kept near, so that drawings stay small. */
export function place(time: number, span: Span, width: number): number {
  const x = ((time - span.from) / (span.to - span.from)) * width;
  return Math.min(Math.max(x, -50), width + 50);
}

function inside(span: Span, whole: number): Span {
  const length = Math.min(Math.max(span.to - span.from, MIN_SPAN), Math.max(whole, MIN_SPAN));
  const from = Math.min(Math.max(0, span.from), Math.max(0, whole - length));
  return { from, to: from + length };
}

/** Zooms by `factor` (below 1 is in) around `at`, within 0 to `whole`. */
export function zoom(span: Span, at: number, factor: number, whole: number): Span {
  const f = Number.isFinite(factor) && factor > 0 ? factor : 1;
  return inside({ from: at - (at - span.from) * f, to: at + (span.to - at) * f }, whole);
}

/** Moves by `by` ms, within 0 to `whole`. */
export function pan(span: Span, by: number, whole: number): Span {
  return inside({ from: span.from + by, to: span.to + by }, whole);
}

/** The span between two times in any order. */
export function between(a: number, b: number, whole: number): Span {
  return inside({ from: Math.min(a, b), to: Math.max(a, b) }, whole);
}
