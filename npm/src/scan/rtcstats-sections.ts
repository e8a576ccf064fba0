/**
 * Descriptions in a dump of rtcstats, file format 3: a section that is that of the description before is `v=` or `m=` alone.
 * What was created is written by what was set before, and what is set by what was created.
 */
import type { Edit } from './edits.js';

const CREATED: readonly unknown[] = [3, 5, 'createOfferOnSuccess', 'createAnswerOnSuccess'];
const SET: readonly unknown[] = [6, 'setLocalDescription'];
/** Longest line that is looked at, and most descriptions that are kept. */
const MAX_LINE = 1 << 20;
const MAX_KEPT = 2_000;

/** Puts the sections in that were left out. */
export function* sections(text: string): Generator<Edit> {
  if (!/^\s*RTCStatsDump\r?\n/.test(text) || !/"v=\\r\\n|\\nm=\\r\\n/.test(text)) return;
  const known = new Map<string, string[]>();
  for (const { index, 0: line } of text.matchAll(/^\[[^\n]*/gm)) {
    const read = line.length > MAX_LINE || !line.includes('"sdp"') ? null : described(line);
    if (read === null) continue;
    const base = known.get(read.base) ?? [];
    const start = index + line.indexOf(read.literal);
    const parts = sectionsOf(read.literal);
    const whole = parts.map((part, at) => ((part === 'v=' || part === 'm=') && base[at] ? base[at] : part));
    if (known.has(read.own) || known.size < MAX_KEPT) known.set(read.own, whole);
    yield* changed(parts, whole, start);
  }
}

/** The sections of a description as JSON has it, without the line end between them. */
const sectionsOf = (literal: string) => literal.replace(/(?:\\r\\n)+$/, '').split(/\\r\\n(?=m=)/);

/** The edits that make `whole` of `parts`; `\r\n` stands between them. */
function* changed(parts: readonly string[], whole: readonly string[], start: number): Generator<Edit> {
  let at = start;
  for (const [index, part] of parts.entries()) {
    const text = whole[index] ?? part;
    if (text !== part) yield { start: at, end: at + part.length, text };
    at += part.length + 4;
  }
}

/** The description of a line as it stands in it, and where it and the one that it is written by are kept. */
function described(line: string): { literal: string; own: string; base: string } | null {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return null;
  }
  if (!Array.isArray(json)) return null;
  const [method, id, value] = json as [unknown, unknown, { type?: unknown; sdp?: unknown } | null];
  const [created, set] = [CREATED.includes(method), SET.includes(method)];
  if ((!created && !set) || typeof value?.sdp !== 'string') return null;
  const literal = JSON.stringify(value.sdp).slice(1, -1);
  if (literal === '' || !line.includes(literal)) return null;
  const key = (kind: string) => `${kind} ${id} ${value.type}`;
  return { literal, own: key(created ? 'created' : 'set'), base: key(created ? 'set' : 'created') };
}
