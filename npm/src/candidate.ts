import { typePreferences } from '#preferences';
import { mustBe, requireArray, requireNumber, requireObject, requireString, requireWhole, shown } from './argument.js';
import { type AreaExports, memoryWords, raw, recordsStart, seen, writeText } from './core.js';
import { type Diagnostic, readDiagnostics, withTooLong } from './diagnostics.js';
import { showAs } from './shown.js';

/** The types of RFC 8445 §5.1.1. */
export type CandidateType = 'host' | 'srflx' | 'prflx' | 'relay';

/** A priority split by `2²⁴ × typePreference + 2⁸ × localPreference + componentPart`. */
export interface PriorityParts {
  /** Preference of the candidate's type, 0 to 126 by RFC 8445 §5.1.2.1. */
  typePreference: number;
  /** Preference of the local address, 0 to 65535 (RFC 8445 §5.1.2.1). */
  localPreference: number;
  /** 256 − component, so 255 for component 1. */
  componentPart: number;
}

/** An RTCIceCandidateInit. */
export interface CandidateInit {
  /** Candidate line, without `a=`; empty for the end of candidates. */
  candidate: string;
  /** `a=mid` of its media section; `null` where it is not known. */
  sdpMid: string | null;
  /** Index of its media section, from 0; `null` where it is not known. */
  sdpMLineIndex: number | null;
  /** Username fragment it belongs to; `null` where it is not known. */
  usernameFragment: string | null;
}

/** An ICE candidate. Strings are as written; numbers are what the digits say. */
export interface Candidate {
  /** Foundation: the same for candidates of one type, base and server (RFC 8445 §5.1.1.3). */
  foundation: string;
  /** 1 to 256 by the RFC. */
  component: number;
  /** As written: `udp`, `UDP`, `tcp`, `ssltcp`, … */
  protocol: string;
  /** 1 to 2³¹−1 by the RFC. */
  priority: number;
  /** Parts of `priority`. */
  priorityParts: PriorityParts;
  /** Without the brackets that some write around IPv6. */
  address: string;
  /** Kind of `address`: an IP address, a name that ends in `.local` (RFC 8828), or another name. */
  addressKind: 'ipv4' | 'ipv6' | 'mdns' | 'fqdn';
  /** Port; 0 to 65535 in a candidate that can be used. */
  port: number;
  /** Type as written, also where the RFC has no such type. */
  type: CandidateType | (string & {});
  /** Direction of a TCP candidate (RFC 6544 §4.5); `null` where the line has none. */
  tcpType: 'active' | 'passive' | 'so' | null;
  /** Related address (`raddr`, RFC 8839 §5.1); `null` where the line has none. */
  relatedAddress: string | null;
  /** Related port (`rport`, RFC 8839 §5.1); `null` where the line has none. */
  relatedPort: number | null;
  /** The `ufrag` extension. */
  usernameFragment: string | null;
  /** Everything after the type but `raddr`, `rport` and `tcptype`, in order, names repeated where the line repeats them. */
  extensions: readonly (readonly [name: string, value: string])[];
  /** The candidate as an RTCIceCandidateInit, as `JSON.stringify` writes it. */
  toJSON(): CandidateInit;
  /** The line as it was given while no field was changed, else as `formatCandidate` writes it; without `a=`. */
  toString(): string;
}

/** Result of `parseCandidate`. */
export interface ParsedCandidate {
  /** `null` when the text is not a candidate; a diagnostic of severity error says why. */
  candidate: Candidate | null;
  /** Everything wrong or notable about the text, in its order. */
  diagnostics: Diagnostic[];
  /** The text is an end marker: empty, `end-of-candidates`, or `null` as logs print it. */
  endOfCandidates: boolean;
}

interface CandidateExports extends AreaExports {
  candidate_parse(length: number, ascii: boolean): number;
}

/** @internal By their number in wasm. */
export const candidateTypes: readonly CandidateType[] = ['host', 'srflx', 'prflx', 'relay'];
const addressKinds = ['ipv4', 'ipv6', 'mdns', 'fqdn'] as const;
const tcpTypes = [null, 'active', 'passive', 'so'] as const;
/** `PROTOCOLS` and `NAMES` of `wasm/src/candidate.rs`: what nearly every candidate has needs no string of its own. */
const protocols = ['udp', 'tcp'] as const;
const names = ['generation', 'ufrag', 'network-id', 'network-cost'] as const;

/** Words of a candidate record before its extensions; `CANDIDATE_WORDS` in `wasm/src/candidate.rs`. */
const WORDS = 20;
const none: readonly (readonly [string, string])[] = [];

