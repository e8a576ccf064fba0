/** How many lines of a text something was read from; the others are kept, and were not understood. */

import type { Analysis } from 'icelens';
import type { LineIndex } from '../model/lines';
import type { SessionRow } from './types';

/** Lines with anything on them, and of these the ones that hold a finding, configure a server, are read as a log, or tell an outcome. */
export function linesRead(
  { findings, logs, servers }: Pick<Analysis, 'findings' | 'logs' | 'servers'>,
  sessions: readonly Pick<SessionRow, 'outcome'>[],
  text: string,
  lines: LineIndex,
): { read: number; of: number } {
  const read = new Set<number>();
  for (const { start, end } of findings) {
    const last = lines.lineAt(Math.max(start, end - 1));
    for (let line = lines.lineAt(start); line <= last; line++) read.add(line);
  }
  for (const { events } of logs) for (const { line } of events) read.add(line - 1);
  for (const { line } of servers) read.add(line - 1);
  for (const { outcome } of sessions) if (outcome) read.add(lines.lineAt(outcome.at));
  let of = 0;
  for (let line = 0; line < lines.count; line++) {
    if (/\S/.test(text.slice(lines.start(line), lines.start(line + 1)))) of++;
    else read.delete(line);
  }
  return { read: read.size, of };
}
