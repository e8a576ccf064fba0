/** Findings in any text, dump or capture. The search is in `src/scan`. */
import { ScanJob } from '#glue';
import { inputTaken, writeBytes, writeText } from './core.js';
import { type Finding, type FindingRecord, findingOf } from './scan/finding.js';
import { Source } from './scan/source.js';

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
export { Source } from './scan/source.js';

/** What a job gives at its end. */
interface Report {
  findings: FindingRecord[];
  truncated: number | null;
}

function begin(input: string | Uint8Array): ScanJob {
  const text = typeof input === 'string';
  if (!text) writeBytes(input);
  const job = new ScanJob(text ? writeText(input) : input.length, text);
  inputTaken();
  return job;
}

/**
 * Finds every description, candidate, end mark, STUN message and SIP, RTSP or HTTP message with a description in a text:
 * console logs, JSON and escaped SDP, webrtc-internals dumps, SIP traces, hex, hex dumps, base64.
 * Offsets are UTF-16 code units of a string, bytes of a `Uint8Array`. At most 50 000 findings are given.
 *
 * ```js
 * for (const { kind, side, line, value } of scan(log)) console.log(line, side, kind, String(value));
 * ```
 */
export function scan(input: string | Uint8Array): Finding[] {
  const source = new Source(input);
  const job = begin(input);
  while (!job.step(0xffffffff));
  const report = job.finish() as Report;
  return report.findings.map((record) => findingOf(record, source));
}
