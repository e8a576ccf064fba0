/** Everything about an input: findings, sessions, what happened in a capture or dump, and advice. */
import { type Advice, Advisor, adviseSession } from './advice.js';
import { adviseCapture, adviseDump } from './advice-capture.js';
import type { Capture } from './capture.js';
import { type Dump, readDump } from './dump.js';
import type { Finding } from './finding.js';
import { Grouping, type Session } from './sessions.js';

/** How far an analysis has come. */
export interface ScanProgress {
  phase: 'scan' | 'explain';
  /** Bytes while scanning, findings while explaining. */
  done: number;
  total: number;
}

/** Options of `analyze`. */
export interface AnalyzeOptions {
  onProgress?(progress: ScanProgress): void;
  /** Stops the analysis: the promise rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** What `analyze` finds out. */
export interface Analysis {
  /** What the input is. */
  format: 'text' | 'webrtc-internals' | 'pcap' | 'pcapng';
  /** The input that offsets refer to: the one given, or the text in it when it was compressed or in UTF-16. */
  input: string | Uint8Array;
  findings: Finding[];
  /** Where scanning a text stopped, because there were 50 000 findings. */
  truncated: number | null;
  sessions: Session[];
  capture: Capture | null;
  dump: Dump | null;
  /** Errors first, then warnings, then notes; within each in the order of the input. */
  advice: Advice[];
}

/** What a scan gives. @internal */
export interface Scanned {
  input: string | Uint8Array;
  findings: Finding[];
  truncated: number | null;
  capture: Capture | null;
}

const severities = ['error', 'warning', 'info'];
/** Findings between two pauses. */
const SLICE = 500;

/** Groups and explains what was found, with pauses. @internal */
export async function explain(scanned: Scanned, pause: (progress: ScanProgress) => Promise<void>): Promise<Analysis> {
  const { findings, capture, input } = scanned;
  const dump = typeof input === 'string' ? readDump(input) : null;
  const connections = dump === null || typeof input !== 'string' ? null : owners(dump, findings, input);
  const grouping = new Grouping(findings, (index) => connections?.[index] ?? null);
  for (let index = 0; index < findings.length; index++) {
    if (index % SLICE === 0) await pause({ phase: 'explain', done: index, total: findings.length });
    grouping.take(index);
  }
  const sessions = grouping.finish();
  const advisor = new Advisor();
  for (const [index, session] of sessions.entries()) {
    if (index % SLICE === 0) await pause({ phase: 'explain', done: findings.length, total: findings.length });
    adviseSession(session, index, findings, advisor);
  }
  if (capture !== null) adviseCapture(capture, advisor);
  if (dump !== null) adviseDump(dump, advisor);
  const advice = advisor.list.sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
  const format = capture !== null ? capture.format : dump !== null ? 'webrtc-internals' : 'text';
  return { format, ...scanned, sessions, dump, advice };
}

/** The connection each finding belongs to: connections stand one behind the other, in the order they are read in. */
function owners(dump: Dump, findings: readonly Finding[], text: string): (string | null)[] {
  const starts: { id: string; start: number }[] = [];
  let from = text.indexOf('"PeerConnections"');
  for (const { id } of dump.connections) {
    const start = text.indexOf(`${JSON.stringify(id)}:`, from);
    if (start < 0) continue;
    starts.push({ id, start });
    from = start;
  }
  let next = 0;
  return findings.map(({ start }) => {
    while (next < starts.length && (starts[next] as { start: number }).start <= start) next++;
    return starts[next - 1]?.id ?? null;
  });
}
