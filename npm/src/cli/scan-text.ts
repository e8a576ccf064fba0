/** Output of `icelens scan`. */

import type { Diagnostic } from '../diagnostics.js';
import { predictOffer } from '../predict.js';
import type { Advice, Agent, Analysis, CandidateFinding, Finding, Log, SdpFinding } from '../scan.js';
import { print, severityWord } from './usage.js';

const diagnosed = (finding: Finding): finding is SdpFinding | CandidateFinding =>
  finding.kind === 'sdp' || finding.kind === 'candidate';

/** Reactions of browsers to an offer of WebRTC; `null` for everything else. */
function verdictOf(finding: Finding): ReturnType<typeof predictOffer> | null {
  if (finding.kind !== 'sdp' || finding.fragment || finding.type === 'answer' || finding.type === 'pranswer')
    return null;
  const { media, session } = finding.value;
  const webrtc = [session.ice.ufrag, ...media.map(({ ice }) => ice.ufrag)].some((ufrag) => ufrag !== null);
  return webrtc ? predictOffer(finding.text) : null;
}

const refuses = (verdict: string | undefined) => /^(?:refuses|rejects)/.test(verdict ?? '');

/** Whether both browsers refuse a description for it. */
const refusedByAll = ({ verdicts }: Diagnostic) => [verdicts?.chrome, verdicts?.firefox].every(refuses);

/** Whether nothing of a call was found. */
export function isEmpty({ advice }: Analysis): boolean {
  return advice.some(({ code }) => code === 'log.nothing');
}

/** Whether something is wrong that stops a connection. */
export function isWrong({ advice, findings }: Analysis): boolean {
  if (advice.some(({ severity }) => severity === 'error')) return true;
  return findings.some((finding) => {
    if (!diagnosed(finding)) return false;
    const carrier = finding.kind === 'sdp' && finding.message !== null ? findings[finding.message] : undefined;
    // A rule of browsers stops no call between phones, and a note stops nothing.
    const browsers = carrier?.kind !== 'sip';
    const fatal = (diagnostic: Diagnostic) =>
      diagnostic.severity === 'error' || (browsers && diagnostic.severity === 'warning' && refusedByAll(diagnostic));
    if (finding.diagnostics.some(fatal)) return true;
    const verdict = browsers ? verdictOf(finding) : null;
    return verdict !== null && verdict.chromium !== null && verdict.firefox !== null;
  });
}

/** Most diagnostics printed. */
const MAX_PRINTED = 200;

function printFindings(findings: readonly Finding[], all: boolean): void {
  let printed = 0;
  let left = 0;
  for (const finding of findings) {
    if (all) print(`  ${describe(finding)}`);
    if (!diagnosed(finding)) continue;
    const own = finding.value === null ? null : finding.kind === 'sdp' ? finding.value.diagnostics : null;
    for (const [index, diagnostic] of finding.diagnostics.entries()) {
      if (diagnostic.severity === 'info' && !all) continue;
      if (++printed > MAX_PRINTED) left++;
      else printDiagnostic(finding, diagnostic, own?.[index] ?? null);
    }
    printVerdict(finding);
  }
  if (left > 0) print(`${counted(left, 'more diagnostic')} ${left === 1 ? 'is' : 'are'} not printed: --json has them`);
}

function printVerdict(finding: Finding): void {
  const verdict = verdictOf(finding);
  if (verdict === null) return;
  for (const [browser, refusal] of [
    ['Chromium', verdict.chromium],
    ['Firefox', verdict.firefox],
  ] as const) {
    if (refusal === null) continue;
    const place = refusal.line === null ? '' : `, line ${refusal.line} of the description`;
    print(`${browser} refuses the offer at line ${finding.line}${place}: ${refusal.code}: ${refusal.message}`);
  }
}

/** Columns of a line that are shown. */
const SHOWN = 160;

