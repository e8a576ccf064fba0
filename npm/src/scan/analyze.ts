/** Everything about an input: findings, sessions, what happened in a capture or dump, and advice. */

import { readAboutWebrtc } from './about-webrtc.js';
import { type Advice, Advisor, adviseSession } from './advice.js';
import { adviseCapture, adviseDump } from './advice-capture.js';
import type { Capture } from './capture.js';
import { type Dump, type DumpConnection, readInternals } from './dump.js';
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
  format: 'text' | 'webrtc-internals' | 'about-webrtc' | 'pcap' | 'pcapng';
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
  const read = typeof input === 'string' ? (readInternals(input) ?? readAboutWebrtc(input)) : null;
  const dump = read?.dump ?? null;
  const connections = dump && owners(dump, findings);
  const grouping = new Grouping(findings, (index) => connections?.[index] ?? null);
  for (let index = 0; index < findings.length; index++) {
    if (index % SLICE === 0) await pause({ phase: 'explain', done: index, total: findings.length });
    grouping.take(index);
  }
  const sessions = grouping.finish();
  const advisor = new Advisor();
  const gathered = dump === null ? new Set<string>() : gatheredIn(dump);
  for (const [index, session] of sessions.entries()) {
    if (index % SLICE === 0) await pause({ phase: 'explain', done: findings.length, total: findings.length });
    adviseSession(session, index, findings, gathered, advisor);
  }
  if (capture !== null) adviseCapture(capture, advisor);
  if (dump !== null) adviseDump(dump, advisor);
  const advice = advisor.list.sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
  const format = capture !== null ? capture.format : (read?.format ?? 'text');
  return { format, ...scanned, sessions, dump, advice };
}

/** Connections and sides whose candidates the dump shows. */
function gatheredIn({ connections }: Dump): Set<string> {
  const sides = ({ id, candidates }: DumpConnection) =>
    (['local', 'remote'] as const).filter((side) => candidates[side].length > 0).map((side) => `${id} ${side}`);
  return new Set(connections.flatMap(sides));
}

/** The connection each finding belongs to. */
function owners({ connections }: Dump, findings: readonly Finding[]): (string | null)[] {
  let next = 0;
  return findings.map(({ start }) => {
    while ((connections[next]?.start ?? Number.POSITIVE_INFINITY) <= start) next++;
    return connections[next - 1]?.id ?? null;
  });
}
