/** Findings in any text, dump or capture. The search is in `src/scan`. */
import { ScanJob } from '#glue';
import { inputTaken, writeBytes, writeText } from './core.js';
import { type Analysis, type AnalyzeOptions, explain, type Scanned, type ScanProgress } from './scan/analyze.js';
import { type CaptureRecord, captureOf } from './scan/capture.js';
import { type Finding, type FindingRecord, findingOf } from './scan/finding.js';
import { Source } from './scan/source.js';

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
export type { Agent, Session, SessionCandidate } from './scan/sessions.js';

/** What a job gives at its end. */
interface Report {
  findings: FindingRecord[];
  truncated: number | null;
  capture: CaptureRecord | null;
  addresses: string[];
}

function begin(input: string | Uint8Array): ScanJob {
  const text = typeof input === 'string';
  if (!text) writeBytes(input);
  const job = new ScanJob(text ? writeText(input) : input.length, text);
  inputTaken();
  return job;
}

function finish(job: ScanJob, input: string | Uint8Array): Scanned {
  const { findings, truncated, capture, addresses } = job.finish() as Report;
  const source = new Source(input, addresses);
  return {
    input,
    findings: findings.map((record, index) => findingOf(record, source, index)),
    truncated,
    capture: capture && captureOf(capture, addresses),
  };
}

/**
 * Finds every description, candidate, end mark, STUN message and SIP, RTSP or HTTP message with a description in a text:
 * console logs, JSON and escaped SDP, webrtc-internals dumps, SIP traces, hex, hex dumps, base64. In a pcap or pcapng file,
 * every STUN message, and SIP with its descriptions; `analyze` tells what happened in it.
 *
 * Offsets are UTF-16 code units of a string, bytes of a `Uint8Array`. At most 50 000 findings are given, of 64 MiB of input.
 *
 * ```js
 * for (const { kind, side, line, value } of scan(log)) console.log(line, side, kind, String(value));
 * ```
 */
export function scan(input: string | Uint8Array): Finding[] {
  const job = begin(input);
  while (!job.step(STEP));
  return finish(job, input).findings;
}

/** Bytes between two pauses. */
const STEP = 1 << 18;
/** Longest stretch without a pause, milliseconds. */
const PATIENCE = 30;
/** Most bytes that a compressed input may have when it is not. */
const MAX_INFLATED = 64 << 20;

/**
 * Finds out everything about an input: findings, sessions of offer and answer with the candidates of both agents, what
 * happened in a capture, a webrtc-internals dump or the text of about:webrtc, and advice with its evidence. Reads gzip and UTF-16 too.
 *
 * Pauses often enough for a thread to answer; `signal` stops it, and the promise rejects with the signal's reason.
 *
 * ```js
 * const { advice, capture } = await analyze(await file.bytes(), { onProgress: ({ done, total }) => show(done / total) });
 * for (const { severity, text } of advice) console.log(severity, text);
 * ```
 */
export async function analyze(input: string | Uint8Array, options: AnalyzeOptions = {}): Promise<Analysis> {
  const { onProgress, signal } = options;
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
  const text = typeof input === 'string' ? input : await readable(input);
  const job = begin(text);
  const total = text.length;
  try {
    while (!job.step(STEP)) await pause({ phase: 'scan', done: Math.min(job.position(), total), total });
  } catch (error) {
    job.free();
    throw error;
  }
  return explain(finish(job, text), pause);
}

/** A capture as bytes, anything else as text. */
async function readable(bytes: Uint8Array): Promise<string | Uint8Array> {
  const inflated = bytes[0] === 0x1f && bytes[1] === 0x8b ? await inflate(bytes) : bytes;
  const head = new DataView(inflated.buffer, inflated.byteOffset, inflated.byteLength);
  const magic = inflated.length >= 4 ? head.getUint32(0) : 0;
  if (captureMagic.has(magic)) return inflated;
  const encoding = magic >>> 16 === 0xfffe ? 'utf-16le' : magic >>> 16 === 0xfeff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(inflated);
}

/** The first four bytes of pcap, of either byte order and resolution, and of pcapng. */
const captureMagic = new Set([0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0xa1b2cd34, 0x34cdb2a1, 0x0a0d0d0a]);

async function inflate(bytes: Uint8Array): Promise<Uint8Array> {
  const body = new Blob([bytes.slice()]).stream().pipeThrough(new DecompressionStream('gzip'));
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      chunks.push(next.value);
      length += next.value.length;
      if (length > MAX_INFLATED) throw new RangeError(`the compressed input is over the limit of 64 MiB`);
    }
  } catch (error) {
    // A file that is cut off still has a beginning.
    if (length === 0 || error instanceof RangeError) throw error;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
