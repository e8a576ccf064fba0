import type { Row } from './ladder';
import { type Lane, natLane, staysOf } from './lanes';
import type { Scenario } from './types';

/** A box of the network's drawing, in pixels. */
export interface Box {
  lane: Lane;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Drawing {
  width: number;
  height: number;
  boxes: Box[];
  /** Point at which the servers' links meet the line between the sides. */
  hub: { x: number; y: number };
  /** Boxes are too narrow for words: signs and short names alone. */
  brief: boolean;
  /** The small drawing: tables of NATs stand below it. */
  narrow: boolean;
  /** Boxes of NATs stand one above the other, and are low. */
  stacked: boolean;
  /** Boxes have room for whole sentences. */
  roomy: boolean;
  /** x of each border between private and public ground. */
  borders: number[];
  /** y below which no tag is drawn: above the boxes of the main line, where the gaps between these are narrower than a tag. */
  lowest: number;
}

interface Sizes {
  height: number;
  host: number;
  nat: number;
  server: number;
  /** Height of a host's and of a NAT's box, and the middle of the main line. */
  tall: [number, number];
  middle: number;
  /** Height of a NAT's box where several stand one above the other. */
  stacked: number;
}
const WIDE: Sizes = { height: 262, host: 104, nat: 142, server: 152, tall: [74, 128], middle: 166, stacked: 88 };
const NARROW: Sizes = { height: 152, host: 72, nat: 90, server: 98, tall: [44, 56], middle: 104, stacked: 56 };
/** Between boxes that stand one above the other. */
const STACK_GAP = 10;
/** Boxes grow to so much of their size where there is room, and say less below that part of it. */
const MOST = 1.7;
const LEAST_WIDE = 0.85;
/** From here on a NAT's line says when it sent, too. */
const ROOMY = 1.5;
/** Room in the middle for the servers' link. */
const MIDDLE = 120;
/** Boxes of which less than this part fits are too small for the large drawing. */
const LEAST = 0.75;
/** Below this width the small drawing is taken, and the tables of the NATs stand below it. */
const SMALL = 470;
const EDGE = 6;
const LEAST_GAP = 8;
/** Between boxes of a side: a packet's tag stands there and covers neither. */
const GAP = 26;
const GAP_NARROW = 12;
/** From the middle of a tag to its edge, and a pixel. */
const HALF_TAG = 10;
/** Width of a host's box with an address of eight letters. */
const LEAST_HOST = 66;

/** The sizes with more height where a host has alternative networks, which stand one above the other. */
function stackedSizes(sizes: Sizes, rows: number): Sizes {
  if (rows <= 1) return sizes;
  const block = rows * sizes.stacked + (rows - 1) * STACK_GAP;
  const more = Math.max(0, block - sizes.tall[1]);
  return {
    ...sizes,
    height: sizes.height + more,
    middle: sizes.middle + more / 2,
    tall: [sizes.tall[0], sizes.stacked],
  };
}

/** Lanes that stand one above the other, from the host of a side outwards. */
function columnsOf(lanes: readonly Lane[]): Lane[][] {
  const columns = new Map<number, Lane[]>();
  for (const lane of lanes) {
    const step = lane.kind === 'nat' ? (lane.step ?? 0) : -1;
    columns.set(step, [...(columns.get(step) ?? []), lane]);
  }
  return [...columns].sort(([a], [b]) => a - b).map(([, column]) => column);
}

/** Boxes of the sides left and right, servers above: a drawing for each width, none is scaled. */
export function drawing(lanes: readonly Lane[], width: number): Drawing {
  const line = lanes.filter((lane) => lane.kind !== 'server');
  const sides = [line.filter(({ side }) => side < 2), line.filter(({ side }) => side === 2)].map(columnsOf);
  const columns = sides.flat();
  const wantedBy = (it: Sizes) =>
    Math.max(
      1,
      columns.reduce((sum, [lane]) => sum + (lane?.kind === 'nat' ? it.nat : it.host), 0),
    );
  const roomBy = (it: Sizes) => width - 2 * EDGE - (it === WIDE ? GAP : GAP_NARROW) * Math.max(1, columns.length - 1);
  const plain = width < SMALL || roomBy(WIDE) / wantedBy(WIDE) < LEAST ? NARROW : WIDE;
  const gap = plain === WIDE ? GAP : GAP_NARROW;
  const [room, wanted] = [roomBy(plain), wantedBy(plain)];
  const most = plain === WIDE ? MOST : 1;
  const scale = Math.min(most, Math.max(Math.min(1, room / wanted), (room - MIDDLE) / wanted));
  const sizes = stackedSizes(plain, 1 + 2 * Math.max(0, ...line.map(({ row }) => Math.abs(row ?? 0))));
  // Small boxes of hosts keep room for an address as long as they can.
  const hosts = line.filter(({ kind }) => kind === 'host').length;
  const hostWidth = Math.max(sizes.host * scale, Math.min(sizes.host, LEAST_HOST, room / Math.max(1, columns.length)));
  const natWidth = Math.min(sizes.nat * scale, (room - hosts * hostWidth) / Math.max(1, columns.length - hosts));
  const boxOf = (lane: Lane): Box => {
    const nat = lane.kind === 'nat';
    const height = sizes.tall[nat ? 1 : 0];
    const y = sizes.middle + (lane.row ?? 0) * (height + STACK_GAP) - height / 2;
    return { lane, x: 0, y, width: nat ? natWidth : hostWidth, height };
  };
  const [left = [], right = []] = sides.map((side) => side.map((column) => column.map(boxOf)));
  let x = EDGE;
  for (const column of left) {
    for (const box of column) box.x = x;
    x += (column[0]?.width ?? 0) + gap;
  }
  let end = width - EDGE;
  for (const column of right) {
    end -= column[0]?.width ?? 0;
    for (const box of column) box.x = end;
    end -= gap;
  }
  const boxes = [...left, ...right].flat();
  const hub = { x: (x - gap + end + gap) / 2, y: sizes.middle };
  const borders = boxes.filter(({ lane }) => lane.kind === 'nat').map((box) => box.x + box.width / 2);
  return {
    width,
    height: sizes.height,
    boxes: [...boxes, ...serverBoxes(lanes, width, plain)],
    hub,
    lowest: plain === NARROW ? Math.min(...boxes.map(({ y }) => y)) - HALF_TAG : sizes.height,
    brief: plain === NARROW || scale < LEAST_WIDE,
    narrow: plain === NARROW,
    stacked: sizes !== plain,
    roomy: scale >= ROOMY,
    borders: [...new Set(borders)],
  };
}

function serverBoxes(lanes: readonly Lane[], width: number, sizes: Sizes): Box[] {
  const servers = lanes.filter((lane) => lane.kind === 'server');
  const each = Math.min(sizes.server, (width - 2 * EDGE) / Math.max(1, servers.length) - LEAST_GAP);
  const all = servers.length * (each + LEAST_GAP) - LEAST_GAP;
  const height = sizes === NARROW ? 28 : 34;
  return servers.map((lane, index) => ({
    lane,
    x: (width - all) / 2 + index * (each + LEAST_GAP),
    y: sizes === NARROW ? 8 : 24,
    width: each,
    height,
  }));
}

interface Point {
  x: number;
  y: number;
}

/** The way of a packet: from one box's edge to another's, by the hub when a server is at an end. */
export function wayOf(drawn: Drawing, row: Pick<Row, 'from' | 'to' | 'fate'>): Point[] {
  const from = drawn.boxes.find(({ lane }) => lane.id === row.from);
  const to = drawn.boxes.find(({ lane }) => lane.id === row.to);
  if (!from) return [];
  const middle = (box: Box): Point => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
  const edge = (box: Box, toward: number): Point => {
    if (box.lane.kind === 'server') return { x: box.x + box.width / 2, y: box.y + box.height };
    return { x: toward > middle(box).x ? box.x + box.width : box.x, y: middle(box).y };
  };
  const { hub } = drawn;
  if (!to) return [edge(from, hub.x), from.lane.kind === 'server' ? { x: edge(from, 0).x, y: hub.y - 20 } : hub];
  if (from.lane.kind === 'server' && to.lane.kind === 'server') {
    const y = edge(from, 0).y + 20;
    return [edge(from, 0), { x: edge(from, 0).x, y }, { x: edge(to, 0).x, y }, edge(to, 0)];
  }
  const corner = (box: Box): Point[] => {
    if (box.lane.kind !== 'server') return [];
    const x = edge(box, 0).x;
    const y = box.y + box.height + 20;
    return [{ x, y }, { x: hub.x, y }, hub];
  };
  return [
    edge(from, to.lane.kind === 'server' ? hub.x : middle(to).x),
    ...corner(from),
    ...corner(to).reverse(),
    edge(to, from.lane.kind === 'server' ? hub.x : middle(from).x),
  ];
}

/** The ways of a drawing, each worked out once. */
export function waysOf(drawn: Drawing): (row: Pick<Row, 'from' | 'to' | 'fate'>) => readonly Point[] {
  const known = new Map<string, readonly Point[]>();
  return (row) => {
    const key = `${row.from}\n${row.to}`;
    const way = known.get(key) ?? wayOf(drawn, row);
    known.set(key, way);
    return way;
  };
}

/** Least way that a packet is seen to go. */
const LEAST_WAY = 12;

/** A way without so much of both its ends, as far as enough of it is left: so a tag stays beside the boxes. */
export function shortened(way: readonly Point[], by: number): Point[] {
  const [first, second, beforeLast, last] = [way[0], way[1], way.at(-2), way.at(-1)];
  if (!first || !second || !beforeLast || !last) return [...way];
  const toward = (from: Point, to: Point, room: number): Point => {
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    const part = length === 0 ? 0 : Math.max(0, Math.min(by, (length - LEAST_WAY) / room)) / length;
    return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
  };
  // A straight way gives to both ends.
  const room = way.length === 2 ? 2 : 1;
  return [toward(first, second, room), ...way.slice(1, -1), toward(last, beforeLast, room)];
}

/** The point a part of the way along, and which way it goes there (1 right, −1 left). */
export function along(way: readonly Point[], part: number): Point & { dir: 1 | -1 } {
  const lengths = way.slice(1).map((p, i) => Math.hypot(p.x - (way[i]?.x ?? 0), p.y - (way[i]?.y ?? 0)));
  let left = lengths.reduce((a, b) => a + b, 0) * Math.min(1, Math.max(0, part));
  const overall = (way.at(-1)?.x ?? 0) >= (way[0]?.x ?? 0) ? 1 : -1;
  for (const [i, length] of lengths.entries()) {
    const a = way[i];
    const b = way[i + 1];
    if (!a || !b) break;
    if (left <= length || i === lengths.length - 1) {
      const k = length === 0 ? 1 : Math.min(1, left / length);
      return { x: a.x + (b.x - a.x) * k, y: a.y + (b.y - a.y) * k, dir: overall };
    }
    left -= length;
  }
  return { x: way[0]?.x ?? 0, y: way[0]?.y ?? 0, dir: overall };
}

/** A line between two boxes, or from a box to the hub. */
export interface Link {
  way: Point[];
  /** A host is where this leads at the time that is shown. */
  used: boolean;
}

/** The lines from each end through its NATs to the hub, those that it has left or not yet taken among them; `time` in milliseconds. */
export function linksOf(drawn: Drawing, scenario: Scenario, time: number): Link[] {
  const links = new Map<string, Link>();
  const add = (from: string, to: string | null, used: boolean) => {
    const key = `${from}\n${to}`;
    const known = links.get(key);
    if (known) known.used ||= used;
    else links.set(key, { way: wayOf(drawn, { from, to, fate: 'arrives' }), used });
  };
  for (const { lane } of drawn.boxes) {
    if (lane.kind === 'nat' && lane.side === 1) add(lane.id, null, true);
    if (lane.kind !== 'host') continue;
    const stays = staysOf(scenario, lane.name);
    const now = stays.findLast(({ since }) => since <= time);
    for (const stay of stays) {
      const ids = [lane.id, ...stay.networks.map(natLane)];
      for (const [index, id] of ids.entries()) add(id, ids[index + 1] ?? null, stay === now);
    }
  }
  return [...links.values()];
}