/** Place, code and sentence; the line with the span underlined; what the browsers do; what to do. */
function printDiagnostic(finding: SdpFinding | CandidateFinding, diagnostic: Diagnostic, own: Diagnostic | null): void {
  const { line, column, severity, code, message, verdicts, hint, fix } = diagnostic;
  const fatal = severity === 'warning' && refusedByAll(diagnostic) ? 'error' : severity;
  print(severityWord(fatal), ` ${code} ${line}:${column}: ${message}`);
  const { text } = finding;
  const start = own?.start ?? (finding.kind === 'candidate' ? offsetIn(finding, diagnostic) : 0);
  const end = own?.end ?? start + (diagnostic.end - diagnostic.start);
  const from = Math.max(text.lastIndexOf('\n', start - 1) + 1, start - SHOWN / 2);
  const stop = text.slice(from).search(/[\r\n]/);
  const shown = text.slice(from, stop < 0 ? from + SHOWN : Math.min(from + stop, from + SHOWN));
  print(`  | ${shown}`);
  const width = Math.max(1, Math.min(end - start, shown.length - (start - from)));
  print(`  | ${' '.repeat(Math.max(0, start - from))}`, { text: '^'.repeat(width), colour: 'red' });
  if (verdicts) print(`  RFC: ${verdicts.rfc}; Chromium: ${verdicts.chrome}; Firefox: ${verdicts.firefox}`);
  // An empty fix takes something out, as the hint says.
  const lines = fix?.text.split(/\r?\n/) ?? [''];
  if (lines.length > 1) print(`  ${hint} Write:`);
  else print(lines[0] === '' ? `  ${hint}` : `  ${hint} Write: ${JSON.stringify(lines[0])}`);
  if (lines.length > 1) for (const line of lines) print(`  + ${line}`);
}

/** Offset in the text of a candidate at which a diagnostic begins. */
function offsetIn(finding: CandidateFinding, { start }: Diagnostic): number {
  for (let at = 0; at <= finding.text.length; at++) if (finding.locate(at) >= start) return at;
  return 0;
}

/** A number with the word for what it counts: `1 line`, `2 lines`. */
const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

/** Whether the input shows anything of an agent. */
function isSeen({ descriptions, candidates }: Agent): boolean {
  return descriptions.length + candidates.length > 0;
}

function agentLine({ side, descriptions, candidates }: Agent): string {
  const counts = [counted(descriptions.length, 'description'), counted(candidates.length, 'candidate')];
  return `${side ?? 'side unknown'}: ${counts.join(', ')}`;
}

/** How many findings of a kind: `1 candidate`, `2 candidates`, `2 sdp`. */
const kindCount = (kind: Finding['kind'], number: number) =>
  kind === 'candidate' ? counted(number, kind) : `${number} ${kind}`;

/** The first line of an input without findings. */
function nothingFound({ logs, servers, dump }: Analysis): string {
  if (logs.length + servers.length === 0 && dump === null) return 'nothing found';
  const candidates = logs.some((log) => log.candidates.length > 0) || dump !== null;
  return candidates ? 'no description or message' : 'no description, candidate or message';
}

function printLog(log: Log, all: boolean): void {
  const counts = [
    `${counted(log.lines, 'line')}, ${log.read} read`,
    counted(log.candidates.length, 'candidate'),
    counted(log.pairs.length, 'pair'),
    counted(log.allocations.length, 'allocation'),
  ];
  print(`log of ${log.title}: ${counts.join(', ')}${log.state === null ? '' : `, at last ${log.state.value}`}`);
  if (!all) return;
  for (const { line, side, type, protocol, address, port } of log.candidates) {
    const words = [side, type, protocol, port === null ? address : `${address}:${port}`];
    print(`  line ${line} candidate ${words.filter((word) => word !== null).join(' ')}`);
  }
}

