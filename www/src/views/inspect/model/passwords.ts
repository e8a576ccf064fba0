/**
 * Passwords taken out of a text before it goes into a link or a report. Lengths stay, so every offset stays, and equal
 * secrets stay equal, so that what compares them still can.
 *
 * Two rules. What stands beside the name of a secret goes, whatever it looks like. Of the rest, long runs of letters and digits
 * stay only where they are known to be no secret: words, numbers, names that SDP and logs give to things, STUN messages.
 */

/** A part of the text to be covered. */
type Span = [start: number, end: number];

/** Covers the secrets of a text; `removed` counts them. */
export function removePasswords(text: string): { text: string; removed: number } {
  return clean(text, new Cover(), 0);
}

/** Covers what stands beside the name of a secret, in bytes of which most are not text. */
export function removeNamedPasswords(bytes: Uint8Array): Uint8Array {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  const cover = new Cover();
  return Uint8Array.from(replaced(text, named(text), cover), (letter) => letter.charCodeAt(0));
}

/** Texts in texts that are opened: base64 of JSON, hex of SDP. */
const MAX_DEPTH = 3;

function clean(text: string, cover: Cover, depth: number): { text: string; removed: number } {
  const before = cover.count;
  let out = depth < MAX_DEPTH ? withinHexDumps(text, cover, depth) : text;
  out = replaced(out, named(out), cover);
  out = withinRuns(out, cover, depth);
  return { text: out, removed: cover.count - before };
}

/** Gives each secret its cover: the first is all `x`, others end in their number. */
class Cover {
  count = 0;
  readonly #numbers = new Map<string, number>();

  of(secret: string): string {
    this.count++;
    const number = this.#numbers.get(secret) ?? this.#numbers.size;
    this.#numbers.set(secret, number);
    const tail = number === 0 ? '' : String(number);
    return tail.length < secret.length - 1 ? tail.padStart(secret.length, 'x') : 'x'.repeat(secret.length);
  }
}

function replaced(text: string, spans: Span[], cover: Cover): string {
  const parts: string[] = [];
  let done = 0;
  for (const [start, end] of spans.sort((a, b) => a[0] - b[0] || b[1] - a[1])) {
    if (end <= done) continue;
    const from = Math.max(start, done);
    parts.push(text.slice(done, from), cover.of(text.slice(from, end)));
    done = end;
  }
  parts.push(text.slice(done));
  return parts.join('');
}

// ---- Beside a name

/** Names of secrets, as the end of an identifier in any style. */
const NAMES =
  'pwd|pass(?:word|wd|phrase|code)?|credentials?|secret|token|api[-_ ]?key|(?:access|private|shared|secret|encryption|signing|auth)[-_ ]?key|signature|jwt|bearer|inline|authtoken|auth[-_]secret';
