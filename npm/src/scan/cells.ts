/** Lines that stand in a column of a table: CSV as log stores export it, Markdown as forums and trackers show it. */
import type { Edit } from './edits.js';
import { nextLine, rows } from './rows.js';

/** Longest text that is looked at. */
const MAX_TEXT = 4 << 20;

const RULE = /^[ \t]{0,20}\|?[ \t]{0,20}:?-{1,200}:?[ \t]{0,20}\|/m;

/** Takes the columns off that stand beside the lines; a time stays before its line. */
export function* unlisted(text: string): Generator<Edit> {
  if (text.length > MAX_TEXT) return;
  if (text.includes('|') && RULE.test(text)) yield* outOf(markdown(text));
  else if (isSeparated(text)) yield* outOf(separated(text));
}

/** Most characters of a line before a value in quotes that shows a table, and before a short one. */
const MOST_BEFORE = 300;
const SHORT = 40;
const SHORT_LINE = /(?:^|[\n\r\u2028\u2029])[\w .@-]{1,40}$/;

/** Whether a line begins with a value in quotes, has its first one behind a separator, or begins with two short values. */
function isSeparated(text: string): boolean {
  const quoted = text.includes('"');
  if (quoted && /^"[^\n"]{0,300}"[,;\t]/m.test(text)) return true;
  return [',', ';', '\t'].some((separator) => showsTable(text, separator, quoted));
}

function showsTable(text: string, separator: string, quoted: boolean): boolean {
  const lineEnd = /[\n\r\u2028\u2029]/g;
  for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, at + 1)) {
    const next = text[at + 1] ?? '';
    if (next === '"') {
      if (isFirstQuote(text, at)) return true;
    } else if (/[\w@]/.test(next)) {
      if (SHORT_LINE.test(text.slice(Math.max(0, at - SHORT - 1), at))) return true;
      if (quoted) continue;
      // No separator further on in this line shows anything.
      lineEnd.lastIndex = at;
      at = lineEnd.exec(text)?.index ?? text.length;
    }
  }
  return false;
}

/** Whether the line before an offset has no quote, and is not too long. */
function isFirstQuote(text: string, offset: number): boolean {
  const near = text.slice(Math.max(0, offset - MOST_BEFORE - 1), offset);
  const start = Math.max(...['\n', '\r', '\u2028', '\u2029'].map((end) => near.lastIndexOf(end)));
  return near.length - start - 1 <= MOST_BEFORE && near.indexOf('"', start + 1) < 0;
}

/** A cell of a table, by its offsets. */
interface Cell {
  start: number;
  end: number;
  /** The cell, without its quotes and escapes. */
  text: string;
  /** Escapes in it, with what they stand for. */
  escapes: Edit[];
  /** Whether the table marks it as a cell: by quotes or bars. */
  marked: boolean;
}

/** Records with equally many cells, one behind the other. */
type Table = { start: number; end: number; cells: Cell[] }[];

/** Fewest records of a table, the head among them, and most cells. */
const FEWEST = 3;
const MOST_CELLS = 20;

function* outOf(tables: Iterable<Table>): Generator<Edit> {
  for (const table of tables) {
    const column = columnOfLines(table);
    if (column !== null) yield* table.flatMap((record) => lineOf(record, column));
  }
}

const TIME = /^\[?(?:\d{4}[-/.]\d\d[-/.]\d\d[T ])?\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|[+-]\d\d:?\d\d))?\]?$/;
/** Cells beside a line that tell nothing of it: numbers, a time, a word. */
const BESIDE = /^(?:[\d.:,TZ /+-]*|[\w.-]{1,20})$/;
/** Names of the column, as log stores have them. */
const NAMED =
  /^(?:@?(?:log|msg|message|line|text|raw|_raw|body|content|sdp|candidate|payload|textPayload|jsonPayload\.message|log line|log_line)|消息|内容|日志)$/i;

/** The column that holds the lines of a text: the one with a name for it, or nearly all that the table says. */
function columnOfLines(table: Table): number | null {
  const [head, ...rest] = table;
  if (head === undefined || table.length < FEWEST || head.cells.some(({ text }) => text === '')) return null;
  const named = head.cells.findIndex(({ text }) => NAMED.test(text));
  if (named >= 0) return holdsBeside(rest, named) ? null : named;
  const sums = head.cells.map((_, column) => rest.reduce((sum, { cells }) => sum + told(cells[column]), 0));
  const most = sums.indexOf(Math.max(...sums));
  const all = sums.reduce((sum, one) => sum + one, 0);
  const marked = rest.some(({ cells }) => cells[most]?.marked);
  return marked && (sums[most] ?? 0) >= all * 0.8 ? most : null;
}

/** Whether a description or a candidate stands in another column. */
const holdsBeside = (rest: Table, column: number): boolean =>
  rest.some(({ cells }) => cells.some(({ text }, index) => index !== column && /candidate:|v=0\b/.test(text)));

const told = (cell: Cell | undefined) => (cell === undefined || BESIDE.test(cell.text) ? 0 : cell.text.length);