/** Prints an analysis; `all` lists the findings and the notes too. */
export function report(analysis: Analysis, all: boolean): void {
  const { format, findings, sessions, capture, dump, advice, truncated, logs, servers } = analysis;
  const count = (kind: Finding['kind']) => findings.filter((finding) => finding.kind === kind).length;
  const kinds = ['sdp', 'candidate', 'end-of-candidates', 'stun', 'sip', 'rtsp', 'http'] as const;
  const counts = kinds.map((kind) => [kind, count(kind)] as const).filter(([, number]) => number > 0);
  print(`${format}: ${counts.map(([kind, number]) => kindCount(kind, number)).join(', ') || nothingFound(analysis)}`);
  const unread = advice.some(({ code }) => code.startsWith('input.'));
  if (truncated !== null) print(`stopped at ${truncated}${unread ? '' : ': there are more findings than are kept'}`);
  printFindings(findings, all);
  for (const [index, { offerer, answerer, call, connection }] of sessions.entries()) {
    const name = call ?? connection;
    const agents = [offerer, answerer].filter(isSeen).map(agentLine);
    print(
      `session ${index}${name === null ? '' : ` (${name})`}: ${agents.join('; ') || 'no description or candidate'}`,
    );
  }
  if (capture !== null) {
    const answered = capture.transactions.filter(({ response }) => response !== null).length;
    print(
      `${counted(capture.packets, 'packet')}, ${counted(capture.transactions.length, 'transaction')}, ${answered} answered`,
    );
    for (const { fragments, pairs, selected } of capture.sessions) {
      const pair = selected === null ? undefined : capture.pairs[selected];
      const end = pair === undefined ? 'none selected' : `selected ${pair.a} ${pair.b} ${pair.transport}`;
      print(`ice ${fragments.join(':')}: ${counted(pairs.length, 'pair')}, ${end}`);
    }
  }
  for (const { id, pairs, transports } of dump?.connections ?? []) {
    const selected = pairs.find((pair) => pair.id === transports[0]?.selected.at(-1)?.value);
    const ends =
      selected && [selected.local, selected.remote].map((end) => `${end?.type} ${end?.address}:${end?.port}`);
    print(
      `connection ${id}: ${counted(pairs.length, 'pair')}, ${ends ? `selected ${ends.join(' ')}` : 'none selected'}`,
    );
  }
  for (const log of logs) printLog(log, all);
  for (const { url, line, username } of servers)
    print(`server line ${line} ${url}${username === null ? '' : ` as ${username}`}`);
  for (const one of advice) print(severityWord(one.severity), ` ${adviceLine(one)}`);
}

function adviceLine({ code, session, text, evidence }: Advice): string {
  const places = evidence.map(({ kind, index }) => `${kind} ${index}`).join(', ');
  return `${code}${session === null ? '' : ` (session ${session})`}: ${text}${places && ` [${places}]`}`;
}

function describe(finding: Finding): string {
  const { kind, index, line, side, start, end, packet } = finding;
  const place = packet === null ? `line ${line}` : `packet ${packet.number} ${packet.from} > ${packet.to}`;
  return `${index} ${place} ${start}-${end} ${side ?? ''} ${kind} ${firstLine(finding)}`;
}

function firstLine(finding: Finding): string {
  switch (finding.kind) {
    case 'sdp':
      return `${finding.type ?? (finding.fragment ? 'fragment' : '')} ${counted(finding.value.media.length, 'section')}`.trim();
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

/** An analysis as plain values, with the diagnostics of each finding and what the browsers do with each offer. */
export function plainAnalysis({ input: _, findings, ...analysis }: Analysis): object {
  const plain = findings.map((finding) => {
    const { index, kind, start, end, side, line, packet } = finding;
    const value = finding.kind === 'sdp' ? finding.text : finding.value;
    const type = finding.kind === 'sdp' ? finding.type : undefined;
    const diagnostics = diagnosed(finding) ? finding.diagnostics : undefined;
    const browsers = verdictOf(finding) ?? undefined;
    return { index, kind, start, end, side, line, packet, type, value, diagnostics, browsers };
  });
  return { findings: plain, ...analysis };
}
