/**
 * The text as its program wrote it, where another one dressed it: colours, HTML, mail, the prefix that a container, a logger or
 * a terminal puts before every line, log lines as JSON. What is taken off is known by its shape on several lines in a row.
 */
import { unlisted } from './cells.js';
import { type Edit, type Edited, edited, unedited } from './edits.js';
import { candidateObjects } from './objects.js';
import { nextLine, type Row, rows } from './rows.js';
import { sections } from './rtcstats-sections.js';
import { unfolded } from './unfolded.js';

/** Longest text whose lines are undressed: it is searched a second time. */
const MAX_DRESSED = 4 << 20;

/** Without what tells nothing: colours, HTML, transfer encodings, odd line ends, marks of quoting, log lines as JSON. @internal */
export function withoutMarkup(input: string): Edited {
  let text = unedited(input);
  for (const step of [
    lineEnds,
    colours,
    quotedPrintable,
    urlEncoded,
    html,
    places,
    quotes,
    unlisted,
    jsonLines,
    sections,
  ])
    text = edited(text, step(text.text));
  return text;
}

/** Without what stands before and behind every line; the text itself when there is nothing. @internal */
export function withoutPrefixes(before: Edited): Edited {
  if (before.text.length > MAX_DRESSED) return before;
  let text = before;
  if (/[01]{7}[01 ]/.test(text.text)) {
    text = edited(text, bits(text.text));
    text = edited(text, octal(text.text));
  }
  text = edited(text, unfolded(text.text, sameDress));
  // One dress over another: a container's, a logger's, a quotation.
  for (let round = 0; round < 4; round++) {
    const next = edited(text, prefixes(text.text));
    if (next === text) break;
    text = next;
  }
  for (const step of [literals, literals, spaces, doubledLines, indentation, wrapped, candidateObjects])
    text = edited(text, step(text.text));
  return text;
}

function* replaced(text: string, pattern: RegExp, by: (match: RegExpExecArray) => string | null): Generator<Edit> {
  for (const match of text.matchAll(pattern)) {
    const put = by(match);
    if (put !== null) yield { start: match.index, end: match.index + match[0].length, text: put };
  }
}

const count = (text: string, pattern: RegExp, enough: number) => {
  let found = 0;
  for (const _ of text.matchAll(pattern)) if (++found >= enough) return true;
  return false;
};

/** Whether one of `seconds` stands behind `first` anywhere. The engine looks for one character far faster than for a pattern. */
function hasPair(text: string, first: string, seconds: string): boolean {
  for (let at = text.indexOf(first); at >= 0; at = text.indexOf(first, at + 1))
    if (seconds.includes(text[at + 1] ?? first)) return true;
  return false;
}

/** CR alone, as old Macs and some terminals end a line; CR CR LF. */
function lineEnds(text: string): Iterable<Edit> {
  if (!text.includes('\r')) return [];
  if (!text.includes('\n')) return replaced(text, /\r/g, () => '\n');
  return text.includes('\r\r\n') ? replaced(text, /\r(?=\r\n)/g, () => '') : [];
}

