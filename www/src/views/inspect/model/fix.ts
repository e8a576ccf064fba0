/** What the text would be after a fix, for showing before it is applied. */

import type { Fix } from '../report/types';
import type { LineIndex } from './lines';

export interface FixedLine {
  before: string;
  /** What is new. */
  added: string;
  after: string;
}

/** Most characters shown around what is new. */
const CONTEXT = 80;

/** The lines that the fix writes; empty when it takes whole lines away. */
export function fixedLines(text: string, lines: LineIndex, fix: Fix): FixedLine[] {
  const line = lines.lineAt(fix.start);
  const lastLine = lines.lineAt(Math.max(fix.start, fix.end - 1));
  const before = text.slice(Math.max(lines.start(line), fix.start - CONTEXT), fix.start);
  const after = text.slice(fix.end, Math.max(fix.end, Math.min(lines.end(lastLine, text), fix.end + CONTEXT)));
  if (fix.replacement === '' && before === '' && after === '') return [];
  const added = fix.replacement.split(/\r\n|\r|\n/);
  return added
    .map((words, index) => ({
      before: index === 0 ? before : '',
      added: words,
      after: index === added.length - 1 ? after : '',
    }))
    .filter((row) => row.before + row.added + row.after !== '');
}
