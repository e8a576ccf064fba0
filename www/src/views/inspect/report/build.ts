/**
 * From the engine's analysis to what the view shows. Runs in the reading thread; knows no DOM. What only captures and
 * dumps need is fetched for them.
 */

import type { Agent, Analysis, Candidate, Diagnostic, Finding, MediaSection, SdpFinding } from 'icelens';
import type { LineIndex } from '../model/lines';
import { severityFor } from '../model/severity';
import { addAdvice } from './advice';
import { formLists } from './lists';
import { readLogRows } from './logs';
import { addMessage, matchMessages } from './messages';
import { linesRead } from './read-lines';
import { describeSessions, emptySession } from './sessions';
import type { CandidateRow, DiagnosticRow, MediaRow, Report, Side } from './types';

/** Most rows of each table; what lies beyond is counted and said. */
const MAX_CANDIDATES = 20_000;
const MAX_DIAGNOSTICS = 20_000;
const MAX_DESCRIPTIONS = 5_000;
/** Most characters of one description carried for showing it whole. */
const MAX_SDP = 1 << 20;

/** A report under construction. */
export class Builder {
  readonly report: Report;
  readonly analysis: Analysis;
  readonly lines: LineIndex;
  /** Row of each of the engine's candidates. */
  readonly rows = new Map<Candidate, number>();
  /** Message row of each finding that is one. */
  readonly messageOf = new Map<number, number>();

  constructor(analysis: Analysis, text: string, lines: LineIndex, byteLength: number) {
    this.analysis = analysis;
    this.lines = lines;
    this.report = {
      kind: kindOf(analysis, text),
      byteLength,
      elapsed: 0,
      sessions: analysis.sessions.map((_, index) => emptySession(index, 'exchange')),
      descriptions: [],
      candidates: [],
      gathered: [],
      ends: [],
      diagnostics: [],
      messages: [],
      checks: [],
      logs: null,
      advice: [],
      cut: [],
      read: null,
    };
  }

  cut = (table: string, kept: number, more = 1): void => {
    if (more === 0) return;
    const row = this.report.cut.find((other) => other.table === table);
    if (row === undefined) this.report.cut.push({ table, kept, found: kept + more });
    else row.found += more;
  };
}

/** `text` is the input as a string, empty for a capture. */
export async function buildReport(
  analysis: Analysis,
  text: string,
  lines: LineIndex,
  byteLength: number,
): Promise<Report> {
  const builder = new Builder(analysis, text, lines, byteLength);
  const { report } = builder;
  const placed = placesOf(analysis);
  analysis.findings.forEach((finding, index) => {
    const { session, side } = placed.get(index) ?? { session: -1, side: finding.side };
    if (finding.kind === 'stun') addMessage(builder, finding);
    else if (session < 0) return;
    else if (finding.kind === 'sdp') addDescription(builder, finding, session, side);
    else if (finding.kind === 'candidate') {
      const { attribution, value, start, end } = finding;
      const place = { session, description: null, side, start, end, sdpMid: attribution.sdpMid, url: attribution.url };
      if (value !== null) addCandidate(builder, value, { ...place, ufrag: attribution.usernameFragment });
      addDiagnostics(builder, finding.diagnostics, session);
    } else if (finding.kind === 'end-of-candidates') {
      const { start, end } = finding;
      report.ends.push({ session, side, line: lines.position(start).line, start, end });
      const row = report.sessions[session];
      if (row !== undefined) row.ends++;
    }
  });
  report.diagnostics.sort((a, b) => a.start - b.start || a.end - b.end);
  report.diagnostics.forEach((row, index) => {
    row.index = index;
  });
  describeSessions(builder, text);
  if (analysis.capture === null) placeMessages(builder);
  else (await import('./capture')).addCapture(builder, analysis.capture);
  matchMessages(report.messages);
  if (analysis.dump !== null) (await import('./dump')).addDump(builder, analysis.dump);
  formLists(report, analysis.sessions, builder.rows);
  addAdvice(builder, text);
  if (analysis.format === 'text') {
    report.read = linesRead(analysis, report.sessions, text, lines);
    report.logs = readLogRows(analysis, lines, report.read.of);
  }
  if (analysis.truncated !== null) builder.cut('findings', analysis.findings.length);
  return report;
}

/** Session and side of each finding that belongs to one. */
function placesOf({ sessions, findings }: Analysis): Map<number, { session: number; side: Side }> {
  const places = new Map<number, { session: number; side: Side }>();
  const take = (agent: Agent, session: number) => {
    const { side } = agent;
    for (const index of [...agent.descriptions, ...agent.ends]) places.set(index, { session, side });
    for (const { finding } of agent.candidates) places.set(finding, { session, side });
  };
  for (const [session, { offerer, answerer, findings: own }] of sessions.entries()) {
    // A finding that is not an agent's own (a line written twice) keeps the side the text gives.
    for (const index of own) places.set(index, { session, side: findings[index]?.side ?? null });
    take(offerer, session);
    take(answerer, session);
  }
  return places;
}

