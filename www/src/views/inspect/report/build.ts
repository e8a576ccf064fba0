/** From the engine's findings to what the view shows. Runs in the reading thread; knows no DOM. */

import type { Candidate, CandidateFinding, Diagnostic, EndFinding, Finding, MediaSection, SdpFinding } from 'icelens';
import type { LineIndex } from '../model/lines';
import { formLists } from './lists';
import { addMessage, matchMessages } from './messages';
import { groupSessions, type Item } from './sessions';
import { headingAbove, nameBeside, outcomeIn } from './surroundings';
import type { CandidateRow, DescriptionRow, DiagnosticRow, EndRow, MediaRow, Report, SessionRow, Side } from './types';

/** Most rows of each table; what lies beyond is counted and said. */
export const MAX_CANDIDATES = 20_000;
export const MAX_DIAGNOSTICS = 20_000;
export const MAX_DESCRIPTIONS = 5_000;
/** Most characters of one description carried for showing it whole. */
const MAX_SDP = 1 << 20;

/** What is needed of a description that was found. */
export type FoundSdp = Pick<
  SdpFinding,
  'kind' | 'start' | 'end' | 'side' | 'type' | 'fragment' | 'message' | 'text' | 'value' | 'diagnostics' | 'locate'
>;
export type Found = FoundSdp | Exclude<Finding, SdpFinding>;

export function emptyReport(kind: string, byteLength: number): Report {
  return {
    kind,
    byteLength,
    elapsed: 0,
    sessions: [],
    descriptions: [],
    candidates: [],
    ends: [],
    diagnostics: [],
    messages: [],
    checks: [],
    advice: [],
    cut: [],
  };
}

/** `text` is the input as a string: offsets of the findings are into it. */
export function buildReport(findings: readonly Found[], text: string, lines: LineIndex, byteLength: number): Report {
  const report = emptyReport(kindOf(findings, text), byteLength);
  const objects: Candidate[] = [];
  const { placed, count } = groupSessions(itemsOf(findings));
  report.sessions = Array.from({ length: count }, (_, index) => emptySession(index));

  findings.forEach((finding, at) => {
    const place = placed[at];
    if (place === undefined || place.session < 0) return;
    const { session } = place;
    if (finding.kind === 'sdp') addDescription(report, objects, finding, session, place.side);
    else if (finding.kind === 'candidate') addTrickled(report, objects, finding, session, place.side);
    else if (finding.kind === 'end-of-candidates') addEnd(report, finding, session, place.side, lines);
    else if (finding.kind === 'stun') addMessage(report, finding, session);
  });
  settleSides(report);
  report.diagnostics.sort((a, b) => a.start - b.start || a.end - b.end);
  report.diagnostics.forEach((row, index) => {
    row.index = index;
  });
  describeSessions(report, findings, placed, text, lines);
  matchMessages(report.messages);
  formLists(report, objects);
  return report;
}

function emptySession(index: number): SessionRow {
  return {
    index,
    title: null,
    start: 0,
    end: 0,
    place: '',
    names: { local: null, remote: null },
    offer: null,
    answer: null,
    descriptions: 0,
    candidates: 0,
    ends: 0,
    messages: 0,
    checkList: null,
    outcome: null,
  };
}

function itemsOf(findings: readonly Found[]): Item[] {
  return findings.map((finding): Item => {
    switch (finding.kind) {
      case 'sdp':
        return {
          kind: 'description',
          type: finding.type,
          fragment: finding.fragment,
          side: finding.side,
          ufrags: ufragsOf(finding),
          call: callOf(finding, findings),
        };
      case 'candidate':
        return { kind: 'candidate', side: finding.side, ufrag: ufragOf(finding) };
      case 'end-of-candidates':
        return { kind: 'end', side: finding.side, ufrag: finding.value.usernameFragment };
      case 'stun':
        return { kind: 'message', ufrags: [] };
      default:
        return { kind: 'carrier' };
    }
  });
}

function ufragsOf({ value }: FoundSdp): string[] {
  const ufrags = new Set<string>();
  if (value.session.ice.ufrag !== null) ufrags.add(value.session.ice.ufrag);
  for (const { ice } of value.media) if (ice.ufrag !== null) ufrags.add(ice.ufrag);
  return [...ufrags];
}

function ufragOf(finding: CandidateFinding): string | null {
  return finding.value?.usernameFragment ?? finding.attribution.usernameFragment;
}

