/** Geometry of the checks' timeline: a window of time on a strip of pixels. */

export interface TimeWindow {
  /** Milliseconds. */
  from: number;
  to: number;
}

/** Narrowest window that zooming reaches. */
const NARROWEST = 2;

/** Position in percent of the strip; outside it, under 0 or over 100. */
export function percent(time: number, { from, to }: TimeWindow): number {
  return to > from ? ((time - from) / (to - from)) * 100 : 0;
}

/** Round times for an axis of about `wanted` labels. */
export function ticks({ from, to }: TimeWindow, wanted: number): number[] {
  const span = to - from;
  if (!(span > 0) || wanted < 1) return [];
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  const list: number[] = [];
  for (let index = Math.ceil(from / step); index * step <= to && list.length < 100; index++) list.push(index * step);
  return list;
}

/** The window made narrower or wider around a time, kept inside the whole. */
export function zoom(now: TimeWindow, whole: TimeWindow, at: number, factor: number): TimeWindow {
  const span = Math.min(whole.to - whole.from, Math.max(NARROWEST, (now.to - now.from) * factor));
  const share = now.to > now.from ? (at - now.from) / (now.to - now.from) : 0.5;
  return keepInside(at - span * share, span, whole);
}

export function pan(now: TimeWindow, whole: TimeWindow, by: number): TimeWindow {
  return keepInside(now.from + by, now.to - now.from, whole);
}

function keepInside(from: number, span: number, whole: TimeWindow): TimeWindow {
  const start = Math.max(whole.from, Math.min(from, whole.to - span));
  return { from: start, to: Math.min(whole.to, start + span) };
}

/** Of a span of time, what is left free behind it for labels. */
const ROOM = 0.3;

/** The whole of some checks, with room at the end for labels; the first window leaves out the long tail of consent. */
export function wholeOf(times: readonly number[]): TimeWindow {
  let from = Infinity;
  let to = -Infinity;
  for (const time of times) {
    if (time < from) from = time;
    if (time > to) to = time;
  }
  if (!Number.isFinite(from)) return { from: 0, to: 1 };
  return { from, to: Math.max(from + 1, to + (to - from) * ROOM) };
}