function addDescription(builder: Builder, finding: SdpFinding, session: number, side: Side): void {
  const { report } = builder;
  const row = report.sessions[session];
  if (row === undefined) return;
  if (report.descriptions.length >= MAX_DESCRIPTIONS) {
    builder.cut('descriptions', MAX_DESCRIPTIONS);
    return;
  }
  const { value } = finding;
  const index = report.descriptions.length;
  const role = finding.type === 'pranswer' ? 'answer' : finding.type;
  report.descriptions.push({
    index,
    session,
    role,
    side,
    start: finding.start,
    end: finding.end,
    sdp: finding.text.slice(0, MAX_SDP),
    groups: value.session.groups,
    media: value.media.map(mediaRow),
  });
  row.descriptions++;
  if (role === 'offer') row.offer ??= index;
  if (role === 'answer') row.answer ??= index;
  addDescribedCandidates(builder, finding, session, side, index);
  addDiagnostics(builder, finding.diagnostics, session);
}

function mediaRow(media: MediaSection): MediaRow {
  return {
    kind: media.kind,
    port: media.port,
    protocol: media.protocol,
    formats: media.formats,
    mid: media.mid,
    direction: media.direction,
    ...media.ice,
    setup: media.dtls.setup,
    fingerprints: media.dtls.fingerprints,
    candidates: media.candidates.length,
    endOfCandidates: media.endOfCandidates,
  };
}

/** The candidates of a description, each with its place: lines and candidates come in the same order. */
function addDescribedCandidates(
  builder: Builder,
  finding: SdpFinding,
  session: number,
  side: Side,
  description: number,
): void {
  const { value, text } = finding;
  const lines = value.lines.filter(({ name }) => name?.toLowerCase() === 'candidate');
  let at = 0;
  for (const media of value.media) {
    for (const candidate of media.candidates) {
      const raw = candidate.toString();
      while (at < lines.length && !text.slice(lines[at]?.start, lines[at]?.end).includes(raw)) at++;
      const line = lines[at++];
      const start = finding.locate(line?.start ?? 0);
      const end = Math.max(start, finding.locate(line?.end ?? 0));
      const place = { session, description, side, start, end, sdpMid: media.mid, url: null };
      addCandidate(builder, candidate, { ...place, ufrag: media.ice.ufrag });
    }
  }
}

interface CandidatePlace {
  session: number;
  description: number | null;
  side: Side;
  start: number;
  end: number;
  sdpMid: string | null;
  url: string | null;
  ufrag: string | null;
}

function addCandidate({ report, rows, cut }: Builder, candidate: Candidate, place: CandidatePlace): void {
  const session = report.sessions[place.session];
  if (session === undefined) return;
  if (report.candidates.length >= MAX_CANDIDATES) {
    cut('candidates', MAX_CANDIDATES);
    return;
  }
  const { ufrag, ...where } = place;
  rows.set(candidate, report.candidates.length);
  report.candidates.push({
    index: report.candidates.length,
    ...where,
    raw: candidate.toString(),
    foundation: candidate.foundation,
    component: candidate.component,
    protocol: candidate.protocol,
    priority: candidate.priority,
    parts: candidate.priorityParts,
    address: candidate.address,
    addressKind: candidate.addressKind,
    port: candidate.port,
    type: candidate.type,
    tcpType: candidate.tcpType,
    relatedAddress: candidate.relatedAddress,
    relatedPort: candidate.relatedPort,
    usernameFragment: candidate.usernameFragment ?? ufrag,
    extensions: candidate.extensions,
  } satisfies CandidateRow);
  session.candidates++;
}

function addDiagnostics({ report, cut }: Builder, diagnostics: readonly Diagnostic[], session: number): void {
  for (const { code, severity, message, hint, start, end, verdicts, fix } of diagnostics) {
    if (report.diagnostics.length >= MAX_DIAGNOSTICS) {
      cut('diagnostics', MAX_DIAGNOSTICS);
      continue;
    }
    report.diagnostics.push({
      index: 0,
      session,
      code,
      severity: severityFor(severity, verdicts),
      message,
      hint,
      start,
      end,
      verdicts: verdicts ?? null,
      fix: fix === undefined ? null : { start: fix.start, end: fix.end, replacement: fix.text },
    } satisfies DiagnosticRow);
  }
}

/** Messages found in a text go to the session they stand in; alone, they are one of their own. */
function placeMessages({ report }: Builder): void {
  if (report.messages.length === 0) return;
  if (report.sessions.length === 0) {
    const session = emptySession(0, 'servers');
    session.start = report.messages[0]?.start ?? 0;
    session.end = report.messages.at(-1)?.end ?? 0;
    report.sessions.push(session);
  }
  for (const message of report.messages) {
    const owner = report.sessions.findLast(({ start }) => start <= message.start) ?? report.sessions[0];
    if (owner === undefined) continue;
    message.session = owner.index;
    owner.messages++;
  }
}

function kindOf({ format, dump, findings, logs }: Analysis, text: string): string {
  if (format === 'about-webrtc') return 'about';
  if (format !== 'text') return dump === null ? 'capture' : 'dump';
  const kinds = new Set(findings.map(({ kind }: Finding) => kind));
  if (kinds.size === 0) return logs.length > 0 ? 'log' : 'text';
  if (kinds.has('sip')) return 'sip';
  if (kinds.size === 1 && kinds.has('stun')) return 'stun';
  if (kinds.size === 1 && kinds.has('sdp') && findings.length <= 2) return 'sdp';
  if (!kinds.has('sdp') && kinds.has('candidate') && /^\s*(?:a=)?candidate:/i.test(text.slice(0, 200))) {
    return 'candidates';
  }
  return 'log';
}
