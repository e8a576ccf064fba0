/** Two runs as the page shows them: each message once, from the host that sends it to where it ends. */
import type { RunComparison } from 'icelens/sim';
import { type Entry, isPacket } from '../model/types';
import type { ComparedCell, ComparedRow } from './protocol';

/** Rows shown at most. */
export const MAX_ROWS = 400;

interface End {
  fate: ComparedCell['fate'];
  to: string;
  rule: string | null;
  why: string | null;
}

/** How each packet of a trace ended, by its number. */
function endsOf(trace: readonly Entry[]): Map<number, End> {
  const ends = new Map<number, End>();
  for (const entry of trace) {
    if (!isPacket(entry) || entry.kind === 'sent') continue;
    const known = ends.get(entry.packet);
    if (entry.kind === 'received') {
      ends.set(entry.packet, { fate: 'arrives', to: entry.host, rule: known?.rule ?? null, why: known?.why ?? null });
    } else if (entry.kind === 'nat') {
      const { network, rule, why, passes } = entry;
      ends.set(entry.packet, { fate: passes ? 'under-way' : 'dropped', to: network, rule, why });
    } else ends.set(entry.packet, { fate: entry.kind, to: known?.to ?? '', rule: null, why: null });
  }
  return ends;
}

function cellOf(trace: readonly Entry[], ends: Map<number, End>, index: number | null): ComparedCell | null {
  const entry = index === null ? undefined : trace[index];
  if (entry?.kind === 'signal') {
    const { time, from, to, message, sip } = entry;
    return { time, from, to, words: sip ?? message.type, signal: true, fate: 'arrives', rule: null, why: null };
  }
  if (entry?.kind !== 'sent') return null;
  const end = ends.get(entry.packet) ?? { fate: 'under-way' as const, to: '', rule: null, why: null };
  return { time: entry.time, from: entry.host, words: entry.message, signal: false, ...end };
}

/** The rows until both calls are decided. */
export function comparedRows(
  { rows, deciding }: RunComparison,
  a: { trace: readonly Entry[]; elapsed: number | null },
  b: { trace: readonly Entry[]; elapsed: number | null },
): ComparedRow[] {
  const [ours, theirs] = [endsOf(a.trace), endsOf(b.trace)];
  const last = Math.max(a.elapsed ?? 0, b.elapsed ?? 0);
  const shown: ComparedRow[] = [];
  for (const [index, row] of rows.entries()) {
    const cells = { a: cellOf(a.trace, ours, row.a), b: cellOf(b.trace, theirs, row.b) };
    const time = Math.min(cells.a?.time ?? Number.POSITIVE_INFINITY, cells.b?.time ?? Number.POSITIVE_INFINITY);
    if (shown.length >= MAX_ROWS || (last > 0 && time > last && index > (deciding?.row ?? 0))) break;
    shown.push({ ...cells, differs: row.differs });
  }
  return shown;
}
