/**
 * The view's content, as plain data: the worker thread builds it from the engine's findings and posts it.
 * Offsets are UTF-16 into the text; lines are counted from 0 here and shown from 1.
 */

import type { Advice, PairRule, PairState, Unreachable } from 'icelens';
import type { Severity } from '../model/severity';

export type { Side } from 'icelens';

import type { Side } from 'icelens';

export interface CandidateRow {
  index: number;
  session: number;
  /** Description that holds it, or null for one that was trickled. */
  description: number | null;
  side: Side;
  /** The line, without `a=`. */
  raw: string;
  sdpMid: string | null;
  /** Server it was gathered from, when the text beside it says. */
  url: string | null;
  start: number;
  end: number;
  foundation: string;
  component: number;
  protocol: string;
  priority: number;
  parts: { typePreference: number; localPreference: number; componentPart: number };
  address: string;
  addressKind: string;
  port: number;
  type: string;
  tcpType: string | null;
  relatedAddress: string | null;
  relatedPort: number | null;
  usernameFragment: string | null;
  extensions: readonly (readonly [string, string])[];
}

/** A candidate that only the browser's statistics tell of. */
export interface GatheredRow {
  session: number;
  side: Side;
  type: string;
  /** Empty where the browser hides it. */
  address: string;
  port: number | null;
  protocol: string;
  server: string | null;
  /** Place in the text; 0 and 0 when it is not a line of its own. */
  start: number;
  end: number;
}

export interface MediaRow {
  kind: string;
  port: number;
  protocol: string;
  formats: string[];
  mid: string | null;
  direction: string;
  ufrag: string | null;
  pwd: string | null;
  options: string[];
  lite: boolean;
  pacing: number | null;
  setup: string | null;
  fingerprints: { hash: string; value: string }[];
  candidates: number;
  endOfCandidates: boolean;
}

export interface DescriptionRow {
  index: number;
  session: number;
  role: 'offer' | 'answer' | null;
  side: Side;
  start: number;
  end: number;
  /** The description as SDP, decoded when the input had it escaped. */
  sdp: string;
  groups: { semantics: string; mids: string[] }[];
  media: MediaRow[];
}

export interface EndRow {
  session: number;
  /** From 1, as shown. */
  line: number;
  side: Side;
  start: number;
  end: number;
}

/** A change of the text that a diagnostic offers. */
export interface Fix {
  start: number;
  end: number;
  replacement: string;
}

export interface DiagnosticRow {
  index: number;
  session: number;
  code: string;
  severity: Severity;
  message: string;
  /** Advice. */
  hint: string;
  start: number;
  end: number;
  verdicts: { rfc: string; chrome: string; firefox: string } | null;
  fix: Fix | null;
}

export interface PairRow {
  local: number;
  remote: number;
  priority: bigint;
  foundation: string;
  component: number;
  state: PairState;
}

/** Two candidates that are not a pair of the list. */
export interface LeftOutRow {
  local: number;
  remote: number;
  rule: PairRule;
}

export interface CheckListReport {
  /** Side whose agent controls: the offerer's (RFC 8445 §6.1.1). */
  controlling: 'local' | 'remote';
  pairs: PairRow[];
  pruned: LeftOutRow[];
  excluded: LeftOutRow[];
}

/** Outcome of the session, by the log. */
export interface Outcome {
  state: 'ok' | 'fail';
  word: 'channel-open' | 'connected' | 'failed' | 'disconnected' | 'not-selected';
  /** Offset at which the text says so; 0 in a capture. */
  at: number;
}

export interface SessionRow {
  index: number;
  /** An exchange of descriptions, the checks between two agents, or what was asked of servers. */
  kind: 'exchange' | 'checks' | 'servers';
  /** The line that heads it in the input, or null. */
  title: string | null;
  start: number;
  end: number;
  /** Place, for the list: lines, or the time in a capture. */
  place: string;
  /** Names of the two sides in the input, for example `localConnection`. */
  names: { local: string | null; remote: string | null };
  offer: number | null;
  answer: number | null;
  descriptions: number;
  candidates: number;
  ends: number;
  messages: number;
  checkList: CheckListReport | null;
  outcome: Outcome | null;
}

