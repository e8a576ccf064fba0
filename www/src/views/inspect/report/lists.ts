/** The check list that ICE forms from the two sides of each session. */

import { type Agent, type Candidate, formCheckList, type LeftOutPair, type Session } from '#reading';
import type { LeftOutRow, Report } from './types';

/** Most pairs listed as left out; the rest follows the same rules. */
const MAX_LEFT_OUT = 2000;
/** Sessions whose check list is formed; a log with more than these repeats itself. */
const MAX_LISTS = 500;

/** Forms the list of each session; `rows` leads from the engine's candidate to its row. */
export function formLists(report: Report, sessions: readonly Session[], rows: ReadonlyMap<Candidate, number>): void {
  for (const [index, { offerer, answerer }] of sessions.slice(0, MAX_LISTS).entries()) {
    const session = report.sessions[index];
    if (session === undefined || offerer.candidates.length === 0 || answerer.candidates.length === 0) continue;
    const controlling = offerer.side === 'remote' ? 'remote' : 'local';
    const [local, remote] = controlling === 'local' ? [offerer, answerer] : [answerer, offerer];
    const list = formCheckList(candidatesOf(local), candidatesOf(remote), { controlling: controlling === 'local' });
    const at = (candidate: Candidate) => rows.get(candidate) ?? 0;
    const leftOut = (pairs: readonly LeftOutPair[]): LeftOutRow[] =>
      pairs.slice(0, MAX_LEFT_OUT).map((pair) => ({ local: at(pair.local), remote: at(pair.remote), rule: pair.rule }));
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

function candidatesOf(agent: Agent): Candidate[] {
  return agent.candidates.map(({ candidate }) => candidate);
}
