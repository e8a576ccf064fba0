/** Findings of a scan, as objects whose values are parsed when they are asked for. */

import { type Candidate, type ParsedCandidate, parseCandidate } from '../candidate.js';
import type { Diagnostic } from '../diagnostics.js';
import { parseSdp, type Sdp } from '../sdp.js';
import { decodeMessage, type StunMessage } from '../stun/full.js';
import type { PacketOrigin } from './capture.js';
import { lastAtMost } from './search.js';
import type { Source } from './source.js';

/** Side that a description or candidate belongs to, as far as the text around it says. */
export type Side = 'local' | 'remote' | null;
/** Role of a description (RFC 3264, `RTCSdpType`). */
export type DescriptionType = 'offer' | 'answer' | 'pranswer' | null;

interface Place {
  /** First unit of the finding: UTF-16 code units of a string, bytes of a `Uint8Array`. */
  start: number;
  /** One past the last unit. */
  end: number;
  side: Side;
  /** Line of `start`, from 1; 0 in a capture. */
  line: number;
  /** The packet it came in, in a capture; addresses by index. */
  packet?: PacketOrigin<number>;
}

/** Text that was lifted out of escapes, quotes or prefixes; `null` and empty when it stands in the input as it is. */
interface Lifted {
  text: string | null;
  /** Pairs of (offset in `text`, offset in the input): from there on both run in step. */
  map: number[];
}

/** Place of a candidate, as the text beside it says. */
export interface Attribution {
  /** `sdpMid`; `null` where the text has none. */
  sdpMid: string | null;
  /** `sdpMLineIndex`, from 0; `null` where the text has none. */
  sdpMLineIndex: number | null;
  /** `usernameFragment`; `null` where the text has none. */
  usernameFragment: string | null;
  /** URL of the server it was gathered from. */
  url: string | null;
}

/** A message that carries descriptions. */
export interface TextMessage {
  /** Protocol of the message. */
  protocol: 'sip' | 'rtsp' | 'http';
  /** Method of a request. */
  method: string | null;
  /** Status code of a response. */
  status: number | null;
  /** Request line or status line, without the line end. */
  startLine: string;
  /** Headers in order, names as written. */
  headers: [name: string, value: string][];
}

/** A finding as plain data: what wasm gives, and what may be sent to another thread. */
export type FindingRecord = Place &
  (
    | ({ kind: 'sdp'; type: DescriptionType; fragment: boolean; message: number | null } & Lifted)
    | ({ kind: 'candidate' } & Lifted & Attribution)
    | ({ kind: 'end-of-candidates' } & Attribution)
    | { kind: 'stun'; bytes: Uint8Array | null; notation: 'hex' | 'hex dump' | 'base64' | 'binary' }
    | ({ kind: 'sip' | 'rtsp' | 'http' } & TextMessage)
  );

type RecordOf<K extends FindingRecord['kind']> = Extract<FindingRecord, { kind: K }>;

abstract class Base<R extends FindingRecord> {
  /** Its place among the findings. */
  readonly index: number;
  /** Offset of its first unit in the input: UTF-16 code units of a string, bytes of a `Uint8Array`. */
  readonly start: number;
  /** Offset behind its last unit. */
  readonly end: number;
  /** Side that it belongs to, as far as the text around it or its session says. */
  side: Side;
  /** Line of `start`, from 1; 0 in a capture. */
  readonly line: number;
  /** The packet it came in; `null` outside of captures. */
  readonly packet: PacketOrigin | null;
  /** @internal */
  readonly record: R;
  /** @internal */
  readonly source: Source;

  constructor(record: R, source: Source, index: number) {
    this.index = index;
    this.start = record.start;
    this.end = record.end;
    this.side = record.side;
    this.line = record.line;
    const { packet } = record;
    this.packet = packet ? { ...packet, from: source.address(packet.from), to: source.address(packet.to) } : null;
    this.record = record;
    this.source = source;
  }

  /** The part of the input it was found in. */
  get written(): string {
    return this.source.slice(this.start, this.end);
  }
}

abstract class LiftedFinding<R extends FindingRecord & Lifted> extends Base<R> {
  /** The text as its author wrote it: escapes, quotes and prefixes removed. */
  get text(): string {
    return this.record.text ?? this.written;
  }

  /** Offset in the input of an offset in `text`. */
  locate(offset: number): number {
    const { map, text } = this.record;
    if (text === null) {
      if (typeof this.source.input === 'string') return this.start + offset;
      return this.start + new TextEncoder().encode(this.text.slice(0, offset)).length;
    }
    const entry = Math.max(
      0,
      lastAtMost(map.length / 2, (at) => map[at * 2] as number, offset),
    );
    const from = map[entry * 2] ?? 0;
    return Math.min((map[entry * 2 + 1] ?? this.start) + Math.max(0, offset - from), this.end);
  }

  /** Diagnostics of the text, placed in the input. */
  protected relocated(diagnostics: readonly Diagnostic[]): Diagnostic[] {
    return diagnostics.map((diagnostic) => {
      const start = this.locate(diagnostic.start);
      const end = Math.max(start, this.locate(diagnostic.end));
      const placed = { ...diagnostic, ...this.source.place(start), start, end };
      if (diagnostic.fix === undefined) return placed;
      const fix = { start: this.locate(diagnostic.fix.start), end: this.locate(diagnostic.fix.end) };
      // A fix inside a string literal would need its escapes; only what stands as it is can be replaced.
      if (this.record.text !== null) delete placed.fix;
      else placed.fix = { ...fix, text: diagnostic.fix.text };
      return placed;
    });
  }
}