function split(priority: number): PriorityParts {
  return {
    typePreference: Math.floor(priority / 0x1000000) & 255,
    localPreference: (priority >>> 8) & 65535,
    componentPart: priority & 255,
  };
}

function prefixed(line: string): string {
  return line.startsWith('candidate:') ? line : line.startsWith('a=') ? line.slice(2) : line;
}

class ParsedLine implements Candidate {
  foundation: string;
  component: number;
  protocol: string;
  priority: number;
  priorityParts: PriorityParts;
  address: string;
  addressKind: Candidate['addressKind'];
  port: number;
  type: string;
  tcpType: Candidate['tcpType'];
  relatedAddress: string | null;
  relatedPort: number | null;
  usernameFragment: string | null;
  extensions: readonly (readonly [string, string])[];
  #line: string;
  #sdpMid: string | null = null;
  #sdpMLineIndex: number | null = null;

  /** From the record at `words[at]` about `text`. */
  constructor(text: string, words: Uint32Array, at: number) {
    const flags = words[at] as number;
    const priority = words[at + 3] as number;
    this.foundation = text.slice(words[at + 6], words[at + 7]);
    this.component = words[at + 2] as number;
    this.protocol = protocols[(flags >> 16) - 1] ?? text.slice(words[at + 8], words[at + 9]);
    this.priority = priority;
    this.priorityParts = split(priority);
    this.address = text.slice(words[at + 10], words[at + 11]);
    this.addressKind = addressKinds[(flags >> 4) & 15] as Candidate['addressKind'];
    this.port = words[at + 4] as number;
    this.type = candidateTypes[flags & 15] ?? text.slice(words[at + 12], words[at + 13]);
    this.tcpType = tcpTypes[(flags >> 8) & 15] as Candidate['tcpType'];
    this.relatedAddress = flags & 0x1000 ? text.slice(words[at + 14], words[at + 15]) : null;
    this.relatedPort = flags & 0x2000 ? (words[at + 5] as number) : null;
    this.usernameFragment = null;
    this.extensions = none;
    const start = words[at + 16] as number;
    const end = words[at + 17] as number;
    this.#line = end - start === text.length ? text : text.slice(start, end);
    const count = words[at + WORDS - 1] as number;
    if (count > 0) this.#readExtensions(text, words, at + WORDS, count);
  }

