import { type Candidate, candidateWords, formatCandidate, readCandidate } from './candidate.js';
import { type AreaExports, memoryWords, raw, recordsStart, writeText } from './core.js';
import { type Diagnostic, readDiagnostics } from './diagnostics.js';

/** The ICE attributes of a section, RFC 8839 §5. */
export interface IceAttributes {
  ufrag: string | null;
  pwd: string | null;
  /** The tags of every `a=ice-options`. */
  options: string[];
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
  protocol: string;
  formats: string[];
  mid: string | null;
  /** `sendrecv` unless the section or the session says another. */
  direction: string;
  candidates: Candidate[];
  remoteCandidates: { component: number; address: string; port: number }[];
  endOfCandidates: boolean;
  ice: IceAttributes;
  dtls: { setup: string | null; fingerprints: { hash: string; value: string }[] };
  /** UTF-16 offsets of the section in the text, from its `m=` line to the end of its last line. */
  start: number;
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
  end: number;
  /** For attributes. */
  name: string | null;
  /** What follows `x=`, or the colon of an attribute. */
  value: string;
}

/** Changes lines of a description and leaves every other byte alone. */
export interface SdpEdit {
  /** Replaces the first attribute of that name, or adds it after the last line of the section. */
  setAttribute(section: number | 'session', name: string, value: string | true): void;
  /** Removes every attribute of that name. */
  removeAttribute(section: number | 'session', name: string): void;
  /** Adds a candidate after the last one of the section. */
  addCandidate(section: number, candidate: Partial<Candidate>): void;
  toString(): string;
}

/** A parsed session description. */
export interface Sdp {
  session: {
    ice: IceAttributes;
    groups: { semantics: string; mids: string[] }[];
    attribute(name: string): string | true | null;
    attributes(name: string): string[];
  };
  media: MediaSection[];
  diagnostics: Diagnostic[];
  readonly lines: SdpLine[];
  edit(): SdpEdit;
  /** The text as it was given. */
  toString(): string;
}

interface SdpExports extends AreaExports {
  sdp_parse(length: number, ascii: boolean): number;
}

/** Numbers of `Attribute` in `src/sdp/attribute.rs`. */
enum Id {
  Candidate = 2,
  RemoteCandidates = 3,
  EndOfCandidates = 4,
  IceUfrag = 5,
  IcePwd = 6,
  IceOptions = 7,
  IceLite = 8,
  IcePacing = 10,
  Mid = 11,
  Group = 12,
  Fingerprint = 14,
  Setup = 15,
  SendRecv = 23,
  Inactive = 26,
}

/** Words of the header and of a line in the records of `src/wasm/sdp.rs`. */
const HEADER = 5;
const LINE = 4;
const ATTRIBUTE = 0x61;
const directions = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

function tokens(text: string): string[] {
  const trimmed = text.trim();
  return trimmed === '' ? [] : trimmed.split(/\s+/);
}

function numeric(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null;
}

/** The lines `first` to `last` of a text, as the records have them. */
class Lines {
  readonly text: string;
  readonly words: Uint32Array;
  readonly first: number;
  readonly last: number;

  constructor(text: string, words: Uint32Array, first: number, last: number) {
    this.text = text;
    this.words = words;
    this.first = first;
    this.last = last;
  }

  start(line: number): number {
    return this.words[HEADER + line * LINE + 1] as number;
  }

  end(line: number): number {
    return this.words[HEADER + line * LINE + 3] as number;
  }

  type(line: number): number {
    return (this.words[HEADER + line * LINE] as number) & 255;
  }

  value(line: number): string {
    const at = HEADER + line * LINE;
    return this.text.slice(this.words[at + 2], this.words[at + 3]);
  }

  /** Index of the next line from `from` on that holds the attribute; -1 when there is none. */
  find(id: Id, from = this.first): number {
    const { words } = this;
    for (let line = from, at = HEADER + from * LINE; line < this.last; line++, at += LINE) {
      if ((words[at] as number) >>> 8 === id) return line;
    }
    return -1;
  }

  valueOf(id: Id): string | null {
    const line = this.find(id);
    return line < 0 ? null : this.value(line);
  }

  valuesOf(id: Id): string[] {
    const values: string[] = [];
    for (let line = this.find(id); line >= 0; line = this.find(id, line + 1)) values.push(this.value(line));
    return values;
  }