/** A session description, or a fragment of one. */
export class SdpFinding extends LiftedFinding<RecordOf<'sdp'>> {
  /** Tells the class: a session description. */
  readonly kind = 'sdp';
  #value: Sdp | null = null;

  /** The description. Its positions are those of `text`; `locate` brings them to the input. */
  get value(): Sdp {
    this.#value ??= parseSdp(this.text);
    return this.#value;
  }

  /** Offer or answer, when the text around it, its carrier or `a=setup` says. */
  get type(): DescriptionType {
    return this.record.type;
  }

  /** No `v=` line: a trickle message, or a part. */
  get fragment(): boolean {
    return this.record.fragment;
  }

  /** Index among the findings of the SIP, RTSP or HTTP message it is the body of. */
  get message(): number | null {
    return this.record.message;
  }

  /** Everything wrong or notable about it, placed in the input. */
  get diagnostics(): Diagnostic[] {
    return this.relocated(this.value.diagnostics);
  }
}

/** A candidate outside any description. */
export class CandidateFinding extends LiftedFinding<RecordOf<'candidate'>> {
  /** Tells the class: a candidate. */
  readonly kind = 'candidate';
  #parsed: ParsedCandidate | null = null;

  #parse(): ParsedCandidate {
    this.#parsed ??= parseCandidate(this.text);
    return this.#parsed;
  }

  /** The candidate; `null` when it can't be read, and a diagnostic says why. */
  get value(): Candidate | null {
    return this.#parse().candidate;
  }

  /** Place, as the text beside it says. */
  get attribution(): Attribution {
    const { sdpMid, sdpMLineIndex, usernameFragment, url } = this.record;
    return { sdpMid, sdpMLineIndex, usernameFragment, url };
  }

  /** Everything wrong or notable about it, placed in the input. */
  get diagnostics(): Diagnostic[] {
    return this.relocated(this.#parse().diagnostics);
  }
}

/** The mark that no more candidates follow. */
export class EndFinding extends Base<RecordOf<'end-of-candidates'>> {
  /** Tells the class: the end of candidates. */
  readonly kind = 'end-of-candidates';

  /** Place, as the text beside it says. */
  get value(): Attribution {
    const { sdpMid, sdpMLineIndex, usernameFragment, url } = this.record;
    return { sdpMid, sdpMLineIndex, usernameFragment, url };
  }
}

/** A STUN message written as digits, or in bytes. */
export class StunFinding extends Base<RecordOf<'stun'>> {
  /** Tells the class: a STUN message. */
  readonly kind = 'stun';
  #value: StunMessage | null | undefined;

  /** The message; `null` when its attributes can't be read. */
  get value(): StunMessage | null {
    if (this.#value === undefined) this.#value = this.#decode();
    return this.#value;
  }

  #decode(): StunMessage | null {
    try {
      return decodeMessage(this.bytes);
    } catch {
      return null;
    }
  }

  /** The message as bytes. */
  get bytes(): Uint8Array {
    return this.record.bytes ?? this.source.bytes(this.start, this.end);
  }

  /** How it was written. */
  get notation(): 'hex' | 'hex dump' | 'base64' | 'binary' {
    return this.record.notation;
  }
}

/** The head of a SIP, RTSP or HTTP message. */
export class MessageFinding extends Base<RecordOf<'sip' | 'rtsp' | 'http'>> {
  /** Tells the class, and which of the three protocols it is. */
  readonly kind: 'sip' | 'rtsp' | 'http';

  constructor(record: RecordOf<'sip' | 'rtsp' | 'http'>, source: Source, index: number) {
    super(record, source, index);
    this.kind = record.kind;
  }

  /** First line and headers. */
  get value(): TextMessage {
    const { protocol, method, status, startLine, headers } = this.record;
    return { protocol, method, status, startLine, headers };
  }

  /** First header of that name or its compact form. */
  header(name: string): string | null {
    const wanted = name.toLowerCase();
    const compact = { 'call-id': 'i', 'content-type': 'c', from: 'f', to: 't', via: 'v' }[wanted] ?? wanted;
    const found = this.record.headers.find(([key]) => key.toLowerCase() === wanted || key.toLowerCase() === compact);
    return found?.[1] ?? null;
  }
}

/** One thing found in the input. `value` is parsed when it is read. */
export type Finding = SdpFinding | CandidateFinding | EndFinding | StunFinding | MessageFinding;

/** Findings from their records. @internal */
export function findingOf(record: FindingRecord, source: Source, index: number): Finding {
  switch (record.kind) {
    case 'sdp':
      return new SdpFinding(record, source, index);
    case 'candidate':
      return new CandidateFinding(record, source, index);
    case 'end-of-candidates':
      return new EndFinding(record, source, index);
    case 'stun':
      return new StunFinding(record, source, index);
    default:
      return new MessageFinding(record, source, index);
  }
}
