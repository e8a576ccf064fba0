/** Where the parts of the drawing stand: the base, the mappings it got, and the servers that saw each. */

import { shortAddress, shortServer } from './candidates';
import type { Seen } from './natWords';

/** Width of a letter of the labels, px. */
export const LABEL_PX = 6.7;
const ROW = 22;
/** Left edge of the base's text, beside its sign. */
const BASE_X = 16;
/** Space that a curve takes at least, with its distances to the labels. */
const CURVE = 28;

export interface Label {
  x: number;
  y: number;
  text: string;
}

export interface Fan {
  height: number;
  base: Label;
  /** Where the curves to the mappings begin. */
  start: number;
  middle: number;
  /** Distance of the curves' control points from their ends. */
  bend: number;
  mappings: (Label & { servers: Label[] })[];
}

const widthOf = (text: string) => text.length * LABEL_PX;
const longest = (texts: readonly string[]) => Math.max(0, ...texts.map(widthOf));

/** The end of an address, its port with it, within so many px. */
function tail(text: string, most: number): string {
  const letters = Math.max(6, Math.floor(most / LABEL_PX));
  return text.length <= letters ? text : `…${text.slice(text.length - letters + 1)}`;
}

const splitPort = (end: string): [string, string] => {
  const at = end.lastIndexOf(':');
  return [end.slice(0, at), end.slice(at + 1)];
};

/** `:63425` where the exit is the same for all, else the whole address. */
function shortMapped(seen: readonly Seen[], mapped: string): string {
  const exits = new Set(seen.map((s) => splitPort(s.mapped)[0]));
  return exits.size === 1 ? `:${splitPort(mapped)[1]}` : mapped;
}

/** A base as `10.2.0.2:44113`; a `.local` name keeps its beginning. */
function shortBase(base: string): string {
  const [address, port] = splitPort(base);
  return address.endsWith('.local') ? `${shortAddress(address, '').replace('.local', '')}:${port}` : base;
}

/** Places everything in a drawing of this width; null without observations. */
export function drawFan(seen: readonly Seen[], width: number): Fan | null {
  const [first] = seen;
  if (first === undefined) return null;
  const mapped = [...new Set(seen.map((s) => s.mapped))];
  const names = new Map(seen.map((s) => [s, tail(shortServer(s.destination), width / 3)]));
  const right = width - longest([...names.values()]);
  const base = shortBase(first.base);
  const short = mapped.map((end) => shortMapped(seen, end));
  // All in one row where it fits, else the base above it, else the ends of the mapped addresses too.
  const beside = BASE_X + widthOf(base) + 6;
  const above = beside + longest(short) + 2 * CURVE > right;
  const start = above ? BASE_X : beside;
  const texts = short.map((text) => tail(text, right - start - 2 * CURVE));
  const bend = (right - start - longest(texts)) / 4;
  const top = above ? ROW : 0;
  const x = start + bend * 2;

  let row = 0;
  const mappings = mapped.map((end, index) => {
    const members = seen.filter((s) => s.mapped === end);
    const servers = members.map((s) => ({ x: right, y: top + row++ * ROW + ROW / 2, text: names.get(s) ?? '' }));
    const y = servers.reduce((sum, server) => sum + server.y, 0) / servers.length;
    return { x, y, text: texts[index] ?? '', servers };
  });
  const height = top + row * ROW;
  const middle = top + (row * ROW) / 2;
  const baseY = above ? ROW / 2 : middle;
  return { height, base: { x: BASE_X, y: baseY, text: tail(base, width - BASE_X) }, start, middle, bend, mappings };
}
