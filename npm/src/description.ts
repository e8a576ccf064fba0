import { mustBe, requireString, requireWhole, shown } from './argument.js';
import { type Candidate, candidateWords, formatCandidate, readCandidate } from './candidate.js';
import { type AreaExports, memoryWords, raw, recordsStart, seen, writeText } from './core.js';
import { type Diagnostic, readDiagnostics, withTooLong } from './diagnostics.js';

/** The ICE attributes of a section, RFC 8839 §5. */
export interface IceAttributes {
  /** `a=ice-ufrag` (RFC 8839 §5.4); `null` when absent. */
  ufrag: string | null;
  /** `a=ice-pwd` (RFC 8839 §5.4); `null` when absent. */
  pwd: string | null;
  /** The tags of every `a=ice-options`. */
  options: string[];
  /** Whether `a=ice-lite` is there (RFC 8839 §5.3). */
  lite: boolean;
  /** `a=ice-pacing` in milliseconds. */
  pacing: number | null;
}

/** A media section, with what it inherits from the session. */
export interface MediaSection {
  /** `audio`, `video`, `application`, … */
  kind: string;
  /** 0 also where the line has no number; `attribute` and the text have what is written. */
  port: number;
  /** Transport protocol of the `m=` line, such as `UDP/TLS/RTP/SAVPF`. */
  protocol: string;
  /** Formats of the `m=` line: payload types, or `webrtc-datachannel`. */
  formats: string[];
  /** `a=mid` (RFC 5888); `null` when absent. */
  mid: string | null;
  /** `sendrecv` unless the section or the session says another. */
  direction: string;
  /** Candidates of the section that can be read, in order. */
  candidates: Candidate[];
  /** Components of `a=remote-candidates` (RFC 8839 §5.2): address and port of each candidate selected. */
  remoteCandidates: {
    /** Component, 1 to 256. */
    component: number;
    /** Connection address: an IP address or a name. */
    address: string;
    /** Port, 0 to 65535. */
    port: number;
  }[];
  /** Whether the section or the session has `a=end-of-candidates` (RFC 8840 §8.2). */
  endOfCandidates: boolean;
  /** ICE attributes: the section's own, else those of the session. */
  ice: IceAttributes;
  /** DTLS attributes: the section's own, else those of the session. */
  dtls: {
    /** `a=setup` (RFC 5763 §5), such as `actpass`; `null` when absent. */
    setup: string | null;
    /** Every `a=fingerprint` (RFC 8122 §5), in order. */
    fingerprints: {
      /** Name of the hash function, such as `sha-256`. */
      hash: string;
      /** Fingerprint of the certificate, pairs of hexadecimal digits with colons between. */
      value: string;
    }[];
  };
  /** UTF-16 offsets of the section in the text, from its `m=` line to the end of its last line. */
  start: number;
  /** UTF-16 offset behind the last line of the section. */
  end: number;
  /** Value of the first attribute of the section with exactly this name; `true` when it has none; `null` when absent. */
  attribute(name: string): string | true | null;
  /** Values of every attribute of the section with exactly this name; empty strings where they have none. */
  attributes(name: string): string[];
}

/** A line of the text. */
export interface SdpLine {
  /** The letter before `=`; empty for what is no SDP line. */
  type: string;
  /** UTF-16 offsets, without the line end. */
  start: number;
  /** UTF-16 offset behind the line, without the line end. */
  end: number;
  /** For attributes. */
  name: string | null;
  /** Text after `x=`, or after the colon of an attribute. */
  value: string;
}

/** Changes lines of a description and leaves every other byte alone. */
export interface SdpEdit {
  /**
   * Replaces the first attribute of that name, or adds it after the last line of the section. A name is written as it is: one
   * with a colon or a space is another attribute when it is read back.
   *
   * @throws TypeError for a name or value with a line end or NUL.
   */
  setAttribute(section: number | 'session', name: string, value: string | true): void;
  /** Removes every attribute of that name. */
  removeAttribute(section: number | 'session', name: string): void;
  /** Adds a candidate after the last one of the section. */
  addCandidate(section: number, candidate: Partial<Candidate>): void;
  /** The text with all edits made. */
  toString(): string;
}