/** Control sequences of a terminal, as bytes and as the ways they are written; those that lost their ESC only beside a reset. */
function colours(text: string): Iterable<Edit> {
  const signs = ['\u001b', '[0m', '^[[', '\\', '\u241b', '\ufffd'];
  if (!signs.some((sign) => text.includes(sign))) return [];
  if (!text.includes('\u001b') && !/\[[\d;]{0,20}[mM]/.test(text)) return [];
  const written = '(?:\\^\\[|\\\\x1b|\\\\u001b|\\\\033|\\\\e|\u241b|\ufffd)\\[[\\d;]{0,20}m';
  const sequence = `\u001b(?:\\[[\\d;?]{0,20}[A-Za-z]|\\([AB])|${written}`;
  const bare = text.includes('[0m') ? '|\\[\\d{1,3}(?:;\\d{1,3}){0,4}m' : '';
  return replaced(text, new RegExp(sequence + bare, 'gi'), () => '');
}

/** A mail as it is sent (RFC 2045 §6.7). */
function quotedPrintable(text: string): Iterable<Edit> {
  if (!hasPair(text, '=', '\r\n320') || !/=(?:\r?\n|3D|20|0D|0A|09)/.test(text)) return [];
  const folded = /=\r?\n/.test(text) && count(text, /^[^\n]{60,75}=\r?$/gm, 2);
  if (!folded && !count(text, /=(?:3D|20|0D|0A|09)/g, 2)) return [];
  return replaced(text, /=\r?\n|=([\dA-F]{2})/g, (match) => {
    if (match[1] === undefined) return '';
    const code = Number.parseInt(match[1], 16);
    return code < 0x80 ? String.fromCharCode(code) : null;
  });
}

/** A form or a link: line ends or the blanks of a candidate in percent signs. */
function urlEncoded(text: string): Iterable<Edit> {
  if (!text.includes('%')) return [];
  if (!count(text, /%0A/gi, 3) && !/candidate(?:%3A|:)\S{1,40}%20/i.test(text)) return [];
  return replaced(text, /%([0-7][\dA-F])/gi, (match) => String.fromCharCode(Number.parseInt(match[1] ?? '', 16)));
}

const TAGS =
  /<(\/?)(pre|code|p|div|span|td|tr|li|ul|ol|br|b|strong|details|summary|samp|kbd|font)\b(?:\s[^<>\n]{0,200})?\/?>/gi;
const ENTITIES: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', amp: '&' };
const ENTITY = /&(?:(lt|gt|quot|apos|nbsp|amp)|#(3[249]|6[02]|x2[0267f]|x3[ce]|47));/gi;

/** A page's source: tags that lay text out, and the characters that have to be written as entities. */
function* html(text: string): Generator<Edit> {
  const tagged = text.includes('<') && count(text, TAGS, 2);
  const written = text.includes('&') && count(text, ENTITY, 1);
  if (!tagged && !written) return;
  const pattern = new RegExp([tagged ? TAGS.source : '', written ? ENTITY.source : ''].filter(Boolean).join('|'), 'gi');
  for (const match of text.matchAll(pattern)) {
    const [whole] = match;
    const end = match.index + whole.length;
    if (whole.startsWith('<'))
      yield { start: match.index, end, text: breaks(whole) && !/[\r\n]/.test(text[end] ?? '\n') ? '\n' : '' };
    else yield { start: match.index, end, text: character(whole.slice(1, -1).toLowerCase()) };
  }
}

const breaks = (tag: string) => /^<(?:br|\/(?:p|div|tr|li|pre))\b/i.test(tag);

function character(name: string): string {
  if (!name.startsWith('#')) return ENTITIES[name] ?? '';
  return String.fromCharCode(name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1)));
}

/** The place in a script that a console puts behind a line. */
function places(text: string): Iterable<Edit> {
  // Most texts have none, and the whole pattern is slow.
  if (!hasPair(text, '.', 'jtcmhvs') && !text.includes('VM') && !text.includes('(index)')) return [];
  if (!/(?:\.(?:[cm]?[jt]sx?|html?|vue|svelte)(?:\?[\w=&.-]{0,60})?|VM\d+|\(index\)):\d+(?::\d+)?\r?$/m.test(text))
    return [];
  const place =
    /(?<=\S)[ \t]{1,200}(?:[\w./@-]{1,100}\.(?:[cm]?[jt]sx?|html?|vue|svelte)(?:\?[\w=&.-]{0,60})?|VM\d+|\(index\)):\d+(?::\d+)?(?=\r?$)/gm;
  return replaced(text, place, () => '');
}

