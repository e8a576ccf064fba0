/** A check list as cells of a matrix: pairs in the order they are checked, then what makes no pair, with the rule. */

import type { PairRule, PairState } from 'icelens';
import type { CheckListReport, LeftOutRow } from './types';

export interface Cell {
  /** Indexes into the report's candidates. */
  local: number;
  remote: number;
  state: PairState | 'pruned';
  priority: bigint | null;
  /** Why it is not checked; null for a pair of the list. */
  rule: PairRule | null;
  /** Never formed, rather than formed and pruned. */
  excluded: boolean;
}

export function checkCells(list: CheckListReport): Cell[] {
  return [
    ...list.pairs.map(
      ({ local, remote, state, priority }): Cell => ({ local, remote, state, priority, rule: null, excluded: false }),
    ),
    ...list.pruned.map((row) => leftOut(row, false)),
    ...list.excluded.map((row) => leftOut(row, true)),
  ];
}

function leftOut({ local, remote, rule }: LeftOutRow, excluded: boolean): Cell {
  return { local, remote, state: 'pruned', priority: null, rule, excluded };
}

/** Section in which each rule stands. */
export const RULE_REFERENCES: Record<PairRule, string | null> = {
  component: 'RFC 8445 §6.1.2.2',
  transport: 'RFC 8445 §6.1.2.2',
  'tcp-direction': 'RFC 6544 §6.2',
  'address-family': 'RFC 8445 §6.1.2.2',
  'link-local': 'RFC 8445 §6.1.2.2',
  redundant: 'RFC 8445 §6.1.2.4',
  'tcp-passive-local': 'RFC 6544 §6.2',
  'pair-limit': 'RFC 8445 §6.1.2.5',
  unreadable: null,
};

/** Rows and columns of the matrix in the order of the cells, and the cell of each crossing. */
export function matrixOf(cells: readonly Cell[]): { locals: number[]; remotes: number[]; at: Map<string, number> } {
  const locals = [...new Set(cells.map((cell) => cell.local))];
  const remotes = [...new Set(cells.map((cell) => cell.remote))];
  const at = new Map<string, number>();
  cells.forEach((cell, index) => {
    const key = `${cell.local} ${cell.remote}`;
    if (!at.has(key)) at.set(key, index);
  });
  return { locals, remotes, at };
}