/** A parsed session description. */
export interface Sdp {
  /** Lines above the first `m=` line. */
  session: {
    /** ICE attributes at session level. */
    ice: IceAttributes;
    /** Groups of media sections (`a=group`, RFC 5888), in order. */
    groups: {
      /** Semantics of the group, such as `BUNDLE` (RFC 9143). */
      semantics: string;
      /** Identification tags (`a=mid`) of its sections. */
      mids: string[];
    }[];
    /** Value of the first session attribute with exactly this name; `true` when it has none; `null` when absent. */
    attribute(name: string): string | true | null;
    /** Values of every session attribute with exactly this name; empty strings where they have none. */
    attributes(name: string): string[];
  };
  /** Media sections in order. */
  media: MediaSection[];
  /** Everything wrong or notable about the text, in its order. */
  diagnostics: Diagnostic[];
  /** Lines of the text in order, unreadable ones included. */
  readonly lines: SdpLine[];
  /** Begins an edit of the text; this description stays as it is. */
  edit(): SdpEdit;
  /** The text as it was given. */
  toString(): string;
}

interface SdpExports extends AreaExports {
  sdp_parse(length: number, ascii: boolean): number;
}

/** Words of the header and of a line in the records of `wasm/src/sdp.rs`. */
const HEADER = 3;
const LINE = 4;
const ATTRIBUTE = 0x61;
const MEDIA = 0x6d;

/** The name of an attribute, and the number by which its lines are found. */
interface Name {
  name: string;
  key: number;
}

/** With `name_key` of `wasm/src/sdp.rs`, which only looks at ASCII. */
function nameOf(name: string): Name {
  let key = 0;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    if (unit < 128) key = (key * 31 + unit) & 0xffff;
  }
  return { name, key };
}

const candidateName = /* @__PURE__ */ nameOf('candidate');
const remoteCandidatesName = /* @__PURE__ */ nameOf('remote-candidates');
const endOfCandidatesName = /* @__PURE__ */ nameOf('end-of-candidates');
const ufragName = /* @__PURE__ */ nameOf('ice-ufrag');
const pwdName = /* @__PURE__ */ nameOf('ice-pwd');
const optionsName = /* @__PURE__ */ nameOf('ice-options');
const liteName = /* @__PURE__ */ nameOf('ice-lite');
const pacingName = /* @__PURE__ */ nameOf('ice-pacing');
const midName = /* @__PURE__ */ nameOf('mid');
const groupName = /* @__PURE__ */ nameOf('group');
const fingerprintName = /* @__PURE__ */ nameOf('fingerprint');
const setupName = /* @__PURE__ */ nameOf('setup');
const directionNames = /* @__PURE__ */ ['sendrecv', 'sendonly', 'recvonly', 'inactive'].map(nameOf);

function tokens(text: string): string[] {
  return text.match(/\S+/g) ?? [];
}

function numeric(text: string | null | undefined): number | null {
  return text && /^\d{1,10}$/.test(text) ? Number(text) : null;
}

/** The lines `first` to `last` of a text, as the records have them: the session part or a media section. */
class Lines {
  readonly #text: string;
  readonly #words: Uint32Array;
  readonly first: number;
  readonly last: number;

  constructor(text: string, words: Uint32Array, first: number, last: number) {
    this.#text = text;
    this.#words = words;
    this.first = first;
    this.last = last;
  }

  /** A word of a line: 0 has its type and the key of its name, 1 its start, 2 the start of its value, 3 its end. */
  word(line: number, index: number): number {
    return this.#words[HEADER + line * LINE + index] as number;
  }

  start(line: number): number {
    return this.word(line, 1);
  }

