/** Lines of a text: where each begins, and which one holds an offset. A line ends at LF, CRLF or a lone CR. */

import { lastAtMost } from './search';

const LF = 10;
const CR = 13;

export class LineIndex {
  /** UTF-16 offset where each line begins; the first is 0. */
  readonly starts: Uint32Array;
  readonly length: number;

  constructor(starts: Uint32Array, length: number) {
    this.starts = starts;
    this.length = length;
  }

  static of(text: string): LineIndex {
    let starts = new Uint32Array(Math.max(16, text.length >>> 5));
    let count = 1;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code > CR || (code !== LF && code !== CR)) continue;
      if (code === CR && text.charCodeAt(at + 1) === LF) at++;
      if (count === starts.length) {
        const wider = new Uint32Array(count * 2);
        wider.set(starts);
        starts = wider;
      }
      starts[count++] = at + 1;
    }
    // A final line break ends the last line; it does not begin another.
    if (count > 1 && starts[count - 1] === text.length) count--;
    return new LineIndex(starts.slice(0, count), text.length);
  }

  get count(): number {
    return this.starts.length;
  }

  /** Zero-based line that holds `offset`. */
  lineAt(offset: number): number {
    return Math.max(
      0,
      lastAtMost(this.starts.length, (line) => this.start(line), offset),
    );
  }

  start(line: number): number {
    return this.starts[line] ?? this.length;
  }

  /** Offset just after the line's text, its line break left out. */
  end(line: number, text: string): number {
    let end = this.starts[line + 1] ?? this.length;
    const start = this.start(line);
    while (end > start && isBreak(text.charCodeAt(end - 1))) end--;
    return end;
  }

  text(line: number, text: string): string {
    return text.slice(this.start(line), this.end(line, text));
  }

  /** One-based line and column of an offset, as editors count. */
  position(offset: number): { line: number; column: number } {
    const line = this.lineAt(offset);
    return { line: line + 1, column: offset - this.start(line) + 1 };
  }
}

function isBreak(code: number): boolean {
  return code === LF || code === CR;
}