function callOf(finding: FoundSdp, findings: readonly Found[]): string | null {
  const carrier = finding.message === null ? undefined : findings[finding.message];
  return carrier !== undefined && 'header' in carrier ? carrier.header('Call-ID') : null;
}

function addDescription(report: Report, objects: Candidate[], finding: FoundSdp, session: number, side: Side): void {
  const row = report.sessions[session];
  if (row === undefined) return;
  if (report.descriptions.length >= MAX_DESCRIPTIONS) {
    cut(report, 'descriptions', MAX_DESCRIPTIONS);
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
  addDescribedCandidates(report, objects, finding, session, side, index);
  addDiagnostics(report, finding.diagnostics, session);
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
  report: Report,
  objects: Candidate[],
  finding: FoundSdp,
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
      addCandidate(report, objects, candidate, { ...place, ufrag: candidate.usernameFragment ?? media.ice.ufrag });
    }
  }
}

function addTrickled(
  report: Report,
  objects: Candidate[],
  finding: CandidateFinding,
  session: number,
  side: Side,
): void {
  const { value, attribution } = finding;
  if (value !== null) {
    addCandidate(report, objects, value, {
      session,
      description: null,
      side,
      start: finding.start,
      end: finding.end,
      sdpMid: attribution.sdpMid,
      url: attribution.url,
      ufrag: ufragOf(finding),
    });
  }
  addDiagnostics(report, finding.diagnostics, session);
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

function addCandidate(report: Report, objects: Candidate[], candidate: Candidate, place: CandidatePlace): void {
  const session = report.sessions[place.session];
  if (session === undefined) return;
  if (report.candidates.length >= MAX_CANDIDATES) {
    cut(report, 'candidates', MAX_CANDIDATES);
    return;
  }
  const { ufrag, ...where } = place;
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
    usernameFragment: ufrag,
    extensions: candidate.extensions,
  } satisfies CandidateRow);
  objects.push(candidate);
  session.candidates++;
}

function addEnd(report: Report, finding: EndFinding, session: number, side: Side, lines: LineIndex): void {
  const row = report.sessions[session];
  if (row === undefined) return;
  row.ends++;
  const { line } = lines.position(finding.start);
  report.ends.push({ session, side, line, start: finding.start, end: finding.end } satisfies EndRow);
}

function addDiagnostics(report: Report, diagnostics: readonly Diagnostic[], session: number): void {
  for (const { code, severity, message, hint, start, end, verdicts, fix } of diagnostics) {
    if (report.diagnostics.length >= MAX_DIAGNOSTICS) {
      cut(report, 'diagnostics', MAX_DIAGNOSTICS);
      continue;
    }
    report.diagnostics.push({
      index: 0,
      session,
      code,
      severity,
      message,
      hint,
      start,
      end,
      verdicts: verdicts ?? null,
      fix: fix === undefined ? null : { start: fix.start, end: fix.end, replacement: fix.text },
    } satisfies DiagnosticRow);
  }
}

function cut(report: Report, table: string, kept: number): void {
  const row = report.cut.find((other) => other.table === table);
  if (row === undefined) report.cut.push({ table, kept, found: kept + 1 });
  else row.found++;
}

/** Offer and answer are never of one side: logs of two agents in one page call both "local". */
function settleSides(report: Report): void {
  const byUfrag = new Map<string, DescriptionRow>();
  for (const { offer, answer } of report.sessions) {
    const [one, other] = [offer, answer].map((index) => (index === null ? undefined : report.descriptions[index]));
    if (one === undefined || other === undefined) continue;
    if (one.side === null) one.side = 'local';
    if (other.side === null || other.side === one.side) other.side = one.side === 'local' ? 'remote' : 'local';
    for (const row of [one, other]) for (const { ufrag } of row.media) if (ufrag !== null) byUfrag.set(ufrag, row);
  }
  for (const row of report.candidates) {
    const owner = row.usernameFragment === null ? undefined : byUfrag.get(row.usernameFragment);
    if (owner !== undefined) row.side = owner.side;
    else if (row.description !== null) row.side = report.descriptions[row.description]?.side ?? row.side;
  }
}

