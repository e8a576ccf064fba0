/** Findings in any text, dump or capture. The search is in `src/scan`. */
import { type Bytes, bytesIn, mustBe, optionalFunction, optionalSignal, requireObject } from './argument.js';
import { type Analysis, type AnalyzeOptions, explain, type Scanned, type ScanProgress } from './scan/analyze.js';
import { captureOf } from './scan/capture.js';
import { searchDressed } from './scan/dressed.js';
import { type Finding, findingOf } from './scan/finding.js';
import { type Input, isCapture, MAX_CAPTURE, type Opened, openInput } from './scan/input.js';
import { LogReader, Rows } from './scan/logs/reader.js';
import { Source } from './scan/source.js';
import { begin, type JobReport, run, searchText, WINDOW, Windows } from './scan/windows.js';

export type { Advice, Evidence } from './scan/advice.js';
export type { AdviceCode } from './scan/advice-text.js';
export type { Analysis, AnalyzeOptions, ScanProgress } from './scan/analyze.js';
export type {
  Allocation,
  Capture,
  CapturedPair,
  CapturedSession,
  Checks,
  Counts,
  Flow,
  Oddity,
  PacketOrigin,
  Sighting,
  Transaction,
  Transport,
  Unreachable,
} from './scan/capture.js';
export type {
  Dump,
  DumpCandidate,
  DumpConnection,
  DumpEvent,
  DumpPair,
  DumpTransport,
  Step,
} from './scan/dump.js';
export type {
  Attribution,
  CandidateFinding,
  DescriptionType,
  EndFinding,
  Finding,
  MessageFinding,
  SdpFinding,
  Side,
  StunFinding,
  TextMessage,
} from './scan/finding.js';
export type { ConfiguredServer } from './scan/ice-servers.js';
export type { Input } from './scan/input.js';
export type { Log, LogAllocation, LogCandidate, LogEvent, LogPair } from './scan/logs/reader.js';
export type { LogEventName, LogField } from './scan/logs/rules.js';
export type { Agent, Session, SessionCandidate } from './scan/sessions.js';

function scanned(input: string | Uint8Array, report: JobReport): Scanned {
  const source = new Source(input, report.addresses);
  return {
    input,
    findings: report.findings.map((record, index) => findingOf(record, source, index)),
    truncated: report.truncated,
    capture: report.capture && captureOf(report.capture, report.addresses),
  };
}

/** Goes through an input that is in memory, yielding how far it has come. */
function* search(input: string | Uint8Array): Generator<number, Scanned> {
  return typeof input === 'string' ? yield* searchDressed(input, searchPlain) : yield* searchPlain(input);
}

function* searchPlain(input: string | Uint8Array): Generator<number, Scanned> {
  if (input.length > WINDOW && (typeof input === 'string' || !isCapture([input]))) {
    const { findings, truncated } = yield* searchText(input);
    return { input, findings, truncated, capture: null };
  }
  return scanned(input, yield* run(begin(input)));
}

/**
 * Finds every description, candidate, end mark, STUN message and SIP, RTSP or HTTP message with a description in a text:
 * console logs, JSON and escaped SDP, webrtc-internals dumps, SIP traces, hex, hex dumps, base64. In a pcap or pcapng file,
 * every STUN message, and SIP with its descriptions; `analyze` tells what happened in it.
 *
 * Offsets are UTF-16 code units of a string, bytes of a `Uint8Array`. At most 50 000 findings are given; of a capture, the
 * first 64 MiB are read. Texts may be of any length: they are searched in windows.
 *
 * @throws TypeError when the input is neither a string nor bytes.
 *
 * ```js
 * for (const { kind, side, line, value } of scan(log)) console.log(line, side, kind, String(value));
 * ```
 */
export function scan(given: string | Bytes): Finding[] {
  const input = typeof given === 'string' ? given : bytesIn(given);
  if (input === null) throw mustBe('input', 'a string, an ArrayBuffer or a view of one', given);
  const capture = typeof input !== 'string' && isCapture([input]);
  const steps = search(capture ? input.subarray(0, MAX_CAPTURE) : input);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value.findings;
  }
}

/** Longest stretch without a pause, milliseconds. */
const PATIENCE = 30;

/**
 * Finds out everything about an input: findings, sessions of offer and answer with the candidates of both agents, what
 * happened in a capture, a webrtc-internals dump or the text of about:webrtc, and advice with its evidence. Reads gzip and UTF-16 too.
 *
 * A text of more than 32 MiB in a file or stream is read in parts and not kept: memory stays bounded, `input` of the result is
 * `null`, and dumps are not read. Of a capture, the first 64 MiB are read.
 *
 * Pauses often enough for a thread to answer; `signal` stops it, and the promise rejects with the signal's reason.
 *
 * The promise rejects with a TypeError when the input or an option has the wrong type, and with the reason of the signal when
 * that aborts.
 *
 * ```js
 * const { advice, capture } = await analyze(file, { onProgress: ({ done, total }) => show(done / total) });
 * for (const { severity, text } of advice) console.log(severity, text);
 * ```
 */
export async function analyze(input: Input | Bytes, options: AnalyzeOptions = {}): Promise<Analysis> {
  requireObject('options', options);
  const { onProgress, signal } = options;
  optionalFunction('options.onProgress', onProgress);
  optionalSignal('options.signal', signal);
  let rested = performance.now();
  const pause = async (progress: ScanProgress) => {
    signal?.throwIfAborted();
    onProgress?.(progress);
    if (performance.now() - rested < PATIENCE) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    rested = performance.now();
    signal?.throwIfAborted();
  };
  signal?.throwIfAborted();
  const opened = await openInput(input, (done, total) => pause({ phase: 'read', done, total }));
  const found = opened.kind === 'whole' ? await searchWhole(opened, pause) : await searchParts(opened, pause);
  return explain({ ...found, now: options.now }, pause);
}

type Pause = (progress: ScanProgress) => Promise<void>;

async function searchWhole({ input, cut, unread }: Extract<Opened, { kind: 'whole' }>, pause: Pause): Promise<Scanned> {
  const total = input.length;
  const steps = search(input);
  try {
    for (;;) {
      const { done, value } = steps.next();
      if (done) return { ...value, truncated: value.truncated ?? cut, unread };
      await pause({ phase: 'scan', done: Math.min(value, total), total });
    }
  } finally {
    steps.return(undefined as never);
  }
}

async function searchParts(
  { parts, total, read, unread }: Extract<Opened, { kind: 'parts' }>,
  pause: Pause,
): Promise<Scanned> {
  const windows = new Windows(null);
  const reader = new LogReader();
  const rows = new Rows(reader);
  let held = '';
  let length = 0;
  const take = async (last: boolean) => {
    const at = windows.next;
    const steps = windows.take(held, last);
    try {
      while (!steps.next().done) await pause({ phase: 'scan', done: read(), total });
    } finally {
      steps.return(undefined as never);
    }
    held = held.slice(windows.next - at);
  };
  try {
    for await (const part of parts) {
      held += part;
      length += part.length;
      rows.take(part);
      if (held.length >= WINDOW) await take(false);
      await pause({ phase: 'scan', done: read(), total });
      if (windows.truncated !== null) break;
    }
    if (windows.truncated === null) await take(true);
  } finally {
    await parts.return(undefined);
  }
  rows.end();
  const { findings } = windows;
  const truncated = windows.truncated ?? (unread() === null ? null : length);
  return { input: null, findings, truncated, capture: null, logs: reader.finish(), unread: unread() };
}