/** Members that hold the line, as Docker, journald, loggers and the clouds name them. */
const MEMBERS = ['log', 'msg', 'message', 'MESSAGE', '@message', 'textPayload', 'line', 'text'];
/** Members that tell of the line and nothing of a call; journald's own begin with `_` or are in capitals. */
const BESIDE =
  /^(?:stream|@?time(?:stamp)?|ts|date|level|levelname|severity|logger|name|caller|src|source|file|func|thread|host(?:name)?|pid|pod|container|namespace|kubernetes|tags?|service|app|v|[A-Z_\d]+)$/;

/** Lines of a log that are objects of JSON with the line in a member, and its time. */
function* jsonLines(text: string): Generator<Edit> {
  if (!text.includes('{"') || !/^\{"/m.test(text)) return;
  for (const { start, end } of rows(text)) {
    const inner = text[start] === '{' && text[end - 1] === '}' ? lineInJson(text.slice(start, end)) : null;
    if (inner !== null) yield { start, end, text: inner };
  }
}

function lineInJson(line: string): string | null {
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(line);
  } catch {
    return null;
  }
  const member = MEMBERS.find((name) => typeof json[name] === 'string');
  if (member === undefined || Object.keys(json).some((name) => name !== member && !BESIDE.test(name))) return null;
  const inner = String(json[member]).replace(/\r?\n$/, '');
  const time = [json.time, json.timestamp, json['@timestamp'], json.ts].find((one) => typeof one === 'string');
  return time === undefined || inner.includes('\n') ? inner : `${time} ${inner}`;
}

/** Fewest lines in a row that show a quotation. */
const FEWEST_QUOTED = 2;

/** The marks of a quotation, on two lines in a row or more: a candidate that a mail broke has two. */
function* quotes(text: string): Generator<Edit> {
  if (!text.includes('>') || !/^>/m.test(text)) return;
  let run: Edit[] = [];
  for (const { start, text: line } of rows(text)) {
    const mark = /^(?:> ?)+/.exec(line)?.[0];
    if (mark !== undefined) run.push({ start, end: start + mark.length, text: '' });
    else {
      if (run.length >= FEWEST_QUOTED) yield* run;
      run = [];
    }
  }
  if (run.length >= FEWEST_QUOTED) yield* run;
}

/** Prefixes that may stand before every line, the more telling first. Groups hold what has to be alike from line to line. */
function makePatterns(): readonly RegExp[] {
  const stamp =
    '\\[?(?:\\d{4}[-/.]\\d\\d[-/.]\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(?:[.,:]\\d+)?(?: ?(?:Z|[+-]\\d\\d:?\\d\\d))?|[A-Z][a-z]{2} [ \\d]\\d (?:\\d{4} )?\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?|\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d+|\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d+)?)\\]?';
  const level = '(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERR(?:OR)?|CRIT|FATAL|[VDIWEF])';
  // Behind a time: the stream of a container, host and process, level, thread, logger. A word in brackets may tell of a side.
  const parts = [
    'std(?:out|err) [FP] ',
    '(?:[\\w.-]{1,60} )?[\\w./-]{1,60}\\[\\d+(?::[\\dA-Fa-f]+)?\\]: ',
    '[\\w.-]+\\[\\d+(?::[\\dA-Fa-f]+)?\\] ',
    '\\[(?![^\\]\\n]{0,40}(?:local|remote))[^\\]\\n]{1,40}\\]:? ',
    `${level}[:/]? +`,
    '[-|] ',
    ' {0,6}\\d{1,7} +\\d{1,7} [VDIWEF] \\S{1,60} {0,20}: ',
    '[\\w.$]{1,60} - ',
  ];
  return [
    new RegExp(`^<\\d{1,3}>(?:\\d )?${stamp} \\S+ \\S+ \\S+ \\S+ (?:-|\\[[^\\]\\n]{0,200}\\]) `),
    new RegExp(`^<\\d{1,3}>${stamp} \\S+ \\S+?: `),
    /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)? [\w.-]{1,60} [\w./-]{1,60}(?:\[\d+\])?: /,
    new RegExp(`^${stamp}:?(?: {1,2}|\\t)(?:${parts.join('|')}){0,5}`),
    /^[\w.-]{1,60}?[-_]\d{1,4} {0,40}\| ?/,
    /^([\w.-]{2,40}) {1,40}\| /,
    new RegExp(`^${level}:[\\w.]{1,60}:`),
    /^[VDIWEF]\/[^(\n]{1,40}\( *\d+\): /,
    /^[\w./-]{1,80}\.\w{1,8}[:-]\d+[:-]/,
    /^(?:VM\d+|[\w./-]{1,60}\.(?:js|ts|html?)):\d+(?::\d+)? /,
    /^\[[^\]\n]{3,30}\] [\w .-]{1,30}: /,
    /^(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR)(?::| -)? {1,2}/,
    /^([\w-]{1,80}-[a-z\d]{4,10} [\w-]{1,60} )/,
    /^\+(?!\+\+ )/,
  ];
}

