/** Everything about an input: findings, sessions, what happened in a capture or dump, and advice. */

import { dumps } from '#dumps';
import { type Advice, Advisor, adviseSession } from './advice.js';
import { adviseLog } from './advice-log.js';
import type { Capture } from './capture.js';
import type { Readings } from './dressed.js';
import type { Dump, DumpConnection, Owner, ReadDump } from './dump.js';
import { mayBeDump } from './dump-signs.js';
import { oldOffset, unedited } from './edits.js';
import type { Finding } from './finding.js';
import { adviseServersOf, type ConfiguredServer, readServers } from './ice-servers.js';
import { MAX_UNPACKED, type Unread } from './input.js';
import { type Log, locator, readers, readLogs } from './logs/reader.js';
import { Grouping, type Session } from './sessions.js';

/** How far an analysis has come. */
export interface ScanProgress {
  /** Step that is going on. */
  phase: 'read' | 'scan' | 'explain';
  /** Bytes or characters while reading and scanning, findings while explaining. */
  done: number;
  /** Of a stream, `Infinity`. */
  total: number;
}

/** Options of `analyze`. */
export interface AnalyzeOptions {
  /** Called during the work, with how far it has come. What it throws ends the analysis. */
  onProgress?(progress: ScanProgress): void;
  /** The time by which credentials have run out, milliseconds since 1970; the clock's unless given. */
  now?: number;
  /** Stops the analysis: the promise rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Result of `analyze`. */
export interface Analysis {
  /** Kind of input. */
  format: 'text' | 'webrtc-internals' | 'about-webrtc' | 'getstats' | 'rtcstats' | 'pcap' | 'pcapng';
  /**
   * The input that offsets refer to: the one given, or the text in it when it was compressed or in UTF-16. `null` when it was
   * read in parts and not kept; offsets then count UTF-16 code units from its start.
   */
  input: string | Uint8Array | null;
  /** Findings, in the order of the input. */
  findings: Finding[];
  /**
   * Offset at which reading stopped: at 50 000 findings of a text, at 64 MiB of a capture, where a gzip file is cut off or damaged,
   * or where it has unpacked to 32 MiB and more than a hundred times its size.
   */
  truncated: number | null;
  /** Exchanges of offer and answer that the findings belong to. */
  sessions: Session[];
  /** Contents of the capture; `null` unless the format is `pcap` or `pcapng`. */
  capture: Capture | null;
  /** Contents of the dump; `null` for other formats. */
  dump: Dump | null;
  /** Logs of programs, one for each program. */
  logs: Log[];
  /** The STUN and TURN servers that the text configures. */
  servers: ConfiguredServer[];
  /** Errors first, then warnings, then notes; within each in the order of the input. */
  advice: Advice[];
}

/** Result of a scan. @internal */
export interface Scanned {
  input: string | Uint8Array | null;
  findings: Finding[];
  truncated: number | null;
  capture: Capture | null;
  /** Of a text, the ways to read it. */
  readings?: Readings;
  /** Of a text that was read in parts; otherwise they are still to be read. */
  logs?: Log[];
  /** Why a gzip file was not read to its end. */
  unread?: Unread | null;
  /** Milliseconds since 1970, to tell what has run out. */
  now?: number | undefined;
}

const severities = ['error', 'warning', 'info'];
/** Findings between two pauses. */
const SLICE = 100;

/** Groups and explains what was found, with pauses. @internal */
export async function explain(scanned: Scanned, pause: (progress: ScanProgress) => Promise<void>): Promise<Analysis> {
  const { findings, capture, input } = scanned;
  const total = findings.length;
  const rest = () => pause({ phase: 'explain', done: total, total });
  const read = typeof input === 'string' ? await readDumpOf(input, scanned.readings, rest) : null;
  const dump = read?.dump ?? null;
  const isText = read === null || read.format === 'text';
  const logs =
    scanned.logs ??
    (typeof input === 'string' && isText ? await slowly(readLogsOf(input, scanned.readings), rest) : []);
  const connections = dump && owners(read?.owners ?? starts(dump), findings);
  const grouping = new Grouping(findings, (index) => connections?.[index] ?? null);
  for (let index = 0; index < findings.length; index++) {
    if (index % SLICE === 0) await pause({ phase: 'explain', done: index, total });
    grouping.take(index);
  }
  const sessions = grouping.finish();
  const advisor = new Advisor();
  const { unread } = scanned;
  if (unread) advisor.add(`input.${unread}`, 'warning', [], unread === 'unpacked' ? { limit: MAX_UNPACKED >> 20 } : {});
  const gathered = dump === null ? new Set<string>() : gatheredIn(dump);
  for (const [index, session] of sessions.entries()) {
    if (index % SLICE === 0) await rest();
    adviseSession(session, index, findings, gathered, advisor);
  }
  if (capture !== null) await slowly((await dumps()).adviseCapture(capture, advisor), rest);
  if (dump !== null) await slowly((await dumps()).adviseDump(dump, advisor), rest);
  for (const log of logs) {
    adviseLog(log, advisor);
    await rest();
  }
  const servers = typeof input === 'string' && isText ? await slowly(readServers(input), rest) : [];
  if (typeof input === 'string') adviseServersOf(servers, input, scanned.now ?? Date.now(), advisor);
  if (servers.length === 0 && findings.length === 0 && logs.length === 0 && dump === null && capture === null) {
    advisor.add('log.nothing', 'info', [], { readers: readers.join(', ') });
  }
  const advice = advisor.list.sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
  const format = capture !== null ? capture.format : (read?.format ?? 'text');
  return { format, input, findings, truncated: scanned.truncated, capture, sessions, dump, logs, servers, advice };
}

/** Goes through steps, with a pause between them. */
async function slowly<T>(steps: Generator<unknown, T>, pause: () => Promise<void>): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await pause();
  }
}