function describeSessions(
  report: Report,
  findings: readonly Found[],
  placed: readonly { session: number }[],
  text: string,
  lines: LineIndex,
): void {
  const starts = report.sessions.map(() => Infinity);
  const ends = report.sessions.map(() => 0);
  findings.forEach((finding, at) => {
    const session = placed[at]?.session ?? -1;
    if (session < 0) return;
    starts[session] = Math.min(starts[session] ?? Infinity, finding.start);
    ends[session] = Math.max(ends[session] ?? 0, finding.end);
  });
  const lastBefore = findingsBefore(findings, starts);
  for (const session of report.sessions) {
    const start = starts[session.index] ?? Infinity;
    if (!Number.isFinite(start)) continue;
    const floor = lines.lineAt(lastBefore[session.index] ?? 0);
    const { title, first } = headingAbove(text, lines, lines.lineAt(start), floor);
    session.title = title;
    session.start = lines.start(first);
    session.end = ends[session.index] ?? session.start;
  }
  stretchSessions(report.sessions, text, lines);
  for (const session of report.sessions) {
    session.names = namesOf(report, session, findings, placed, text, lines);
    session.outcome = outcomeIn(text, session.start, session.end);
    const first = lines.position(session.start).line;
    const last = lines.position(Math.max(session.start, session.end - 1)).line;
    session.place = first === last ? String(first) : `${first}–${last}`;
  }
}

/** For each session, the end of the last finding before it begins: what stands above that is another's. */
function findingsBefore(findings: readonly Found[], starts: readonly number[]): number[] {
  const ends = findings.map(({ end }) => end).sort((a, b) => a - b);
  return starts.map((start) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ends[middle] ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    return ends[low - 1] ?? 0;
  });
}

/** A session goes on to where the next begins: what its log says last belongs to it. */
function stretchSessions(sessions: readonly SessionRow[], text: string, lines: LineIndex): void {
  const ordered = [...sessions].sort((a, b) => a.start - b.start);
  ordered.forEach((session, at) => {
    const next = ordered[at + 1]?.start ?? text.length;
    if (next <= session.end) return;
    let line = lines.lineAt(Math.max(0, next - 1));
    const last = lines.lineAt(Math.max(0, session.end - 1));
    while (line > last && lines.text(line, text).trim() === '') line--;
    session.end = lines.end(line, text);
  });
}

function namesOf(
  report: Report,
  session: SessionRow,
  findings: readonly Found[],
  placed: readonly { session: number }[],
  text: string,
  lines: LineIndex,
): SessionRow['names'] {
  const names: SessionRow['names'] = { local: null, remote: null };
  for (const index of [session.offer, session.answer]) {
    const row = index === null ? undefined : report.descriptions[index];
    if (row === undefined || row.side === null) continue;
    names[row.side] ??= nameBeside(text, lines, row.start);
  }
  if (names.local !== null || names.remote !== null) return names;
  const carrier = findings.find((finding, at) => 'header' in finding && placed[at]?.session === session.index);
  if (carrier === undefined || !('header' in carrier)) return names;
  const offerer = report.descriptions[session.offer ?? -1]?.side ?? 'local';
  names[offerer] = partyName(carrier.header('From'));
  names[offerer === 'local' ? 'remote' : 'local'] = partyName(carrier.header('To'));
  return names;
}

/** `Alice` of `Alice <sip:alice@atlanta.example.com>`, else the user part of the URI. */
function partyName(header: string | null): string | null {
  if (header === null) return null;
  const shown = /^\s*"?([^"<]{1,40}?)"?\s*</.exec(header)?.[1]?.trim();
  if (shown !== undefined && shown !== '') return shown;
  return /sips?:([^@>;\s]{1,40})/i.exec(header)?.[1] ?? null;
}

function kindOf(findings: readonly Found[], text: string): string {
  const kinds = new Set(findings.map(({ kind }) => kind));
  if (kinds.size === 0) return 'text';
  if (kinds.has('sip')) return 'sip';
  const head = text.slice(0, 2000);
  if (/"(?:PeerConnections|getUserMedia|UserAgentData)"\s*:/.test(head)) return 'dump';
  if (kinds.size === 1 && kinds.has('stun')) return 'stun';
  if (kinds.size === 1 && kinds.has('sdp') && findings.length <= 2) return 'sdp';
  if (!kinds.has('sdp') && kinds.has('candidate') && /^\s*(?:a=)?candidate:/i.test(head)) return 'candidates';
  return 'log';
}
