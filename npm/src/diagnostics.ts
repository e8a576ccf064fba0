// The table of all sentences, or in `icelens/sdp` that of the few codes it has: `scripts/lib/builds.mjs`.
import { table } from '#diagnostics';
import { copyOutput, MAX_TEXT } from './core.js';
import { textOf } from './text.js';

/** Verdicts of the RFCs and of the two browsers, in a word or two; measured in Chromium 156 and Firefox 153. */
export interface Verdicts {
  /** Word of the RFCs: whether the text is allowed. */
  rfc: string;
  /** Reaction of Chromium. */
  chrome: string;
  /** Reaction of Firefox. */
  firefox: string;
}

/** Text to write instead: replace `start` to `end` of the caller's text by `text`. */
export interface Fix {
  /** UTF-16 offset of the first character to replace. */
  start: number;
  /** UTF-16 offset behind the last character to replace; the same as `start` to insert. */
  end: number;
  /** Text to put there; empty to remove. */
  text: string;
}

/** Something wrong or notable in a text, and exactly where. */
export interface Diagnostic {
  /** Stable; `docs/diagnostics.md` explains each one. */
  code: string;
  /** `error`: it can't be read, or no browser takes it. `warning`: somebody refuses it, or something is lost. */
  severity: 'error' | 'warning' | 'info';
  /** One sentence; in `icelens/sdp` the code. */
  message: string;
  /** 1-based. */
  line: number;
  /** 1-based, in UTF-16 units. */
  column: number;
  /** UTF-16 offset into the caller's text. */
  start: number;
  /** UTF-16 offset into the caller's text, exclusive. */
  end: number;
  /** Not in `icelens/sdp`. */
  verdicts?: Verdicts;
  /** Advice in a sentence or two; in `icelens/sdp` where that is told. */
  hint: string;
  /** Text to write instead; absent unless it is certain. */
  fix?: Fix;
}

/** Members that all diagnostics of one code share. */
interface Entry {
  code: string;
  severity: Diagnostic['severity'];
  message: string;
  verdicts?: Verdicts;
  hint: string;
}

const severities: Record<string, Diagnostic['severity']> = { e: 'error', w: 'warning', i: 'info' };
let entries: Entry[] | null = null;

/** @internal The entry of a code by its number in `Code` of `src/sdp/diagnostic.rs`. */
export function entry(number: number): Entry {
  entries ??= table.split('\n').map((row) => {
    const [
      code = '',
      severity = '',
      message = code,
      rfc,
      chrome = '',
      firefox = '',
      hint = 'See docs/diagnostics.md.',
    ] = row.split('|');
    const one: Entry = { code, severity: severities[severity] ?? 'info', message, hint };
    if (rfc !== undefined) one.verdicts = { rfc, chrome, firefox };
    return one;
  });
  return entries[number] as Entry;
}

/** Place of `sdp.too-many-lines` in the table, the last of what the parser itself reports. */
const TOO_MANY = 7;

/** @internal A list with what is to be said of a text of which only the first characters are looked at. */
export function withTooLong(list: Diagnostic[], text: string): Diagnostic[] {
  if (text.length <= MAX_TEXT) return list;
  const before = text.slice(0, MAX_TEXT);
  const line = before.split('\n').length;
  const column = MAX_TEXT - before.lastIndexOf('\n');
  return [...list, { ...entry(TOO_MANY), line, column, start: MAX_TEXT, end: text.length }];
}

/** Words of a diagnostic record. */
const WORDS = 7;
const NO_FIX = 0xffffffff;

/**
 * Reads `count` diagnostics from `words[at]` on, and their fixes from the output area: call it before the next export.
 * `lineStart` says where a line, counted from 1, starts.
 */
export function readDiagnostics(
  words: Uint32Array,
  at: number,
  count: number,
  lineStart: (line: number) => number,
): Diagnostic[] {
  const list: Diagnostic[] = [];
  if (count === 0) return list;
  let fixStart = 0;
  for (let i = 0, word = at; i < count; i++, word += WORDS) {
    const { code, severity, message, verdicts, hint } = entry(words[word] as number);
    const line = words[word + 1] as number;
    const start = words[word + 2] as number;
    const end = words[word + 3] as number;
    const one: Diagnostic = { code, severity, message, line, column: start - lineStart(line) + 1, start, end, hint };
    if (verdicts !== undefined) one.verdicts = verdicts;
    if (words[word + 4] !== NO_FIX) {
      const fixEnd = words[word + 6] as number;
      const replacement = textOf(copyOutput(fixStart, fixEnd));
      one.fix = { start: words[word + 4] as number, end: words[word + 5] as number, text: replacement };
      fixStart = fixEnd;
    }
    list.push(one);
  }
  return list;
}
