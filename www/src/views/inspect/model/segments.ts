/** Looks of the parts of a line. */

export interface Span {
  start: number;
  end: number;
  /** Class names to add; a later span wins only by the style sheet's order. */
  look: string;
}

/** Most characters of one line that get looks. */
export const MAX_LINE = 2000;

const CANDIDATE = /candidate:/i;
const TYPES = new Set(['host', 'srflx', 'prflx', 'relay']);
/** Class for the colour of a candidate's type; never a word of the input. */
export const typeTint = (type: string) => (TYPES.has(type) ? type : 'unknown');

/** Looks of a candidate line: priority, address and port, type. Follows the fixed order of RFC 8839 5.1. */
export function candidateSpans(line: string, offset: number): Span[] {
  const prefix = CANDIDATE.exec(line);
  if (prefix === null) return [];
  const spans: Span[] = [{ start: offset, end: offset + prefix.index + prefix[0].length, look: 'key' }];
  const body = prefix.index + prefix[0].length;
  const words: { start: number; end: number; text: string }[] = [];
  for (const match of line.slice(body, body + MAX_LINE).matchAll(/[^\s"',\\]+/g)) {
    words.push({ start: body + match.index, end: body + match.index + match[0].length, text: match[0] });
    if (words.length === 12) break;
  }
  const [priority, address, port] = words.slice(3, 6);
  const typ = words.findIndex((word) => word.text === 'typ');
  const type = typ < 0 ? undefined : words[typ + 1];
  const tint = typeTint(type?.text ?? '');
  if (priority !== undefined)
    spans.push({ start: offset + priority.start, end: offset + priority.end, look: 'priority' });
  if (address !== undefined && port !== undefined) {
    spans.push({ start: offset + address.start, end: offset + port.end, look: `tint ${tint}` });
  }
  if (type !== undefined && tint !== 'unknown') {
    spans.push({ start: offset + type.start, end: offset + type.end, look: `type ${tint}` });
  }
  return spans;
}

const CREDENTIAL = /^a=ice-(?:ufrag|pwd):/;
const KEY = /^(?:m=\S*|[a-z]=(?:[A-Za-z][\w-]*:)?)/;

/** Looks of an SDP line: what names it in `--ink2`, credentials underlined, candidates in their tint. */
export function sdpSpans(line: string, offset: number): Span[] {
  if (/^a=candidate:/i.test(line)) return candidateSpans(line, offset);
  const key = KEY.exec(line)?.[0] ?? '';
  const spans: Span[] = key === '' ? [] : [{ start: offset, end: offset + key.length, look: 'key' }];
  const credential = CREDENTIAL.exec(line);
  if (credential !== null)
    spans.push({ start: offset + credential[0].length, end: offset + line.length, look: 'credential' });
  return spans;
}

const LOG_PREFIX = /^(?:[\w./-]+:\d+ )?\d[\d:.,-]*:?(?=\s)/;

/** Looks of a line of a log: its source and time recede. */
export function logSpans(line: string, offset: number): Span[] {
  const prefix = LOG_PREFIX.exec(line)?.[0];
  return prefix === undefined ? [] : [{ start: offset, end: offset + prefix.length, look: 'quiet' }];
}