  /** Where the name of an attribute starts. */
  nameStart(line: number): number {
    let at = this.start(line) + 2;
    while (this.text.charCodeAt(at) === 0x20) at++;
    return at;
  }

  /** Index of the next line from `from` on that is the attribute of this name; -1 when there is none. */
  named(name: string, from = this.first): number {
    for (let line = from; line < this.last; line++) {
      if (this.type(line) !== ATTRIBUTE) continue;
      const nameEnd = this.nameStart(line) + name.length;
      const colon = nameEnd === this.end(line) || this.text.charCodeAt(nameEnd) === 0x3a;
      if (colon && nameEnd <= this.end(line) && this.text.startsWith(name, nameEnd - name.length)) return line;
    }
    return -1;
  }

  attribute(name: string): string | true | null {
    const line = this.named(name);
    if (line < 0) return null;
    return this.nameStart(line) + name.length === this.end(line) ? true : this.value(line);
  }

  attributes(name: string): string[] {
    const values: string[] = [];
    for (let line = this.named(name); line >= 0; line = this.named(name, line + 1)) values.push(this.value(line));
    return values;
  }

  direction(): string | null {
    for (let line = this.first; line < this.last; line++) {
      const id = (this.words[HEADER + line * LINE] as number) >>> 8;
      if (id >= Id.SendRecv && id <= Id.Inactive) return directions[id - Id.SendRecv] as string;
    }
    return null;
  }
}

function ice(own: Lines, session: Lines): IceAttributes {
  const value = (id: Id) => own.valueOf(id) ?? session.valueOf(id);
  const options = own.valuesOf(Id.IceOptions);
  const pacing = session.valueOf(Id.IcePacing) ?? own.valueOf(Id.IcePacing);
  return {
    ufrag: value(Id.IceUfrag),
    pwd: value(Id.IcePwd),
    options: (options.length > 0 ? options : session.valuesOf(Id.IceOptions)).flatMap(tokens),
    lite: own.find(Id.IceLite) >= 0 || session.find(Id.IceLite) >= 0,
    pacing: numeric(pacing ?? undefined),
  };
}

