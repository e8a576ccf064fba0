/** Facts about a session in the text around descriptions: its heading, and what became of it. */

import type { LineIndex } from '../model/lines';
import type { Outcome } from './types';

/** Lines looked at above a description for the heading of its session. */
const ABOVE = 40;
const LONGEST_TITLE = 60;
/** Characters of a line that are looked at. */
const LOOKED = 400;

/** A line that a program wrote: source and line number, or a time, in front. */
const LOGGED = /^\s*(?:\[?[\w./-]+:\d+\]?[\s:]|\[?\d[\d:.,T-]*Z?\]?[\s:])/;
const SDP_LINE = /^\s*[a-z]=\S/;

export interface Heading {
  title: string | null;
  /** Line where the session's part of the input begins. */
  first: number;
}

/** The heading above a line: a short line on its own, before what was logged. Lines up to `floor` belong to another session. */
export function headingAbove(text: string, lines: LineIndex, line: number, floor: number): Heading {
  let first = line;
  for (let at = line - 1; at >= Math.max(0, floor, line - ABOVE); at--) {
    const words = lines.text(at, text).slice(0, LOOKED).trim();
    if (words === '') continue;
    if (LOGGED.test(words) || /\b(?:offer|answer)\b/i.test(words)) {
      first = at;
      continue;
    }
    const apart = at + 1 < lines.count && lines.text(at + 1, text).trim() === '';
    if (!apart || words.length > LONGEST_TITLE || SDP_LINE.test(words) || /[.;,{}。：:]$/.test(words)) break;
    return { title: words, first: at };
  }
  return { title: null, first };
}

const OUTCOMES: readonly { look: RegExp; word: Outcome['word']; state: Outcome['state'] }[] = [
  { look: /\bchannel(?: ready)? ?state(?: is)?:? ?open\b/i, word: 'channel-open', state: 'ok' },
  {
    look: /\b(?:ice ?)?connection ?-?state[\w ]*["']?[:=>\s]+["']?(?:connected|completed)\b/i,
    word: 'connected',
    state: 'ok',
  },
  { look: /\b(?:ice ?)?connection ?-?state[\w ]*["']?[:=>\s]+["']?failed\b/i, word: 'failed', state: 'fail' },
  {
    look: /\b(?:ice ?)?connection ?-?state[\w ]*["']?[:=>\s]+["']?disconnected\b/i,
    word: 'disconnected',
    state: 'fail',
  },
];
/** Most characters of a session's text searched for its outcome. */
const SEARCHED = 2 << 20;

/** Outcome of the session by the log: failure counts most, then an open channel, then a connection. */
export function outcomeIn(text: string, start: number, end: number): Outcome | null {
  const part = text.slice(start, Math.min(end, start + SEARCHED));
  const found = OUTCOMES.map(({ look, word, state }): Outcome | null => {
    const match = look.exec(part);
    return match === null ? null : { state, word, at: start + match.index };
  });
  const [open, connected, failed, disconnected] = found;
  return failed ?? open ?? connected ?? disconnected ?? null;
}