/** What makes a record its line. */
function lineOf({ start, end, cells }: Table[number], column: number): Edit[] {
  const cell = cells[column];
  if (cell === undefined) return [];
  const time = cells.slice(0, column).find(({ text }) => TIME.test(text));
  return [
    { start, end: cell.start, text: time === undefined ? '' : `${time.text} ` },
    ...cell.escapes,
    { start: cell.end, end, text: '' },
  ];
}

/** Tables of Markdown: those whose second line rules off the head. */
function* markdown(text: string): Generator<Table> {
  let table: Table = [];
  let ruled = false;
  for (const { start, end } of rows(text)) {
    const cells = markdownCells(text, start, end);
    const fits = cells !== null && (table.length === 0 || cells.length === table[0]?.cells.length);
    if (!fits) {
      if (ruled) yield table;
      [table, ruled] = [[], false];
    }
    if (cells === null) continue;
    if (table.length === 1 && cells.every((cell) => /^:?-+:?$/.test(cell.text))) ruled = true;
    table.push({ start, end, cells });
  }
  if (ruled) yield table;
}

function markdownCells(text: string, from: number, to: number): Cell[] | null {
  const line = text.slice(from, to).trim();
  if (line.length < 3 || line.length > MAX_RECORD || line[0] !== '|' || line.at(-1) !== '|') return null;
  const start = text.indexOf('|', from);
  const bars = [...line.matchAll(/(?<!\\)\|/g)].map(({ index }) => start + index);
  if (bars.length < 2 || bars.length > MOST_CELLS + 1) return null;
  return bars.slice(1).map((bar, index) => markdownCell(text, (bars[index] ?? 0) + 1, bar));
}

function markdownCell(text: string, from: number, to: number): Cell {
  let own = text.slice(from, to).trim();
  for (let marks = 0; marks < 2 && own.length > 1 && own.startsWith('`') && own.endsWith('`'); marks++)
    own = own.slice(1, -1);
  const start = own === '' ? from : text.indexOf(own, from);
  const escapes = [...own.matchAll(/\\\|/g)].map(({ index }) => ({
    start: start + index,
    end: start + index + 2,
    text: '|',
  }));
  return { start, end: own === '' ? to : start + own.length, text: own, escapes, marked: true };
}

/** Tables of values with a separator between them (RFC 4180); a value in quotes may go over several lines. */
function* separated(text: string): Generator<Table> {
  const mark = separatorOf(text);
  if (mark === null) return;
  let table: Table = [];
  for (let at = 0; at < text.length; ) {
    const record = recordAt(text, at, mark);
    const same = record !== null && (table.length === 0 || record.cells.length === table[0]?.cells.length);
    if (!same) {
      yield table;
      table = [];
    }
    if (record !== null) table.push(record);
    at = record?.next ?? nextLine(text, at);
  }
  yield table;
}

/** The separator of the first line that has one. */
function separatorOf(text: string): string | null {
  return /^(?:"[^"\n]{0,300}"|[\w .@#-]{1,60})([,;\t])/m.exec(text)?.[1] ?? null;
}

/** Longest record. */
const MAX_RECORD = 200_000;

/** The record at an offset: two to twenty values up to the end of a line. */
function recordAt(text: string, from: number, mark: string): (Table[number] & { next: number }) | null {
  const cells: Cell[] = [];
  for (let at = from; cells.length < MOST_CELLS; ) {
    const cell = text[at] === '"' ? quotedCell(text, at, from + MAX_RECORD) : bareCell(text, at, mark);
    if (cell === null) return null;
    cells.push(cell);
    at = cell.end + (text[at] === '"' ? 1 : 0);
    if (text[at] === mark) at++;
    else if (at < text.length && text[at] !== '\n' && !text.startsWith('\r\n', at)) return null;
    else if (cells.length < 2 || cells[0]?.start === cells.at(-1)?.end) return null;
    else return { start: from, end: at, cells, next: nextLine(text, at) };
  }
  return null;
}

/** The text of a cell without quotes, by the separator. */
const BARE: Record<string, RegExp> = { ',': /[^,"\r\n]*/y, ';': /[^;"\r\n]*/y, '\t': /[^\t"\r\n]*/y };

function bareCell(text: string, start: number, mark: string): Cell | null {
  const pattern = BARE[mark];
  if (pattern === undefined) return null;
  pattern.lastIndex = start;
  const value = pattern.exec(text)?.[0] ?? '';
  return { start, end: start + value.length, text: value.trim(), escapes: [], marked: false };
}

function quotedCell(text: string, at: number, most: number): Cell | null {
  const escapes: Edit[] = [];
  for (let next = text.indexOf('"', at + 1); next >= 0 && next < most; next = text.indexOf('"', next + 2)) {
    if (text[next + 1] !== '"')
      return { start: at + 1, end: next, text: text.slice(at + 1, next), escapes, marked: true };
    escapes.push({ start: next, end: next + 2, text: '"' });
  }
  return null;
}