/** A STUN message, or other packet of a capture that tells something. */
export interface MessageRow {
  index: number;
  session: number;
  /** Number of the packet; null outside of captures. */
  packet: number | null;
  /** Milliseconds since the first packet; null when the input has no times. */
  time: number | null;
  from: string | null;
  to: string | null;
  protocol: string | null;
  class: string;
  method: string;
  transaction: string;
  /** Text offsets of where it was found; 0 and 0 in a capture. */
  start: number;
  end: number;
  bytes: Uint8Array;
  /** Other end of the transaction. */
  partner: number | null;
  rtt: number | null;
  note: string | null;
  /** ERROR-CODE of an error response. */
  code: number | null;
  /** It has a USERNAME or USERHASH. */
  named: boolean;
}

/** One transaction of a check: when its requests left, and what came back. */
export interface CheckAttempt {
  requests: number[];
  end: number | null;
  outcome: 'success' | 'error' | 'none';
  error: string | null;
  /** Why ICMP says that it did not arrive, when nothing else answered. */
  unreachable: Unreachable['reason'] | null;
  nominated: boolean;
  message: number;
}

/** A row of the waterfall: one candidate pair. */
export interface CheckRow {
  index: number;
  session: number;
  from: string;
  to: string;
  fromType: string | null;
  toType: string | null;
  state: 'frozen' | 'waiting' | 'progress' | 'ok' | 'fail' | 'cancelled';
  nominated: boolean;
  selected: boolean;
  attempts: CheckAttempt[];
  /** Changes of the state, from a dump, which has no requests. */
  steps: { time: number; state: CheckRow['state'] }[];
  /** Round trip in milliseconds, where the dump says. */
  rtt: number | null;
  /** Payload both ways, where the dump says. */
  bytes: { sent: number; received: number } | null;
}

/** Evidence of a piece of advice, as something the view can show. */
export interface Evidence {
  kind: 'text' | 'message' | 'check';
  /** Offset for text, index otherwise. */
  at: number;
  /** Line for text, number of the message, or the pair. */
  label: string;
}

export interface AdviceRow {
  /** −1 when it is about the whole input. */
  session: number;
  code: Advice['code'];
  parameters: Advice['parameters'];
  /** In English. */
  text: string;
  severity: Severity;
  evidence: Evidence[];
}

/** One program's log. */
export interface LogRow {
  family: string;
  title: string;
  /** Lines that are its own, and of those the ones that were read. */
  lines: number;
  read: number;
  allocations: number;
  candidates: number;
  pairs: number;
  /** Place of its first line that was read. */
  start: number;
}

/** A point of a time line. */
export interface LogMark {
  /** Seconds. */
  time: number;
  /** From 1, as shown, and its place. */
  line: number;
  at: number;
  /** A state or code as the log writes it, or the name of an event. */
  word: string;
  tone: 'ok' | 'fail' | 'plain';
}

/** A row of the time line: an allocation, a program's own states, or a pair. */
export interface LogLane {
  kind: 'allocation' | 'log' | 'pair';
  title: string;
  sub: string | null;
  /** Seconds between which it is drawn as a bar. */
  from: number;
  to: number;
  /** The log does not show its end. */
  held: boolean;
  marks: LogMark[];
}

export interface LogReport {
  rows: LogRow[];
  lanes: LogLane[];
  /** Seconds of the day, or since the first line of each log where one of them counts so. */
  clock: 'day' | 'start';
  first: number;
  last: number;
  /** Lines that are of no log. */
  others: number;
  /** Lines that were read, from 0, in order. */
  readLines: number[];
}

export interface Report {
  /** Kind that the input was read as. */
  kind: string;
  byteLength: number;
  /** Milliseconds the engine took. */
  elapsed: number;
  sessions: SessionRow[];
  descriptions: DescriptionRow[];
  candidates: CandidateRow[];
  gathered: GatheredRow[];
  ends: EndRow[];
  diagnostics: DiagnosticRow[];
  messages: MessageRow[];
  checks: CheckRow[];
  /** Logs of programs; null when there are none. */
  logs: LogReport | null;
  advice: AdviceRow[];
  /** Parts that were left out because a table was full; empty when nothing was. */
  cut: { table: string; kept: number; found: number }[];
  /** Lines of a text that something was read from, of those with anything on them; null for other inputs. */
  read: { read: number; of: number } | null;
}
