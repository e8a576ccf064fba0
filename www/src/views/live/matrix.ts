import type { CandidateRow } from './candidates';
import { type End, endKey, type PairRecord } from './pairs';

/** A row of the pair matrix: a local candidate with its pairs, or local candidates that form none and why. */
export type MatrixRow =
  | { kind: 'pairs'; key: string; local: End; cells: (PairRecord | null)[] }
  | { kind: 'pruned'; key: string; locals: CandidateRow[]; base: End | null }
  | { kind: 'unpaired'; key: string; locals: CandidateRow[] };

export interface Matrix {
  columns: { key: string; remote: End }[];
  rows: MatrixRow[];
}

function distinct(ends: readonly End[]): Map<string, End> {
  const out = new Map<string, End>();
  for (const end of ends) if (!out.has(endKey(end))) out.set(endKey(end), end);
  return out;
}

const byPriority = (a: [string, End], b: [string, End]) => b[1].priority - a[1].priority;

/**
 * Local rows by remote columns, each by candidate priority. Gathered server-reflexive candidates have no pairs of their
 * own, since checks leave from their base (RFC 8445 §6.1.2.4); they share one row that says so.
 */
export function pairMatrix(pairs: readonly PairRecord[], gathered: readonly CandidateRow[]): Matrix {
  const columns = [...distinct(pairs.map((p) => p.remote))].sort(byPriority).map(([key, remote]) => ({ key, remote }));
  const locals = [...distinct(pairs.map((p) => p.local))].sort(byPriority);
  const at = new Map(pairs.map((p) => [`${endKey(p.local)}|${endKey(p.remote)}`, p]));
  const rows: MatrixRow[] = locals.map(([key, local]) => ({
    kind: 'pairs',
    key,
    local,
    cells: columns.map((column) => at.get(`${key}|${column.key}`) ?? null),
  }));
  if (pairs.length === 0) return { columns, rows };

  const paired = (c: CandidateRow) => locals.some(([, l]) => l.port === c.port && l.priority === c.priority);
  const left = gathered.filter((c) => !paired(c));
  const pruned = left.filter((c) => c.type === 'srflx' && c.protocol === 'udp');
  if (pruned.length > 0) {
    const base = locals.map(([, l]) => l).find((l) => l.type === 'host' || l.type === 'prflx') ?? null;
    const after = rows.findIndex((r) => r.kind === 'pairs' && base !== null && r.key === endKey(base));
    rows.splice(after + 1, 0, { kind: 'pruned', key: 'pruned', locals: pruned, base });
  }
  const unpaired = left.filter((c) => !pruned.includes(c));
  if (unpaired.length > 0) rows.push({ kind: 'unpaired', key: 'unpaired', locals: unpaired });
  return { columns, rows };
}