/** The patterns, and one for any of them, which most lines do not fit. */
interface Prefixes {
  any: RegExp;
  each: readonly RegExp[];
  /** A line with a dress, at `lastIndex`. */
  dressed: RegExp;
}

let patterns: Prefixes | undefined;

// Made when first used: a bundle that does not scan gets none of them.
function prefixPatterns(): Prefixes {
  if (patterns === undefined) {
    const each = makePatterns();
    patterns = { any: anyOf(each, '', ''), each, dressed: anyOf([...each, NUMBERED, CONSOLE], 'my', UNDRESSED) };
  }
  return patterns;
}

/** A beginning that no prefix has: a word in small letters or a line of a description. Known at once, unlike each of them. */
const UNDRESSED = '(?![a-z]+(?:=| (?! {0,40}\\|)))';

/**
 * One pattern for any of several that hold for the beginning of a line: it is looked for once, not by each of them. `first` is
 * asked before them.
 */
function anyOf(patterns: readonly RegExp[], flags: string, first: string): RegExp {
  return new RegExp(`^${first}(?:${patterns.map(({ source }) => source.slice(1)).join('|')})`, flags);
}

/** Line numbers, which count up. */
const NUMBERED = /^ {0,8}(\d{1,7})(?:[:|.)] ?| \| ?|\t| {1,2}|$)/;
/** A console's line in Chromium's own log. */
const CONSOLE = /^\[[\d:./]{6,60}:[A-Z]+:CONSOLE(?::\d+|\(\d+\))\] "(.*)", source: \S* \(\d+\)$/;
/** Fewest lines in a row that show a prefix. */
const FEWEST = 3;

/** Takes off the prefix of each run of lines that have one of the same kind. */
function* prefixes(text: string): Generator<Edit> {
  for (let at = nextDressed(text, 0); at !== null; ) {
    const { run, next } = runAt(text, at);
    yield* taken(run);
    at = nextDressed(text, next);
  }
}

/** Offset of the next line that may have a dress, from one on at which a line begins: most have none. */
function nextDressed(text: string, from: number): number | null {
  const { dressed } = prefixPatterns();
  for (let at = from; at < text.length; at = nextLine(text, at)) {
    dressed.lastIndex = at;
    if (dressed.test(text)) return at;
  }
  return null;
}

/** The lines from an offset on that have one dress, and the offset of the line behind them. */
function runAt(text: string, from: number): { run: Dressed[]; next: number } {
  const run: Dressed[] = [];
  let last: Dress | null = null;
  for (const row of rows(text, from)) {
    const kind: Dress | null = last === null ? dressOf(row.text) : again(last, row.text);
    if (kind === null) return { run, next: last === null ? row.next : row.start };
    run.push({ row, kind });
    last = kind;
  }
  return { run, next: text.length };
}

interface Dressed {
  row: Row;
  kind: Dress;
}