  end(line: number): number {
    return this.word(line, 3);
  }

  type(line: number): number {
    return this.word(line, 0) & 255;
  }

  value(line: number): string {
    return this.#text.slice(this.word(line, 2), this.end(line));
  }

  /** Whether an attribute has a colon. */
  hasValue(line: number): boolean {
    return this.#text[this.word(line, 2) - 1] === ':';
  }

  /** The name of an attribute; `null` for another line. */
  name(line: number): string | null {
    if (this.type(line) !== ATTRIBUTE) return null;
    const end = this.word(line, 2) - Number(this.hasValue(line));
    return this.#text.slice(this.start(line) + 2, end).replace(/^ +/, '');
  }

  /** Index of the next line from `from` on that is this attribute; -1 when there is none. */
  find({ name, key }: Name, from = this.first): number {
    const words = this.#words;
    for (let line = from, at = HEADER + from * LINE; line < this.last; line++, at += LINE) {
      if ((words[at] as number) >>> 16 === key && this.name(line) === name) return line;
    }
    return -1;
  }

  /** Values of every attribute of this name; empty strings where they have none. */
  values(name: Name): string[] {
    const values: string[] = [];
    for (let line = this.find(name); line >= 0; line = this.find(name, line + 1)) values.push(this.value(line));
    return values;
  }

  /** Value of the first attribute of this name. */
  firstValue(name: Name): string | null {
    const line = this.find(name);
    return line < 0 ? null : this.value(line);
  }

  attribute(name: string): string | true | null {
    const line = this.find(nameOf(name));
    return line < 0 ? null : !this.hasValue(line) || this.value(line);
  }
}

/** Values that sections inherit from the session; `null` where the lines do not say. */
interface Inherited {
  ufrag: string | null;
  pwd: string | null;
  options: string[] | null;
  lite: boolean;
  pacing: number | null;
  setup: string | null;
  fingerprints: { hash: string; value: string }[] | null;
  direction: string | null;
  endOfCandidates: boolean;
}

function inherited(lines: Lines): Inherited {
  const options = lines.values(optionsName);
  const fingerprints = lines.values(fingerprintName).map((text) => {
    const [hash = ''] = text.split(' ', 1);
    return { hash, value: text.slice(hash.length + 1) };
  });
  let first = lines.last;
  let direction = null;
  for (const one of directionNames) {
    const line = lines.find(one);
    if (line >= 0 && line < first) {
      first = line;
      direction = one.name;
    }
  }
  return {
    ufrag: lines.firstValue(ufragName),
    pwd: lines.firstValue(pwdName),
    options: options.length > 0 ? options.flatMap(tokens) : null,
    lite: lines.find(liteName) >= 0,
    pacing: numeric(lines.firstValue(pacingName)),
    setup: lines.firstValue(setupName),
    fingerprints: fingerprints.length > 0 ? fingerprints : null,
    direction,
    endOfCandidates: lines.find(endOfCandidatesName) >= 0,
  };
}

function ice(own: Inherited, session: Inherited): IceAttributes {
  return {
    ufrag: own.ufrag ?? session.ufrag,
    pwd: own.pwd ?? session.pwd,
    options: own.options ?? session.options ?? [],
    lite: own.lite || session.lite,
    pacing: session.pacing ?? own.pacing,
  };
}

function remoteCandidates(values: string[]): MediaSection['remoteCandidates'] {
  const list: MediaSection['remoteCandidates'] = [];
  for (const value of values) {
    const fields = tokens(value);
    for (let i = 0; i + 2 < fields.length; i += 3) {
      const component = numeric(fields[i]);
      const port = numeric(fields[i + 2]);
      if (component === null || port === null || port > 65535) break;
      list.push({ component, address: fields[i + 1] as string, port });
    }
  }
  return list;
}

