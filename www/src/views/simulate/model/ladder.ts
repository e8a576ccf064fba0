import { hostLane, natLane } from './lanes';
import { type Entry, isPacket, type NatEntry, type PacketEntry, type PacketParts, type Scenario } from './types';

export type Arrow = 'request' | 'success' | 'error' | 'indication' | 'signal' | 'data';

/** One hop of a packet, or a message of signalling. */
export interface Row {
  /** Place in the ladder, from 1. */
  number: number;
  /** Milliseconds: when it left, and when it arrived or died. */
  time: number;
  end: number;
  from: string;
  /** Lane it goes to; null where nobody knows. */
  to: string | null;
  arrow: Arrow;
  /** Kind of message, such as `binding request`. */
  message: string;
  /** How it ended: at the next hop, or one of the three ways to die. */
  fate: 'arrives' | 'dropped' | 'lost' | 'no-route';
  /** The NAT's decision: the one that sent it on, or the one that dropped it. */
  nat: NatEntry | null;
  /** The packet as it was on this hop; null for signalling. */
  packet: PacketParts | null;
  /** Lines that were signalled. */
  lines: readonly string[];
}

/** A packet on its way: where it last was. */
interface Under {
  from: string;
  time: number;
  parts: PacketParts;
  nat: NatEntry | null;
}

function arrowOf(message: string): Arrow {
  const words = message.split(':')[0] ?? '';
  if (/ request\b/.test(words)) return 'request';
  if (/ success\b/.test(words)) return 'success';
  if (/ error\b/.test(words)) return 'error';
  if (/ indication\b/.test(words)) return 'indication';
  return 'data';
}

/** As the packet left a NAT. */
function afterNat(entry: NatEntry): PacketParts {
  return { ...entry, source: entry.newSource ?? entry.source, destination: entry.newDestination ?? entry.destination };
}

const LEAST_FLIGHT = 1;

function arrival(under: Under, entry: PacketEntry): Omit<Row, 'number'> {
  const dead = entry.kind === 'lost' || entry.kind === 'no-route' ? entry.kind : null;
  const dropped = entry.kind === 'nat' && !entry.passes;
  const to = entry.kind === 'received' ? hostLane(entry.host) : entry.kind === 'nat' ? natLane(entry.network) : null;
  return {
    time: under.time,
    end: dead ? Math.max(entry.time, under.time + LEAST_FLIGHT) : entry.time,
    from: under.from,
    to,
    arrow: arrowOf(under.parts.message),
    message: under.parts.message,
    fate: dead ?? (dropped ? 'dropped' : 'arrives'),
    nat: dropped ? entry : under.nat,
    packet: under.parts,
    lines: [],
  };
}

/** The rows of a trace, by the time each hop begins. */
export function ladder(scenario: Scenario, trace: readonly Entry[]): Row[] {
  const rows: Omit<Row, 'number'>[] = [];
  const under = new Map<number, Under>();
  const delay = (from: string, to: string) => {
    const call = scenario.calls?.find((it) => [it.from, it.to].includes(from) && [it.from, it.to].includes(to));
    return call?.signalling ?? 50;
  };
  for (const entry of trace) {
    if (entry.kind === 'signal') {
      const { message } = entry;
      const lines = message.candidates ?? (message.candidate ? [message.candidate] : []);
      rows.push({
        time: entry.time,
        end: entry.time + delay(entry.from, entry.to),
        from: hostLane(entry.from),
        to: hostLane(entry.to),
        arrow: 'signal',
        message: entry.sip ?? message.type,
        fate: 'arrives',
        nat: null,
        packet: null,
        lines,
      });
      continue;
    }
    if (!isPacket(entry)) continue;
    if (entry.kind === 'sent') {
      under.set(entry.packet, { from: hostLane(entry.host), time: entry.time, parts: entry, nat: null });
      continue;
    }
    const was = under.get(entry.packet);
    if (was) rows.push(arrival(was, entry));
    if (entry.kind === 'nat' && entry.passes) {
      under.set(entry.packet, { from: natLane(entry.network), time: entry.time, parts: afterNat(entry), nat: entry });
    } else if (entry.kind !== 'received') under.delete(entry.packet);
  }
  rows.sort((a, b) => a.time - b.time);
  return rows.map((row, index) => ({ ...row, number: index + 1 }));
}

/** How many rows have begun at that time: rows are sorted. */
export function begun(rows: readonly { time: number }[], time: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.time ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Place of the row with that number among rows in the order of their numbers; -1 when it is not among them. */
export function placeOf(rows: readonly Row[], number: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.number ?? 0) < number) low = middle + 1;
    else high = middle;
  }
  return rows[low]?.number === number ? low : -1;
}

/** Hex as bytes; nothing of what isn't. */
export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/[0-9a-f]{2}/gi) ?? [], (pair) => Number.parseInt(pair, 16));
}