function* taken(run: readonly Dressed[]): Generator<Edit> {
  if (run.length < FEWEST) return;
  for (const { row, kind } of run) {
    if (kind.inner !== null) {
      yield { start: row.start, end: row.end, text: kind.inner };
      continue;
    }
    if (kind.before > 0) yield { start: row.start, end: row.start + kind.before, text: '' };
  }
}

/** The dress of a line. */
interface Dress {
  /** Index of its pattern, or a name. */
  kind: number | 'number' | 'console';
  /** Text that has to be the same on the next line; a number counts up. */
  key: string;
  /** Characters before the line. */
  before: number;
  /** The line itself, where it was escaped. */
  inner: string | null;
}

function dressOf(line: string): Dress | null {
  return consoleOf(line) ?? prefixOf(line) ?? numberOf(line);
}

function sameDress(line: string, next: string): boolean {
  const dress = dressOf(line);
  return dress !== null && again(dress, next) !== null;
}

/** The dress of a line that follows one with the dress `last`, when it is the same. */
function again(last: Dress, line: string): Dress | null {
  if (last.kind === 'console') return consoleOf(line);
  if (last.kind === 'number') {
    const next = numberOf(line);
    return next !== null && Number(next.key) === Number(last.key) + 1 ? next : null;
  }
  // A line that is empty but for the prefix has lost the blanks behind it.
  const next = prefixOfKind(line, last.kind) ?? prefixOfKind(`${line} `, last.kind);
  return next !== null && next.key === last.key ? { ...next, before: Math.min(next.before, line.length) } : null;
}

function prefixOf(line: string): Dress | null {
  const { any, each } = prefixPatterns();
  if (!any.test(line)) return null;
  for (const kind of each.keys()) {
    const found = prefixOfKind(line, kind);
    if (found !== null) return found;
  }
  return null;
}

function prefixOfKind(line: string, kind: number): Dress | null {
  const match = prefixPatterns().each[kind]?.exec(line);
  if (!match || match[0] === '') return null;
  return { kind, key: match[1] ?? '', before: match[0].length, inner: null };
}

function numberOf(line: string): Dress | null {
  const match = NUMBERED.exec(line);
  return match && { kind: 'number', key: match[1] ?? '', before: match[0].length, inner: null };
}

function consoleOf(line: string): Dress | null {
  const match = CONSOLE.exec(line);
  return match && { kind: 'console', key: '', before: 0, inner: match[1] ?? '' };
}

/** Fewest escaped line ends of a literal that holds a text. */
const FEWEST_ESCAPED = 3;