  #readExtensions(text: string, words: Uint32Array, at: number, count: number): void {
    const list = new Array<[string, string]>(count);
    for (let i = 0, word = at; i < count; i++, word += 4) {
      const start = words[word] as number;
      const end = words[word + 1] as number;
      const name = end === 0 ? (names[start] as string) : text.slice(start, end);
      const value = text.slice(words[word + 2], words[word + 3]);
      list[i] = [name, value];
      if (name === 'ufrag' && this.usernameFragment === null) this.usernameFragment = value;
    }
    this.extensions = list;
  }

  /** @internal Where the candidate was: for `toJSON`. */
  place(sdpMid: string | null, sdpMLineIndex: number | null, usernameFragment: string | null): this {
    this.#sdpMid = sdpMid;
    this.#sdpMLineIndex = sdpMLineIndex;
    this.usernameFragment ??= usernameFragment;
    return this;
  }

  toJSON(): CandidateInit {
    return {
      candidate: this.toString(),
      sdpMid: this.#sdpMid,
      sdpMLineIndex: this.#sdpMLineIndex,
      usernameFragment: this.usernameFragment,
    };
  }

  toString(): string {
    const given = parseLine(this.#line).candidate;
    const edited = given === null || fieldsText(given) !== fieldsText(this);
    return edited ? formatCandidate(this) : prefixed(this.#line);
  }
}

let isShown = false;

function show(): void {
  isShown = true;
  showAs(ParsedLine.prototype, 'Candidate', (one) => ({ ...one }));
}

/** A candidate from the record at `words[at]` about `text`. */
function candidateAt(text: string, words: Uint32Array, at: number): ParsedLine {
  if (!isShown) show();
  return new ParsedLine(text, words, at);
}

/** @internal A candidate from the record at `words[at]` about `text`. */
export function readCandidate(
  text: string,
  words: Uint32Array,
  at: number,
  sdpMid: string | null,
  sdpMLineIndex: number | null,
): Candidate {
  return candidateAt(text, words, at).place(sdpMid, sdpMLineIndex, null);
}

/** @internal Words that the record at `words[at]` has. */
export function candidateWords(words: Uint32Array, at: number): number {
  return WORDS + 4 * (words[at + WORDS - 1] as number);
}

function parseLine(text: string): ParsedCandidate & { candidate: ParsedLine | null } {
  const length = writeText(seen(text));
  const result = raw<CandidateExports>().candidate_parse(length, length === text.length);
  const found = result & 3;
  const count = result >>> 2;
  const at = recordsStart();
  const words = memoryWords();
  const candidate = found === 1 ? candidateAt(text, words, at) : null;
  // Its diagnostics are all about the first line.
  const diagnostics =
    count === 0 ? [] : readDiagnostics(words, candidate === null ? at : at + candidateWords(words, at), count, () => 0);
  return { candidate, diagnostics: withTooLong(diagnostics, text), endOfCandidates: found === 2 };
}

/**
 * Parses one candidate: a line with or without `a=` and `candidate:`, an RTCIceCandidate, or an RTCIceCandidateInit as an
 * object or as JSON. Positions of diagnostics are those of the text, of an object those of its `candidate`.
 *
 * @throws TypeError for what is neither a text nor an object whose `candidate` is one. Never on a text.
 *
 * ```js
 * const { candidate } = parseCandidate('candidate:1 1 udp 2113937151 192.0.2.1 54318 typ host generation 0');
 * candidate.priorityParts.localPreference; // 30
 * ```
 */
export function parseCandidate(text: string | Partial<CandidateInit>): ParsedCandidate {
  if (typeof text !== 'string') return parseObject(text);
  return (text.startsWith('{') && parseInit(text)) || parseLine(text);
}

/** A line that can't be read, as a candidate: no field has anything. */
class UnreadableLine implements Candidate {
  foundation = '';
  component = 0;
  protocol = '';
  priority = 0;
  priorityParts = split(0);
  address = '';
  addressKind = 'fqdn' as const;
  port = 0;
  type = '';
  tcpType = null;
  relatedAddress = null;
  relatedPort = null;
  usernameFragment = null;
  extensions = none;
  readonly #line: string;

  constructor(line: string) {
    this.#line = line;
  }

  toJSON(): CandidateInit {
    return { candidate: this.#line, sdpMid: null, sdpMLineIndex: null, usernameFragment: null };
  }

  toString(): string {
    return this.#line;
  }
}

/**
 * A candidate as a list has it: read from a line or from an RTCIceCandidateInit, or the object it is; `null` for an end
 * marker. @internal
 */
export function listedCandidate(list: string, index: number, one: unknown): Candidate | null {
  if (one instanceof ParsedLine) return one;
  if (typeof one !== 'string') requireObject(`${list}[${index}]`, one);
  const line = typeof one === 'string' ? one : (one as { candidate?: unknown }).candidate;
  if (typeof line !== 'string') return one as Candidate;
  const { candidate, endOfCandidates } = parseCandidate(line);
  return candidate ?? (endOfCandidates ? null : new UnreadableLine(line));
}

/** The fields that a check list is formed from. @internal */
export type PairingFields = Pick<
  Candidate,
  | 'foundation'
  | 'component'
  | 'protocol'
  | 'priority'
  | 'address'
  | 'port'
  | 'type'
  | 'tcpType'
  | 'relatedAddress'
  | 'relatedPort'
>;

/** Those fields of a candidate; of one that is the caller's own, where reading may run anything, each is read once. @internal */
export function pairingFields(candidate: Candidate): PairingFields {
  if (candidate instanceof ParsedLine) return candidate;
  const { foundation, component, protocol, priority, address, port, type, tcpType, relatedAddress, relatedPort } =
    candidate;
  return { foundation, component, protocol, priority, address, port, type, tcpType, relatedAddress, relatedPort };
}

/** The dictionary of addIceCandidate, where `candidate` is empty when absent. */
function parseObject(init: unknown): ParsedCandidate {
  if (typeof init !== 'object' || init === null || Array.isArray(init)) {
    throw mustBe('text', 'a string or an RTCIceCandidateInit', init);
  }
  const { candidate = '' } = init as { candidate?: unknown };
  requireString('candidate', candidate);
  const parsed = parseLine(candidate);
  placeBy(init, parsed.candidate);
  return parsed;
}

function placeBy(init: object, candidate: ParsedLine | null): void {
  const { sdpMid, sdpMLineIndex, usernameFragment } = init as Record<string, unknown>;
  candidate?.place(
    typeof sdpMid === 'string' ? sdpMid : null,
    typeof sdpMLineIndex === 'number' ? sdpMLineIndex : null,
    typeof usernameFragment === 'string' ? usernameFragment : null,
  );
}

/** Parses an RTCIceCandidateInit as JSON; `null` when the text is not one. */
function parseInit(text: string): ParsedCandidate | null {
  let init: Partial<Record<keyof CandidateInit, unknown>>;
  try {
    init = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof init.candidate !== 'string') return null;
  const parsed = parseLine(init.candidate);
  placeBy(init, parsed.candidate);
  // Positions are those of the JSON text where the line stands there as it is, else all of the text.
  const offset = text.indexOf(`"${init.candidate}"`) + 1;
  const line = offset > 0 ? text.slice(0, offset).split('\n').length : 1;
  const before = offset > 0 ? offset - (text.lastIndexOf('\n', offset - 1) + 1) : 0;
  for (const one of parsed.diagnostics) {
    one.line = line;
    one.column = offset > 0 ? one.column + before : 1;
    one.start = offset > 0 ? one.start + offset : 0;
    one.end = offset > 0 ? one.end + offset : text.length;
    if (offset === 0) delete one.fix;
    else if (one.fix) one.fix = { start: one.fix.start + offset, end: one.fix.end + offset, text: one.fix.text };
  }
  return parsed;
}

/**
 * Writes a candidate in the order of the grammar, starting with `candidate:`. An absent field gets a plain default.
 *
 * @throws TypeError that names the field where one has another type, or would not be one field of one line.
 */
export function formatCandidate(candidate: Partial<Candidate>): string {
  requireObject('candidate', candidate);
  const { foundation, component, protocol, priority, address, port, type, tcpType } = candidate;
  const { relatedAddress, relatedPort, extensions, usernameFragment } = candidate;
  const kind = token('type', type ?? 'host');
  const part = whole('component', component ?? 1);
  const rank = whole('priority', priority ?? defaultPriority(kind, part));
  const start = `candidate:${token('foundation', foundation ?? '1')} ${part} ${token('protocol', protocol ?? 'udp')} ${rank}`;
  let line = `${start} ${token('address', address ?? '0.0.0.0')} ${whole('port', port ?? 9)} typ ${kind}`;
  if (relatedAddress != null) line += ` raddr ${token('relatedAddress', relatedAddress)}`;
  if (relatedPort != null) line += ` rport ${whole('relatedPort', relatedPort)}`;
  if (tcpType != null) line += ` tcptype ${token('tcpType', tcpType)}`;
  if (extensions !== undefined) return line + extensionsText(extensions);
  return usernameFragment == null ? line : `${line} ufrag ${token('usernameFragment', usernameFragment)}`;
}

function extensionsText(extensions: unknown): string {
  requireArray('extensions', extensions);
  let text = '';
  for (const [index, one] of extensions.entries()) {
    requireArray(`extensions[${index}]`, one);
    text += ` ${token(`extensions[${index}][0]`, one[0])} ${token(`extensions[${index}][1]`, one[1])}`;
  }
  return text;
}

/** The fields that a line is written from, to be compared. They may hold anything. */
function fieldsText(candidate: Candidate): string {
  const { foundation, component, protocol, priority, address, port, type, tcpType } = candidate;
  const { relatedAddress, relatedPort, extensions } = candidate;
  const first = [foundation, component, protocol, priority, address, port, type];
  return JSON.stringify([...first, relatedAddress, relatedPort, tcpType, extensions]);
}

/**
 * A text that is one field of a line; what separates fields or ends lines for the reader (`src/candidate/tokens.rs`) would make
 * it more. Whatever else a line was read with can be written again.
 */
function token(name: string, value: unknown): string {
  requireString(name, value);
  if (/[ \t\u00a0\r\n\0]/.test(value)) throw new TypeError(`${name} must be without spaces and line ends`);
  return value;
}

function whole(name: string, value: unknown): number {
  requireWhole(name, value);
  return value;
}

function defaultPriority(type: string, component: number): number {
  const known = candidateTypes.find((one) => one === type);
  return candidatePriority({ type: known ?? 'relay', component });
}

/**
 * The priority by RFC 8445 §5.1.2.1 with its recommended type preferences: 126 host, 110 prflx, 100 srflx, 0 relay.
 * `localPreference` is 65535 and `component` 1 unless given.
 *
 * @throws TypeError when the type is none of the four, or a preference or component is not a number.
 */
export function candidatePriority(candidate: {
  type: CandidateType;
  localPreference?: number;
  component?: number;
}): number {
  requireObject('candidate', candidate);
  if (!candidateTypes.includes(candidate.type))
    throw new TypeError(`candidate type ${shown(candidate.type)}: use host, srflx, prflx or relay`);
  const { localPreference = 65535, component = 1 } = candidate;
  requireNumber('localPreference', localPreference);
  requireNumber('component', component);
  const clamp = (value: number, least: number, most: number) => Math.min(Math.max(value | 0, least), most);
  return (
    typePreferences[candidate.type] * 0x1000000 +
    clamp(localPreference, 0, 65535) * 256 +
    256 -
    clamp(component, 1, 256)
  );
}
