/** Diagnostics of one cause as one row: the same code and the same words, in all their places. */

import type { DiagnosticRow } from '../report/types';
import { SEVERITIES, type Severity } from './severity';

export interface Cause {
  code: string;
  severity: Severity;
  /** In the order of the text; never empty. */
  rows: readonly DiagnosticRow[];
  first: DiagnosticRow;
}

/** Errors first, then warnings, then notes; within these by the first place in the text. */
export function causesOf(rows: readonly DiagnosticRow[]): Cause[] {
  const causes = new Map<string, { code: string; severity: Severity; rows: DiagnosticRow[]; first: DiagnosticRow }>();
  for (const row of rows) {
    const key = `${row.severity} ${row.code} ${row.message}`;
    const cause = causes.get(key);
    if (cause) cause.rows.push(row);
    else causes.set(key, { code: row.code, severity: row.severity, rows: [row], first: row });
  }
  const rank = (cause: Cause) => SEVERITIES.indexOf(cause.severity);
  return [...causes.values()].sort((a, b) => rank(a) - rank(b) || a.first.start - b.first.start);
}

/** Lines as ranges: `8`, `11–24`; lines that follow one another are one. */
export function lineRanges(lines: readonly number[]): string[] {
  const ranges: [number, number][] = [];
  for (const line of lines) {
    const last = ranges.at(-1);
    if (last && line <= last[1] + 1) last[1] = Math.max(last[1], line);
    else ranges.push([line, line]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`));
}

/** The text after every fix of the rows; those that overlap one before are left out. */
export function fixAll(text: string, rows: readonly DiagnosticRow[]): string {
  const fixes = rows.flatMap(({ fix }) => (fix === null ? [] : [fix])).sort((a, b) => a.start - b.start);
  const parts: string[] = [];
  let done = 0;
  for (const { start, end, replacement } of fixes) {
    if (start < done) continue;
    parts.push(text.slice(done, start), replacement);
    done = end;
  }
  return parts.join('') + text.slice(done);
}