function dtls(own: Lines, session: Lines): MediaSection['dtls'] {
  const values = own.valuesOf(Id.Fingerprint);
  const fingerprints = (values.length > 0 ? values : session.valuesOf(Id.Fingerprint)).map((text) => {
    const space = text.indexOf(' ');
    return space < 0 ? { hash: text, value: '' } : { hash: text.slice(0, space), value: text.slice(space + 1) };
  });
  return { setup: own.valueOf(Id.Setup) ?? session.valueOf(Id.Setup), fingerprints };
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

/** A section whose fields are made when they are first read. */
class Section implements MediaSection {
  readonly #lines: Lines;
  readonly #session: Lines;
  readonly #index: number;
  /** Word of the first candidate of the section, and how many there are. */
  readonly #candidatesAt: number;
  readonly #candidateCount: number;
  #fields: string[] | null = null;
  #candidates: Candidate[] | null = null;
  #ice: IceAttributes | null = null;
  #dtls: MediaSection['dtls'] | null = null;

  constructor(lines: Lines, session: Lines, index: number, candidatesAt: number, candidateCount: number) {
    this.#lines = lines;
    this.#session = session;
    this.#index = index;
    this.#candidatesAt = candidatesAt;
    this.#candidateCount = candidateCount;
  }

  #line(): string[] {
    this.#fields ??= this.#lines.value(this.#lines.first).split(' ');
    return this.#fields;
  }

  get kind(): string {
    return this.#line()[0] as string;
  }

  get port(): number {
    const port = numeric(this.#line()[1]?.split('/')[0]);
    return port !== null && port <= 65535 ? port : 0;
  }

  get protocol(): string {
    return this.#line()[2] ?? '';
  }

  get formats(): string[] {
    return this.#line()
      .slice(3)
      .filter((format) => format !== '');
  }

  get mid(): string | null {
    return this.#lines.valueOf(Id.Mid);
  }

  get direction(): string {
    return this.#lines.direction() ?? this.#session.direction() ?? 'sendrecv';
  }

  get candidates(): Candidate[] {
    if (this.#candidates === null) {
      const { text, words } = this.#lines;
      const mid = this.mid;
      const list: Candidate[] = [];
      let at = this.#candidatesAt;
      for (let i = 0; i < this.#candidateCount; i++) {
        list.push(readCandidate(text, words, at, mid, this.#index));
        at += candidateWords(words, at);
      }
      this.#candidates = list;
    }
    return this.#candidates;
  }

  get remoteCandidates(): MediaSection['remoteCandidates'] {
    return remoteCandidates(this.#lines.valuesOf(Id.RemoteCandidates));
  }

  get endOfCandidates(): boolean {
    return this.#lines.find(Id.EndOfCandidates) >= 0 || this.#session.find(Id.EndOfCandidates) >= 0;
  }

  get ice(): IceAttributes {
    this.#ice ??= ice(this.#lines, this.#session);
    return this.#ice;
  }

  get dtls(): MediaSection['dtls'] {
    this.#dtls ??= dtls(this.#lines, this.#session);
    return this.#dtls;
  }

  get start(): number {
    return this.#lines.start(this.#lines.first);
  }

  get end(): number {
    return this.#lines.end(this.#lines.last - 1);
  }

  attribute(name: string): string | true | null {
    return this.#lines.attribute(name);
  }

  attributes(name: string): string[] {
    return this.#lines.attributes(name);
  }

  toJSON(): object {
    const { kind, port, protocol, formats, mid, direction, candidates, remoteCandidates, endOfCandidates, ice, dtls } =
      this;
    return { kind, port, protocol, formats, mid, direction, candidates, remoteCandidates, endOfCandidates, ice, dtls };
  }
}

class Description implements Sdp {
  readonly session: Sdp['session'];
  readonly media: MediaSection[];
  readonly diagnostics: Diagnostic[];
  readonly #text: string;
  readonly #all: Lines;
  readonly #sections: Lines[];

  constructor(text: string, words: Uint32Array, diagnostics: Diagnostic[]) {
    const [lineCount, mediaCount, candidateCount] = words as unknown as [number, number, number];
    const mediaAt = HEADER + lineCount * LINE;
    this.#text = text;
    this.#all = new Lines(text, words, 0, lineCount);
    const firstOf = (index: number) => (index < mediaCount ? (words[mediaAt + index] as number) : lineCount);
    const session = new Lines(text, words, 0, firstOf(0));
    this.session = sessionOf(session);
    this.#sections = [];
    this.media = [];
    this.diagnostics = diagnostics;
    let at = mediaAt + mediaCount;
    let left = candidateCount;
    const skip = (end: number) => {
      let count = 0;
      while (left > 0 && (words[at + 1] as number) < end) {
        at += candidateWords(words, at);
        left--;
        count++;
      }
      return count;
    };
    skip(firstOf(0));
    for (let index = 0; index < mediaCount; index++) {
      const lines = new Lines(text, words, firstOf(index), firstOf(index + 1));
      const candidatesAt = at;
      this.#sections.push(lines);
      this.media.push(new Section(lines, session, index, candidatesAt, skip(lines.last)));
    }
  }

  get lines(): SdpLine[] {
    const list: SdpLine[] = [];
    const all = this.#all;
    for (let line = 0; line < all.last; line++) {
      const type = all.type(line);
      const start = all.start(line);
      const end = all.end(line);
      const colon = type === ATTRIBUTE ? this.#text.indexOf(':', start) : -1;
      const nameEnd = colon < 0 || colon > end ? end : colon;
      list.push({
        type: type === 0 ? '' : String.fromCharCode(type),
        start,
        end,
        name: type === ATTRIBUTE ? this.#text.slice(all.nameStart(line), nameEnd) : null,
        value: all.value(line),
      });
    }
    return list;
  }

  edit(): SdpEdit {
    return new Edit(this.#text, this.#sections, this.#all);
  }

  toJSON(): object {
    const { session, media, diagnostics } = this;
    return { session: { ice: session.ice, groups: session.groups }, media, diagnostics };
  }

  toString(): string {
    return this.#text;
  }
}

function sessionOf(lines: Lines): Sdp['session'] {
  return {
    get ice() {
      return ice(lines, lines);
    },
    get groups() {
      return lines.valuesOf(Id.Group).map((value) => {
        const [semantics = '', ...mids] = tokens(value);
        return { semantics, mids };
      });
    },
    attribute: (name) => lines.attribute(name),
    attributes: (name) => lines.attributes(name),
  };
}

/** Edits as replacements of spans of the text, joined when the text is asked for. */
class Edit implements SdpEdit {
  #text: string;
  #sections: Lines[];
  #all: Lines;

  constructor(text: string, sections: Lines[], all: Lines) {
    this.#text = text;
    this.#sections = sections;
    this.#all = all;
  }

  #section(section: number | 'session'): Lines {
    if (section === 'session')
      return new Lines(this.#text, this.#all.words, 0, this.#sections[0]?.first ?? this.#all.last);
    const lines = this.#sections[section];
    if (lines === undefined) throw new RangeError(`section ${section}: the description has ${this.#sections.length}`);
    return lines;
  }

  /** Replaces part of the text and reads it anew. */
  #replace(start: number, end: number, text: string): void {
    this.#text = this.#text.slice(0, start) + text + this.#text.slice(end);
    const { words } = read(this.#text);
    const all = new Lines(this.#text, words, 0, words[0] as number);
    const mediaAt = HEADER + all.last * LINE;
    const count = words[1] as number;
    this.#all = all;
    this.#sections = Array.from({ length: count }, (_, index) => {
      const last = index + 1 < count ? (words[mediaAt + index + 1] as number) : all.last;
      return new Lines(this.#text, words, words[mediaAt + index] as number, last);
    });
  }

  /** The line end that the text uses. */
  #newline(): string {
    return /\r\n|\n|\r/.exec(this.#text)?.[0] ?? '\r\n';
  }

  /** Adds a line after `line`. */
  #insertAfter(line: number, content: string): void {
    if (line < 0) {
      this.#replace(0, 0, content + this.#newline());
      return;
    }
    const end = this.#all.end(line);
    this.#replace(end, end, this.#newline() + content);
  }

  setAttribute(section: number | 'session', name: string, value: string | true): void {
    const content = `a=${name}${value === true ? '' : `:${value}`}`;
    if (/[\r\n\0]/.test(content)) throw new TypeError(`attribute ${name}: a line end or NUL would end the line`);
    const lines = this.#section(section);
    const line = lines.named(name);
    if (line < 0) this.#insertAfter(this.#lastLine(lines), content);
    else this.#replace(lines.start(line), lines.end(line), content);
  }

  /** The last line of a section that is not empty. */
  #lastLine(lines: Lines): number {
    let line = lines.last - 1;
    while (line > lines.first && lines.start(line) === lines.end(line)) line--;
    return line;
  }

  removeAttribute(section: number | 'session', name: string): void {
    for (;;) {
      const lines = this.#section(section);
      const line = lines.named(name);
      if (line < 0) return;
      const end = lines.end(line);
      const newline = /\r\n|\n|\r/y;
      newline.lastIndex = end;
      this.#replace(lines.start(line), end + (newline.exec(this.#text)?.[0].length ?? 0), '');
    }
  }

  addCandidate(section: number, candidate: Partial<Candidate>): void {
    const lines = this.#section(section);
    let after = this.#lastLine(lines);
    for (let line = lines.find(Id.Candidate); line >= 0; line = lines.find(Id.Candidate, line + 1)) after = line;
    this.#insertAfter(after, `a=${formatCandidate(candidate)}`);
  }

  toString(): string {
    return this.#text;
  }
}

/** Parses in wasm and copies the records out. */
function read(text: string): { words: Uint32Array; at: number } {
  const length = writeText(text);
  const count = raw<SdpExports>().sdp_parse(length, length === text.length);
  const at = recordsStart();
  return { words: memoryWords().slice(at, at + count), at: at + count };
}

/**
 * Parses a session description, or a fragment of one. Never throws on a text: what is wrong is in `diagnostics`, what was
 * not understood is kept, and `toString()` gives back every byte.
 *
 * ```js
 * const offer = parseSdp(pc.localDescription.sdp);
 * offer.media[0].ice.ufrag;
 * for (const { line, code, message } of offer.diagnostics) console.log(line, code, message);
 * ```
 */
export function parseSdp(text: string): Sdp {
  const { words, at } = read(text);
  const count = words[3] as number;
  return new Description(text, words, readDiagnostics(text, at - count * 7, count));
}