/** Texts within a string literal, on one line: one level of escapes. */
function* literals(text: string): Generator<Edit> {
  if (!text.includes('\\')) return;
  for (const { start, end } of rows(text)) {
    const line = text.slice(start, end);
    if (!line.includes('\\') || !count(line, /\\n/g, FEWEST_ESCAPED)) continue;
    for (const match of line.matchAll(/\\(?:u([\dA-Fa-f]{4})|r\\n|[nrt"'`/\\])/g)) {
      const put =
        match[1] === undefined
          ? (LETTERS[match[0].at(-1) ?? ''] ?? '')
          : String.fromCharCode(Number.parseInt(match[1], 16));
      yield { start: start + match.index, end: start + match.index + match[0].length, text: put };
    }
  }
}

const LETTERS: Record<string, string> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  "'": "'",
  '`': '`',
  '/': '/',
  '\\': '\\',
};

/** Bytes as binary digits, as many as the shortest message has: `00000000 00000001`, `0b00000000, 0b00000001`, in one piece. */
function* bits(text: string): Generator<Edit> {
  const runs =
    /(?<![\w.])(?:(?:0b)?[01]{8}(?:(?:[ \t,;|_]{1,4}|[ \t,]{0,2}\r?\n[ \t]{0,8})(?:0b)?[01]{8}){19,}|(?:[01]{8}){20,})(?![\w.])/g;
  for (const { index, 0: run } of text.matchAll(runs)) {
    for (const { index: at, 0: group, 1: byte, 2: next } of run.matchAll(/(?:0b)?([01]{8})(?=([01]?))/g)) {
      const hex = Number.parseInt(byte ?? '', 2)
        .toString(16)
        .padStart(2, '0');
      const end = index + at + group.length;
      // One digit stands for the beginning, one for the end, so that what is found begins and ends where its digits do.
      yield { start: index + at, end: end - 1, text: hex.charAt(0) };
      yield { start: end - 1, end, text: hex.charAt(1) };
      if (next) yield { start: end, end, text: ' ' };
    }
  }
}

/** Bytes, characters or little-endian words in octal, as `od -b`, `od -c` and `od` print them: the same as hexadecimal. */
function* octal(text: string): Generator<Edit> {
  if (!/^0{7} /m.test(text)) return;
  const lines =
    /^0[0-7]{6}(?: [0-3][0-7]{2}| {2}\\[0abtnvfr]| {3}[!-~]| {4}){1,16} *$|^0[0-7]{6}(?: [01][0-7]{5}){1,8} *$/gm;
  for (const { index, 0: line } of text.matchAll(lines)) {
    for (let at = 7; at < line.trimEnd().length; ) {
      const width = /^ [01][0-7]{5}/.test(line.slice(at, at + 7)) ? 7 : 4;
      const cell = line.slice(at + 1, at + width);
      yield { start: index + at + 1, end: index + at + width, text: hexOf(cell) };
      at += width;
    }
  }
}

/** The hexadecimal digits of a cell of `od`. */
function hexOf(cell: string): string {
  if (cell.length > 3) return Number.parseInt(cell, 8).toString(16).padStart(4, '0');
  const written = cell.trim();
  const letter = written.length === 2 ? '0......abtnvfr'.indexOf(written.charAt(1)) : -1;
  const code = written.length === 3 ? Number.parseInt(written, 8) : letter < 0 ? cell.charCodeAt(2) : letter;
  return code.toString(16).padStart(2, '0');
}

/** Spaces of typesetting, as pages have them in code. */
function spaces(text: string): Iterable<Edit> {
  const all = '\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f';
  if (!Array.from(all).some((space) => text.includes(space))) return [];
  return replaced(text, /[\u00a0\u2002-\u200a\u202f]/g, () => ' ');
}

/** Every line end twice. */
function doubledLines(text: string): Iterable<Edit> {
  if (!text.includes('\n\n') && !text.includes('\n\r\n')) return [];
  const twice = text.match(/\S\r?\n\r?\n/g)?.length ?? 0;
  const once = text.match(/\S\r?\n(?=[^\r\n])/g)?.length ?? 0;
  return twice < 4 || once > twice / 8 ? [] : replaced(text, /\n\r?\n/g, () => '\n');
}

/** Blanks before every line. */
function indentation(text: string): Iterable<Edit> {
  const blanks = /^[ \t]+(?=\S)/.exec(text)?.[0] ?? '';
  if (blanks === '' || /^(?=\S)/m.test(text.slice(blanks.length).replace(/^[^\n]*\n/, ''))) return [];
  return replaced(text, /^[ \t]+/gm, ([found]) => (found.startsWith(blanks) ? found.slice(blanks.length) : null));
}

/** Candidates that a mail or a form broke between two words. */
function wrapped(text: string): Iterable<Edit> {
  if (!/(?<!a=)candidate:/.test(text)) return [];
  const next = / ?\r?\n[ \t]{0,20}(?=(?:typ|raddr|rport|generation|tcptype|ufrag|network-id|network-cost) [\w.:+/-]+)/g;
  const broken = /(?<!a=)candidate:[^\r\n]{10,}$/;
  return replaced(text, next, ({ index }) => (broken.test(text.slice(Math.max(0, index - 200), index)) ? ' ' : null));
}