function sectionOf(lines: Lines, session: Inherited, candidates: Candidate[]): MediaSection {
  const own = inherited(lines);
  const [kind = '', portField = '', protocol = '', ...formats] = lines.value(lines.first).split(' ');
  const port = numeric(portField.split('/')[0]) ?? 0;
  return {
    kind,
    port: port < 65536 ? port : 0,
    protocol,
    formats: formats.filter((format) => format !== ''),
    mid: lines.firstValue(midName),
    direction: own.direction ?? session.direction ?? 'sendrecv',
    candidates,
    remoteCandidates: remoteCandidates(lines.values(remoteCandidatesName)),
    endOfCandidates: own.endOfCandidates || session.endOfCandidates,
    ice: ice(own, session),
    dtls: { setup: own.setup ?? session.setup, fingerprints: own.fingerprints ?? session.fingerprints ?? [] },
    start: lines.start(lines.first),
    end: lines.end(lines.last - 1),
    attribute: (name) => lines.attribute(name),
    attributes: (name) => lines.values(nameOf(name)),
  };
}

/** The parts of a text: the session part, then the media sections. */
type Parts = [session: Lines, ...media: Lines[]];

/** Parses in wasm and copies the records out. */
function read(text: string): { words: Uint32Array; parts: Parts } {
  const length = writeText(seen(text));
  const count = raw<SdpExports>().sdp_parse(length, length === text.length);
  const at = recordsStart();
  const words = memoryWords().slice(at, at + count);
  const all = new Lines(text, words, 0, words[0] as number);
  const parts: Lines[] = [];
  let first = 0;
  for (let line = 0; line <= all.last; line++) {
    if (line < all.last && all.type(line) !== MEDIA) continue;
    parts.push(new Lines(text, words, first, line));
    first = line;
  }
  return { words, parts: parts as Parts };
}

/** Offset at which a line starts, its indentation and a byte order mark with it. */
function lineStarts(text: string, all: Lines): (line: number) => number {
  let [line, start] = [1, 0];
  return (next) => {
    // Many diagnostics may be about one line, and that one long.
    if (next === line) return start;
    line = next;
    start = line === 1 ? 0 : all.start(line - 1);
    while (line > 1 && ' \t'.includes(text.charAt(start - 1))) start--;
    return start;
  };
}

class Description implements Sdp {
  readonly session: Sdp['session'];
  readonly media: MediaSection[];
  readonly diagnostics: Diagnostic[];
  readonly #text: string;
  readonly #all: Lines;