/** The dump in the first reading of a text that has one. */
async function readDumpOf(
  input: string,
  readings: Readings | undefined,
  pause: () => Promise<void>,
): Promise<ReadDump | null> {
  for (const { text, map } of readings === undefined ? [unedited(input)] : [readings.marked, readings.bare]) {
    if (!mayBeDump(text)) continue;
    const { readDump } = await dumps();
    const read = await slowly(readDump(text), pause);
    if (read === null) continue;
    const { dump } = read;
    if (dump.cut !== null) dump.cut = oldOffset(map, dump.cut);
    for (const one of [...dump.connections, ...(read.owners ?? [])]) one.start = oldOffset(map, one.start);
    return read;
  }
  return null;
}

/** The logs of the reading of which more lines are read; a time before a line is worth having. */
function* readLogsOf(input: string, readings: Readings | undefined): Generator<unknown, Log[]> {
  const { marked, bare } = readings ?? { marked: unedited(input), bare: null };
  const logs = yield* readLogs(marked.text, locator(input, marked));
  if (bare === null || bare.text === marked.text) return logs;
  const others = yield* readLogs(bare.text, locator(input, bare));
  const lines = (list: readonly Log[]) => list.reduce((sum, { read }) => sum + read, 0);
  return lines(others) > lines(logs) ? others : logs;
}

/** Connections and sides whose candidates the dump shows. */
function gatheredIn({ connections }: Dump): Set<string> {
  const sides = ({ id, candidates }: DumpConnection) =>
    (['local', 'remote'] as const).filter((side) => candidates[side].length > 0).map((side) => `${id} ${side}`);
  return new Set(connections.flatMap(sides));
}

const starts = ({ connections }: Dump) => connections.map(({ id, start }): Owner => ({ start, id, side: null }));

/** The connection each finding belongs to, by where connections begin. What a dump tells of its side is put down. */
function owners(starts: readonly Owner[], findings: readonly Finding[]): (string | null)[] {
  let next = 0;
  return findings.map((finding) => {
    while ((starts[next]?.start ?? Number.POSITIVE_INFINITY) <= finding.start) next++;
    const owner = starts[next - 1];
    finding.side = owner?.side ?? finding.side;
    return owner?.id ?? null;
  });
}