/** Between the name and its value: quotes in any escaping, colons, arrows, marks of HTML and of URLs. */
const GAP = String.raw`(?:[\s"'\`\\]|&quot;|&#3[49];|%2[27]|%5C)*(?:=>|->|:=|[:=>]|%3A|%3D)(?:[\s"'\`\\(\[{]|&quot;|&#3[49];|%2[027]|%5C|<[^<>\n]{0,40}>)*`;
const NAMED = new RegExp(`(?:${NAMES})(?:s?(?![A-Za-z]))${GAP}`, 'gi');
/** The value `password` of a `credentialType` is none. */
const NO_SECRET = /^(?:password|oauth|null|undefined|none|true|false|string|\*+|x+|redacted|\[redacted\])$/i;
/** Headers that are secrets as a whole, up to the end of their line. */
const HEADERS =
  /\b(?:proxy-)?authorization["'\\]*\s*[:=]\s*["'\\]*|\b(?:set-)?cookie["'\\]*\s*:\s*["'\\]*|\bsec-websocket-key\s*:\s*/gi;
/** Parameters of Digest (RFC 7616) that are none. */
const PUBLIC = /\b(?:username|realm|nonce|uri|algorithm|qop|nc|cnonce|opaque)\s*=\s*(?:"[^"\r\n]*"|[^\s,"]*)/gi;
/** User and password in a URL; the password may hold an `@`. */
const IN_URL =
  /\b(?:turns?|stuns?|https?|wss?|rtsps?|rtmps?|srt|sips?|redis|amqps?|mongodb|postgres\w*|mysql):(?:\/\/)?([^\s:@/"'`<>\\]*):([^\s/"'`<>\\]+)@/gi;
/** `k=` of SDP (RFC 4566 §5.12). */
const KEY_LINE = /(?:^|[\r\n"'`\s]|\\[rn])k=(?:clear|base64|uri):([^\s"'`\\<]+)/gi;
/** Arguments of programs. */
const ARGUMENTS = /\s(?:-w|-u|--user|--password|--userpass)(?:\s+|=)(\S+)/g;
/** An account in the configuration of coturn. */
const ACCOUNT = /\buser\s*=\s*[^\s:=]+:([^\s"'<>&]+)/gi;
/** PEM (RFC 7468). */
const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----([\s\S]{0,10000}?)-----END/g;

function named(text: string): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(NAMED)) {
    const start = match.index + match[0].length;
    const end = valueEnd(text, start);
    if (end > start && !NO_SECRET.test(text.slice(start, end))) spans.push([start, end]);
  }
  for (const match of text.matchAll(HEADERS)) {
    spans.push(...headerSecrets(text, match.index + match[0].length));
  }
  for (const match of text.matchAll(IN_URL)) {
    const end = match.index + match[0].length - 1;
    spans.push([end - (match[2]?.length ?? 0), end]);
  }
  for (const pattern of [KEY_LINE, ACCOUNT, PEM]) {
    for (const match of text.matchAll(pattern)) {
      const value = match[1] ?? '';
      const start = match.index + match[0].lastIndexOf(value);
      if (value !== '') spans.push([start, start + value.length]);
    }
  }
  for (const match of text.matchAll(ARGUMENTS)) spans.push(...argument(match));
  return spans;
}

/** `-u name:password`, `--user=name:password`, `-w password`. */
function argument(match: RegExpExecArray): Span[] {
  const value = match[1] ?? '';
  const end = match.index + match[0].length;
  const start = end - value.length;
  if (/^\s-w/.test(match[0])) return value.length > 3 && !value.startsWith('-') ? [[start, end]] : [];
  const colon = value.indexOf(':');
  if (/password/.test(match[0])) return [[start, end]];
  return colon >= 0 && colon < value.length - 1 ? [[start + colon + 1, end]] : [];
}

/** End of a value that begins at `start`: its closing quote, or the place where no value goes on. */
function valueEnd(text: string, start: number): number {
  const quote = /(\\*)(["'`])$/.exec(text.slice(Math.max(0, start - 12), start));
  const line = text.slice(start, start + 4096);
  if (quote !== null) {
    // The closing quote is escaped as the opening one was.
    const close = `${quote[1]}${quote[2]}`;
    for (let at = line.indexOf(close); at >= 0; at = line.indexOf(close, at + 1)) {
      let slashes = 0;
      while (line[at - 1 - slashes] === '\\') slashes++;
      if (slashes === 0) return start + at;
    }
  }
  const stop = /[\s"'`<>|;,&)\]}\\]|%0D|%0A|%2[267C]|%5C|%3C|%7[CD]|&quot;/i.exec(line);
  return start + (stop === null ? line.length : stop.index);
}

/** The secrets of a header's value: all of it but the scheme and what Digest shows openly. */
function headerSecrets(text: string, start: number): Span[] {
  const line = /^(?:[^\r\n\\]|\\["'/\\](?![rn]))*/.exec(text.slice(start, start + 8192))?.[0] ?? '';
  const scheme = /^(?:[A-Za-z][A-Za-z0-9-]{2,20})\s+/.exec(line)?.[0].length ?? 0;
  if (!/^digest/i.test(line)) {
    const quoted = /["'`]/.exec(line);
    const end = quoted === null ? line.trimEnd().length : quoted.index;
    return end > scheme ? [[start + scheme, start + end]] : [];
  }
  const open = [...line.matchAll(PUBLIC)].map((match): Span => [match.index, match.index + match[0].length]);
  const values = line.matchAll(/=\s*"?([^"\s,]+)/g);
  return [...values].flatMap((match): Span[] => {
    const value = match[1] ?? '';
    const at = match.index + match[0].length - value.length;
    if (at < scheme || open.some(([from, to]) => at >= from && at < to)) return [];
    return [[start + at, start + at + value.length]];
  });
}

// ---- Long runs

const RUN = /[A-Za-z0-9+/_-]{16,}={0,2}/g;
/** Names before a value that is not a secret. */
const OPEN =
  /(?:candidate|fingerprint|ufrag|mid|msid|cname|label|ssrc|foundation|rid|group|extmap|rtpmap|fmtp|call-?id|branch|tag|transaction_?id|txn id|tie-?breaker|^[a-z]=)\S{0,3}[:=\s]["'\s]*[\w.-]{0,12}\s?$/i;

function withinRuns(text: string, cover: Cover, depth: number): string {
  let awaited = 0;
  let done = 0;
  return text.replace(RUN, (run, at: number) => {
    const between = text.slice(done, at);
    done = at + run.length;
    const stun = stunLength(run);
    if (awaited > 0 && isHex(run) && /^[\s"'+,\\;]*$/.test(between)) {
      awaited -= run.length / 2;
      return run;
    }
    awaited = 0;
    if (stun !== null) {
      awaited = stun;
      return run;
    }
    const inner = depth < MAX_DEPTH ? withinEncoding(run, cover, depth) : null;
    if (inner !== null) return inner;
    const behind = text.slice(done, done + 7);
    const before = text.slice(Math.max(0, at - 40), at);
    if (isSafe(run) || behind.startsWith('.local') || OPEN.test(before)) return run;
    return cover.of(run);
  });
}

/** Bytes that a STUN message beginning with this run still lacks; `null` when none begins here. */
function stunLength(run: string): number | null {
  const bytes = isHex(run) ? fromHex(run) : fromBase64(run);
  const [first = 255, , high = 0, low = 0] = bytes;
  if (first > 0x3f || bytes.length < 8) return null;
  const length = 20 + high * 256 + low;
  const cookie = bytes[4] === 0x21 && bytes[5] === 0x12 && bytes[6] === 0xa4 && bytes[7] === 0x42;
  const classic = first <= 1 && bytes.length === length;
  return cookie || classic ? Math.max(0, length - bytes.length) : null;
}

const isHex = (run: string) => run.length % 2 === 0 && /^[0-9a-fA-F]+$/.test(run);
const fromHex = (run: string) => (run.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));

function fromBase64(run: string): number[] {
  const plain = run.replace(/=+$/, '').replace(/-/g, '+').replace(/_/g, '/');
  try {
    return Array.from(atob(plain.slice(0, plain.length - (plain.length % 4 === 1 ? 1 : 0))), (c) => c.charCodeAt(0));
  } catch {
    return [];
  }
}

/** Text in base64 or hex: cleaned and encoded again, in the same length. `null` when it holds none. */
function withinEncoding(run: string, cover: Cover, depth: number): string | null {
  if (run.length < 24) return null;
  const hex = isHex(run);
  const text = String.fromCharCode(...(hex ? fromHex(run) : fromBase64(run)).slice(0, 60_000));
  if (!isText(text)) return null;
  const cleaned = clean(text, cover, depth + 1).text;
  if (cleaned === text) return run;
  if (hex) return Array.from(cleaned, (c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  const encoded = btoa(cleaned).replace(/=+$/, '');
  const url = /[-_]/.test(run);
  const out = url ? encoded.replace(/\+/g, '-').replace(/\//g, '_') : encoded;
  return out.slice(0, run.length).padEnd(run.length, '=');
}

const isText = (text: string) =>
  text.length >= 16 && (text.match(/[\x20-\x7e\r\n\t]/g)?.length ?? 0) >= text.length * 0.97 && /[\s{}:=]/.test(text);

/** `AES_CM_128_HMAC_SHA1_80`. */
const CONSTANT = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]{1,9}){2,}$/;
/** Events and functions whose words are written together. */
const COVERED = /^x{6,}\d*$/;
const EVENTS =
  /^[a-z]*(?:candidate|connection|description|gathering|signaling|negotiation|transport|channel|stream)[a-z]*$/i;
const PROTOCOLS = /^(?:UDP|TCP|DTLS|TLS|RTP|S?AVPF?|SCTP|BFCP|MSRP|\/)+$/;

/** Whether a run is made of words and numbers, as names, paths and times are. */
function isSafe(run: string): boolean {
  if ([COVERED, PROTOCOLS, CONSTANT, EVENTS].some((known) => known.test(run))) return true;
  const pieces = run.split(/[+/_=-]+/).flatMap((part) => part.match(/\d+|[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []);
  const words = pieces.filter((piece) => /[a-z]/i.test(piece));
  if (words.length === 0) return /^[\d+/_=-]+$/.test(run);
  const letters = words.reduce((sum, { length }) => sum + length, 0);
  const numbers = pieces.length - words.length;
  return letters / words.length >= 3.5 && words.every(({ length }) => length <= 16) && numbers <= words.length + 2;
}

// ---- Hex dumps of text

const DUMP_LINE = /^[ \t]*(?:0x)?[0-9a-fA-F]{3,8}:?[ \t]+((?:[0-9a-fA-F]{2}[ \t]{0,3}){1,32})(.*)$/gm;

/** Text in lines of offset, bytes and letters: both columns are covered. */
function withinHexDumps(text: string, cover: Cover, depth: number): string {
  const places: { hex: number; shown: number | null }[] = [];
  let bytes = '';
  for (const match of text.matchAll(DUMP_LINE)) {
    const [line, digits = ''] = match;
    const from = match.index + line.indexOf(digits, line.search(/[ \t:]/));
    const pairs = [...digits.matchAll(/[0-9a-fA-F]{2}/g)];
    const lineEnd = match.index + line.length;
    const shown = lettersOf(text.slice(from + digits.length, lineEnd), pairs.length);
    for (const [at, pair] of pairs.entries()) {
      const place = shown === null ? null : from + digits.length + shown + at;
      places.push({ hex: from + pair.index, shown: place });
      bytes += String.fromCharCode(Number.parseInt(pair[0], 16));
    }
  }
  if (bytes.length < 32 || !isText(bytes)) return text;
  const cleaned = clean(bytes, cover, depth + 1).text;
  const letters = text.split('');
  for (const [at, { hex, shown }] of places.entries()) {
    if (cleaned[at] === bytes[at]) continue;
    const code = cleaned.charCodeAt(at).toString(16).padStart(2, '0');
    letters[hex] = code.charAt(0);
    letters[hex + 1] = code.charAt(1);
    if (shown !== null) letters[shown] = cleaned.charAt(at);
  }
  return letters.join('');
}

/** Offset in the rest of a dump's line at which its letters begin. */
function lettersOf(rest: string, count: number): number | null {
  const bar = /^\s*\|/.exec(rest);
  if (bar !== null) return bar[0].length;
  const end = rest.trimEnd().length;
  return end >= count ? end - count : null;
}
