/** The check list that ICE forms from the two sides of each session. */

import { type Candidate, formCheckList, type LeftOutPair } from 'icelens';
import type { LeftOutRow, Report } from './types';

/** Most pairs listed as left out; the rest follows the same rules. */
const MAX_LEFT_OUT = 2000;
/** Sessions whose check list is formed; a log with more than these repeats itself. */
const MAX_LISTS = 500;

/** `objects[i]` is the engine's candidate of `report.candidates[i]`. */
export function formLists(report: Report, objects: readonly Candidate[]): void {
  const sides = report.sessions.map(() => ({ local: [] as number[], remote: [] as number[] }));
  for (const { index, session, side } of report.candidates) if (side !== null) sides[session]?.[side].push(index);
  for (const session of report.sessions.slice(0, MAX_LISTS)) {
    const { local, remote } = sides[session.index] ?? { local: [], remote: [] };
    if (local.length === 0 || remote.length === 0) continue;
    const indexOf = new Map<Candidate, number>();
    const take = (rows: readonly number[]) =>
      distinct(rows, report).flatMap((index) => {
        const object = objects[index];
        if (object === undefined) return [];
        indexOf.set(object, index);
        return [object];
      });
    const controlling = report.descriptions[session.offer ?? -1]?.side ?? 'local';
    const list = formCheckList(take(local), take(remote), { controlling: controlling === 'local' });
    const at = (candidate: Candidate) => indexOf.get(candidate) ?? 0;
    const leftOut = (rows: readonly LeftOutPair[]): LeftOutRow[] =>
      rows.slice(0, MAX_LEFT_OUT).map((row) => ({ local: at(row.local), remote: at(row.remote), rule: row.rule }));
    session.checkList = {
      controlling,
      pairs: list.pairs.map((pair) => ({
        local: at(pair.local),
        remote: at(pair.remote),
        priority: pair.priority,
        foundation: pair.foundation,
        component: pair.component,
        state: pair.state,
      })),
      pruned: leftOut(list.pruned),
      excluded: leftOut(list.excluded),
    };
  }
}

/** Logs repeat candidates (gathered, sent, received): each counts once. */
function distinct(rows: readonly number[], report: Report): number[] {
  const seen = new Set<string>();
  return rows.filter((index) => {
    const row = report.candidates[index];
    if (row === undefined) return false;
    const key = `${row.component} ${row.protocol.toLowerCase()} ${row.address} ${row.port} ${row.type} ${row.sdpMid ?? ''}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
