/** The input's lines with what was found on them, for drawing: which block a line is in, what is marked, what folds. */

import type { LineIndex } from '../model/lines';
import type { MarkKind, MarkSource } from '../model/marks';
import { type Fold, foldRuns } from '../model/rows';
import { lastAtMost } from '../model/search';
import { candidateSpans, logSpans, type Span, sdpSpans } from '../model/segments';
import type { Severity } from '../model/severity';
import type { DiagnosticRow, Report } from '../report/types';

interface Block {
  first: number;
  last: number;
  role: 'offer' | 'answer' | 'message';
  kind: 'sdp' | 'candidate' | 'message';
}

/** Lines that say something about the connection are never folded. */
const KEPT =
  /(?:^|[^\w])(?:v=|m=|c=|a=(?:ice-|fingerprint:|candidate:|remote-candidates:|end-of-candidates|sctp-port:|sctpmap:))/;
const NAME = /(?:^|[^\w])([a-z])=(?:([A-Za-z][\w-]*))?/;
/** Names written on a fold. */
const MAX_NAMES = 12;

export class SourceDocument {
  readonly text: string;
  readonly lines: LineIndex;
  readonly folds: Fold[];
  readonly marks: MarkSource[];
  readonly #blocks: Block[];
  readonly #byLine = new Map<number, DiagnosticRow[]>();
  /** Lines of logs that were read; null where there is no log, and nothing is dimmed. */
  readonly #logged: ReadonlySet<number> | null;

  constructor(text: string, lines: LineIndex, report: Report | null) {
    this.text = text;
    this.lines = lines;
    this.#blocks = blocksOf(lines, report);
    this.#logged = report?.logs ? new Set(report.logs.readLines) : null;
    for (const row of report?.diagnostics ?? []) {
      const line = lines.lineAt(row.start);
      const rows = this.#byLine.get(line);
      if (rows === undefined) this.#byLine.set(line, [row]);
      else rows.push(row);
    }
    this.folds = foldRuns(
      this.#blocks.filter((block) => block.kind === 'sdp'),
      (line) => !this.#byLine.has(line) && !KEPT.test(lines.text(line, text).slice(0, 200)),
    );
    this.marks = [...this.#blockMarks(report), ...this.#diagnosticMarks()];
  }

  #severityOn(line: number): Severity {
    const rows = this.#byLine.get(line) ?? [];
    if (rows.some((row) => row.severity === 'error')) return 'error';
    return rows.some((row) => row.severity === 'warning') ? 'warning' : 'info';
  }

  /** Looks of a line that reads `text` at `offset`; it was line `line` when it was read. */
  looks(text: string, offset: number, line: number): Span[] {
    return looks(text, offset, this.#blockAt(line));
  }

  /** Class of a line: the block it is in, or of a log whether it was read. */
  classOf(line: number): Block['role'] | 'logged' | 'unread' | null {
    const role = this.#blockAt(line)?.role;
    if (role !== undefined || this.#logged === null) return role ?? null;
    return this.#logged.has(line) ? 'logged' : 'unread';
  }

  /** The folds by offsets, with what is said in their place. */
  runs(said: (lines: number) => string): { from: number; to: number; text: string }[] {
    return this.folds.map((fold) => ({
      from: this.lines.start(fold.first),
      to: this.lines.end(fold.first + fold.count - 1, this.text),
      text: `${said(fold.count)}  ${this.#foldNames(fold)}`,
    }));
  }

  /** Names of the lines that a fold hides: `o= s= t= group msid-semantic`. */
  #foldNames(fold: Fold): string {
    const names = new Set<string>();
    for (let line = fold.first; line < fold.first + fold.count && names.size < MAX_NAMES; line++) {
      const match = NAME.exec(this.lines.text(line, this.text).slice(0, 200));
      if (match !== null) names.add(match[1] === 'a' && match[2] !== undefined ? match[2] : `${match[1]}=`);
    }
    return [...names].join(' ');
  }

  #blockAt(line: number): Block | null {
    const block = this.#blocks[lastAtMost(this.#blocks.length, (at) => this.#blocks[at]?.first ?? 0, line)];
    return block !== undefined && line <= block.last ? block : null;
  }

  #blockMarks(report: Report | null): MarkSource[] {
    const marks: MarkSource[] = this.#blocks
      .filter((block) => block.kind === 'sdp')
      .map(({ role, first, last }) => ({ kind: role === 'answer' ? role : 'offer', first, last }));
    for (const row of report?.candidates ?? []) {
      const line = this.lines.lineAt(row.start);
      if (isType(row.type)) marks.push({ kind: row.type, first: line, last: line });
    }
    return marks;
  }

  #diagnosticMarks(): MarkSource[] {
    return [...this.#byLine.keys()].map((line) => ({ kind: this.#severityOn(line), first: line, last: line }));
  }
}

function isType(type: string): type is MarkKind & ('host' | 'srflx' | 'prflx' | 'relay') {
  return type === 'host' || type === 'srflx' || type === 'prflx' || type === 'relay';
}

/** Ordered and not overlapping, so that a line is found by halving. */
function blocksOf(lines: LineIndex, report: Report | null): Block[] {
  if (report === null) return [];
  const blocks: Block[] = [];
  for (const row of report.descriptions) {
    const answer = row.role === 'answer' || (row.role === null && row.side === 'remote');
    blocks.push({
      first: lines.lineAt(row.start),
      last: lines.lineAt(Math.max(row.start, row.end - 1)),
      role: answer ? 'answer' : 'offer',
      kind: 'sdp',
    });
  }
  for (const row of report.candidates) {
    if (row.description !== null) continue;
    const line = lines.lineAt(row.start);
    blocks.push({
      first: line,
      last: lines.lineAt(Math.max(row.start, row.end - 1)),
      role: row.side === 'remote' ? 'answer' : 'offer',
      kind: 'candidate',
    });
  }
  for (const row of report.messages) {
    const first = lines.lineAt(row.start);
    const last = lines.lineAt(Math.max(row.start, row.end - 1));
    if (row.end > row.start) blocks.push({ first, last, role: 'message', kind: 'message' });
  }
  blocks.sort((a, b) => a.first - b.first);
  let last = -1;
  return blocks.filter((block) => {
    if (block.first <= last) return false;
    last = block.last;
    return true;
  });
}

function looks(line: string, offset: number, block: Block | null): Span[] {
  if (block === null) return logSpans(line, offset);
  if (block.kind === 'message') return [];
  return block.kind === 'candidate' ? candidateSpans(line, offset) : sdpSpans(line, offset);
}
