import type { CandidateRow } from './candidates';
import { type End, endKey, type PairRecord } from './pairs';
import { type Base, baseOf, noPair, type Reason, unpaired } from './reasons';

/** A crossing of a local row and a remote column: a pair, or why there is none. */
export type Cell = { pair: PairRecord } | { reason: Reason };

/** A row of the pair matrix: a local candidate with its pairs, or local candidates that form none and why. */
export type MatrixRow =
  | { kind: 'pairs'; key: string; local: End; cells: Cell[] }
  | { kind: 'pruned'; key: string; locals: CandidateRow[]; base: Base }
  | { kind: 'unpaired'; key: string; locals: CandidateRow[]; reason: Reason };

export interface Matrix {
  columns: { key: string; remote: End }[];
  rows: MatrixRow[];
  /** Pairs left out because their base has the same one; those of a hidden base can't be counted. */
  pruned: number;
}

function distinct(ends: readonly End[]): Map<string, End> {
  const out = new Map<string, End>();
  for (const end of ends) if (!out.has(endKey(end))) out.set(endKey(end), end);
  return out;
}

const byPriority = (a: [string, End], b: [string, End]) => b[1].priority - a[1].priority;

/** Groups in order of first sight; unlike Map.groupBy, Node 20 has it too. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const out = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const own = out.get(key);
    if (own) own.push(item);
    else out.set(key, [item]);
  }
  return out;
}

function baseKey(base: Base): string {
  if (base.kind === 'end') return endKey(base.end);
  return base.kind === 'absent' ? `${base.address} ${base.port}` : 'hidden';
}

/**
 * Local rows by remote columns, each by candidate priority. Gathered server-reflexive candidates have no pairs of their
 * own, since checks leave from their base (RFC 8445 §6.1.2.4); those of one base share a row below it that says so.
 */
export function pairMatrix(
  pairs: readonly PairRecord[],
  gathered: { local: readonly CandidateRow[]; remote: readonly CandidateRow[] },
): Matrix {
  const columns = [...distinct(pairs.map((p) => p.remote))].sort(byPriority).map(([key, remote]) => ({ key, remote }));
  const locals = [...distinct(pairs.map((p) => p.local))].sort(byPriority);
  const at = new Map(pairs.map((p) => [`${endKey(p.local)}|${endKey(p.remote)}`, p]));
  const cell = (key: string, local: End, column: (typeof columns)[number]): Cell => {
    const pair = at.get(`${key}|${column.key}`);
    return pair ? { pair } : { reason: noPair(local, column.remote) };
  };
  const rows: MatrixRow[] = locals.map(([key, local]) => ({
    kind: 'pairs',
    key,
    local,
    cells: columns.map((column) => cell(key, local, column)),
  }));
  if (pairs.length === 0) return { columns, rows, pruned: 0 };

  const paired = (c: CandidateRow) => locals.some(([, l]) => l.port === c.port && l.priority === c.priority);
  const left = gathered.local.filter((c) => !paired(c));
  const reflexive = left.filter((c) => c.type === 'srflx' && c.protocol === 'udp');
  const ends = locals.map(([, end]) => end);
  let pruned = 0;
  const groups = grouped(reflexive, (c) => baseKey(baseOf(c, ends)));
  for (const [key, own] of groups) {
    const [first] = own;
    if (!first) continue;
    const base = baseOf(first, ends);
    const row: MatrixRow = { kind: 'pruned', key: `pruned ${key}`, locals: own, base };
    const above = base.kind === 'end' ? rows.findIndex((r) => r.kind === 'pairs' && r.key === key) : rows.length - 1;
    rows.splice(above + 1, 0, row);
    if (base.kind === 'end') pruned += own.length * pairs.filter((p) => endKey(p.local) === key).length;
  }
  const others = left.filter((c) => !reflexive.includes(c)).map((c) => ({ c, reason: unpaired(c, gathered.remote) }));
  for (const [key, own] of grouped(others, ({ reason }) => JSON.stringify(reason))) {
    const [first] = own;
    if (first) rows.push({ kind: 'unpaired', key, locals: own.map(({ c }) => c), reason: first.reason });
  }
  return { columns, rows, pruned };
}