  constructor(text: string) {
    const { words, parts } = read(text);
    const [lineCount, candidateCount, diagnosticCount] = words as unknown as [number, number, number];
    const [session, ...sections] = parts;
    const shared = inherited(session);
    let word = HEADER + lineCount * LINE;
    let left = candidateCount;
    const candidatesOf = (lines: Lines, index: number) => {
      const mid = lines.firstValue(midName);
      const list: Candidate[] = [];
      for (; left > 0 && (words[word + 1] as number) < lines.last; left--, word += candidateWords(words, word)) {
        list.push(readCandidate(text, words, word, mid, index));
      }
      return list;
    };
    candidatesOf(session, -1);
    this.#text = text;
    this.#all = new Lines(text, words, 0, lineCount);
    this.session = {
      ice: ice(shared, shared),
      groups: session.values(groupName).map((value) => {
        const [semantics = '', ...mids] = tokens(value);
        return { semantics, mids };
      }),
      attribute: (name) => session.attribute(name),
      attributes: (name) => session.values(nameOf(name)),
    };
    this.media = sections.map((lines, index) => sectionOf(lines, shared, candidatesOf(lines, index)));
    const told = readDiagnostics(words, word, diagnosticCount, lineStarts(text, this.#all));
    this.diagnostics = withTooLong(told, text);
  }

  get lines(): SdpLine[] {
    const all = this.#all;
    return Array.from({ length: all.last }, (_, line) => {
      const type = all.type(line);
      return {
        type: type === 0 ? '' : String.fromCharCode(type),
        start: all.start(line),
        end: all.end(line),
        name: all.name(line),
        value: all.value(line),
      };
    });
  }

  edit(): SdpEdit {
    return new Edit(this.#text);
  }

  toString(): string {
    return this.#text;
  }
}

/** Edits as replacements of spans of the text, which is then read anew. */
class Edit implements SdpEdit {
  #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  #section(section: number | 'session'): Lines {
    if (section !== 'session') requireWhole('section', section);
    const [session, ...media] = read(this.#text).parts;
    const lines = section === 'session' ? session : media[section];
    if (lines === undefined) throw new RangeError(`section ${shown(section)}: the description has ${media.length}`);
    return lines;
  }

  #replace(start: number, end: number, text: string): void {
    this.#text = this.#text.slice(0, start) + text + this.#text.slice(end);
  }

  /** Adds a line after line `after` of `lines`, or after the last that is not empty. */
  #insert(lines: Lines, content: string, after = -1): void {
    // The line end that the text uses.
    const newline = /\r\n|\n|\r/.exec(this.#text)?.[0] ?? '\r\n';
    let line = after < 0 ? lines.last - 1 : after;
    while (line > lines.first && lines.start(line) === lines.end(line)) line--;
    // Before the first line, but after a byte order mark.
    const end = line < 0 ? Number(this.#text.startsWith('\ufeff')) : lines.end(line);
    this.#replace(end, end, line < 0 ? content + newline : newline + content);
  }

  setAttribute(section: number | 'session', name: string, value: string | true): void {
    requireString('name', name);
    if (value !== true) requireString('value', value);
    const content = `a=${name}${value === true ? '' : `:${value}`}`;
    if (/[\r\n\0]/.test(content)) throw new TypeError(`attribute ${name}: a line end or NUL would end the line`);
    const lines = this.#section(section);
    const line = lines.find(nameOf(name));
    if (line < 0) this.#insert(lines, content);
    else this.#replace(lines.start(line), lines.end(line), content);
  }

  removeAttribute(section: number | 'session', name: string): void {
    requireString('name', name);
    const lines = this.#section(section);
    const key = nameOf(name);
    const newline = /\r\n|\n|\r|/y;
    let kept = '';
    let from = 0;
    for (let line = lines.find(key); line >= 0; line = lines.find(key, line + 1)) {
      kept += this.#text.slice(from, lines.start(line));
      newline.lastIndex = lines.end(line);
      newline.test(this.#text);
      from = newline.lastIndex;
    }
    this.#text = kept + this.#text.slice(from);
  }

  addCandidate(section: number, candidate: Partial<Candidate>): void {
    const lines = this.#section(section);
    let after = -1;
    for (let line = lines.find(candidateName); line >= 0; line = lines.find(candidateName, line + 1)) after = line;
    this.#insert(lines, `a=${formatCandidate(candidate)}`, after);
  }

  toString(): string {
    return this.#text;
  }
}

/**
 * Parses a session description, or a fragment of one: a text, an RTCSessionDescription, or an RTCSessionDescriptionInit.
 * Never throws on a text: what is wrong is in `diagnostics`, what was not understood is kept, and `toString()` gives back
 * every byte.
 *
 * @throws TypeError for what is neither a text nor an object whose `sdp` is one.
 *
 * ```js
 * const offer = parseSdp(pc.localDescription.sdp);
 * offer.media[0].ice.ufrag;
 * for (const { line, code, message } of offer.diagnostics) console.log(line, code, message);
 * ```
 */
export function parseSdp(text: string | { readonly sdp?: string }): Sdp {
  if (typeof text === 'string') return new Description(text);
  if (typeof text !== 'object' || text === null || Array.isArray(text)) {
    throw mustBe('text', 'a string or an RTCSessionDescriptionInit', text);
  }
  const { sdp = '' } = text;
  requireString('sdp', sdp);
  return new Description(sdp);
}
