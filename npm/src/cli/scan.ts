/** `icelens scan`. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Advice, type Analysis, analyze, type Finding, type ScanProgress } from '../scan.js';
import { type Command, print, readArgs, UsageError } from './usage.js';

const options = {
  json: { type: 'boolean', default: false },
  findings: { type: 'boolean', short: 'f', default: false },
} as const;

/** Bytes of a file that takes long enough for its progress to be shown. */
const LONG = 8 << 20;

/** The command. */
export const scan: Command = {
  usage: 'scan FILE',
  summary: 'Finds SDP, candidates and STUN in any log, dump or capture, and says what went wrong.',
  help: `FILE is a text, a webrtc-internals dump, a pcap or pcapng file, plain or gzipped; '-' reads standard input.

      --json       prints findings, sessions, capture, dump and advice as JSON
  -f, --findings   lists every finding with its place

Exit code: 0 nothing is wrong, 1 the advice has an error, 2 wrong usage or the file can't be read.`,
  async run(args) {
    const { values, positionals } = readArgs(args, options);
    const [file, ...rest] = positionals;
    if (file === undefined || rest.length > 0) throw new UsageError('name one file');
    const analysis = await read(file);
    if (values.json) print(toJson(analysis));
    else report(analysis, values.findings);
    return analysis.advice.some(({ severity }) => severity === 'error') ? 1 : 0;
  },
};

/** Reads a file in parts, showing how far it has come where somebody may be waiting. */
async function read(file: string): Promise<Analysis> {
  if (file === '-') return analyze(process.stdin);
  const { size } = await stat(file);
  let shown = 0;
  const onProgress = ({ phase, done }: ScanProgress) => {
    const percent = phase === 'explain' ? 100 : Math.floor((done / Math.max(size, 1)) * 100);
    if (!process.stderr.isTTY || size < LONG || percent <= shown) return;
    shown = percent;
    process.stderr.write(percent < 100 ? `\r${percent} %` : '\r     \r');
  };
  return analyze(createReadStream(file), { onProgress });
}

function report({ format, findings, sessions, capture, dump, advice, truncated }: Analysis, all: boolean): void {
  const count = (kind: Finding['kind']) => findings.filter((finding) => finding.kind === kind).length;
  const kinds = ['sdp', 'candidate', 'end-of-candidates', 'stun', 'sip', 'rtsp', 'http'] as const;
  const counts = kinds.map((kind) => [kind, count(kind)] as const).filter(([, number]) => number > 0);
  print(`${format}: ${counts.map(([kind, number]) => `${number} ${kind}`).join(', ') || 'nothing found'}`);
  if (truncated !== null) print(`stopped at ${truncated}: there are more findings than are kept`);
  if (all) for (const finding of findings) print(`  ${describe(finding)}`);
  for (const [index, { offerer, answerer, call, connection }] of sessions.entries()) {
    const name = call ?? connection;
    const agents = [offerer, answerer].map(
      ({ side, descriptions, candidates }) =>
        `${side}: ${descriptions.length} descriptions, ${candidates.length} candidates`,
    );
    print(`session ${index}${name === null ? '' : ` (${name})`}: ${agents.join('; ')}`);
  }
  if (capture !== null) {
    const answered = capture.transactions.filter(({ response }) => response !== null).length;
    print(`${capture.packets} packets, ${capture.transactions.length} transactions, ${answered} answered`);
    for (const { fragments, pairs, selected } of capture.sessions) {
      const pair = selected === null ? undefined : capture.pairs[selected];
      const end = pair === undefined ? 'none selected' : `selected ${pair.a} ${pair.b} ${pair.transport}`;
      print(`ice ${fragments.join(':')}: ${pairs.length} pairs, ${end}`);
    }
  }
  for (const { id, pairs, transports } of dump?.connections ?? []) {
    const selected = pairs.find((pair) => pair.id === transports[0]?.selected.at(-1)?.value);
    const ends =
      selected && [selected.local, selected.remote].map((end) => `${end?.type} ${end?.address}:${end?.port}`);
    print(`connection ${id}: ${pairs.length} pairs, ${ends ? `selected ${ends.join(' ')}` : 'none selected'}`);
  }
  for (const one of advice) print(adviceLine(one));
}

function adviceLine({ severity, code, session, text, evidence }: Advice): string {
  const places = evidence.map(({ kind, index }) => `${kind} ${index}`).join(', ');
  return `${severity} ${code}${session === null ? '' : ` (session ${session})`}: ${text}${places && ` [${places}]`}`;
}

function describe(finding: Finding): string {
  const { kind, index, line, side, start, end, packet } = finding;
  const place = packet === null ? `line ${line}` : `packet ${packet.number} ${packet.from} > ${packet.to}`;
  return `${index} ${place} ${start}-${end} ${side ?? ''} ${kind} ${firstLine(finding)}`;
}

function firstLine(finding: Finding): string {
  switch (finding.kind) {
    case 'sdp':
      return `${finding.type ?? (finding.fragment ? 'fragment' : '')} ${finding.value.media.length} sections`.trim();
    case 'candidate':
      return finding.text;
    case 'stun':
      return finding.value === null ? 'unreadable' : `${finding.value.method} ${finding.value.class}`;
    case 'end-of-candidates':
      return '';
    default:
      return finding.value.startLine;
  }
}

function toJson({ input: _, findings, ...analysis }: Analysis): string {
  const plain = findings.map((finding) => {
    const { index, kind, start, end, side, line, packet } = finding;
    const value = finding.kind === 'sdp' ? finding.text : finding.value;
    const type = finding.kind === 'sdp' ? finding.type : undefined;
    return { index, kind, start, end, side, line, packet, type, value };
  });
  return JSON.stringify(
    { findings: plain, ...analysis },
    (_key, value) => (typeof value === 'bigint' ? String(value) : value),
    2,
  );
}
