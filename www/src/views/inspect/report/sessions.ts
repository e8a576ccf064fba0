/** The engine's sessions as rows: their headings, places in the text, names of the two sides, and what became of them. */

import type { Finding, Session } from 'icelens';
import type { LineIndex } from '../model/lines';
import { lastAtMost } from '../model/search';
import type { Builder } from './build';
import { headingAbove, outcomeIn } from './surroundings';
import type { SessionRow } from './types';

export function emptySession(index: number, kind: SessionRow['kind']): SessionRow {
  return {
    index,
    kind,
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

export function describeSessions(builder: Builder, text: string): void {
  const { report, analysis, lines } = builder;
  const { findings } = analysis;
  const spans = analysis.sessions.map((session) => spanOf(session.findings, findings));
  const begins = new Map(analysis.dump?.connections.map(({ id, start }) => [id, start]));
  const ends = findings.map(({ end }) => end).sort((a, b) => a - b);
  for (const session of report.sessions) {
    const span = spans[session.index];
    if (span === undefined) continue;
    const { title, first } = headingAbove(
      text,
      lines,
      lines.lineAt(span.start),
      lines.lineAt(ends[lastAtMost(ends.length, (at) => ends[at] ?? 0, span.start)] ?? 0),
    );
    session.title = title;
    // Of a connection in a dump, what stands before its first description is told of it too.
    const connection = begins.get(analysis.sessions[session.index]?.connection ?? '') ?? span.start;
    session.start = Math.min(span.start, lines.start(first), connection);
    session.end = span.end;
  }
  if (analysis.capture === null) stretchSessions(report.sessions, text, lines);
  for (const session of report.sessions) {
    session.names = namesOf(analysis.sessions[session.index]);
    session.outcome = outcomeIn(text, session.start, session.end);
    const first = lines.position(session.start).line;
    const last = lines.position(Math.max(session.start, session.end - 1)).line;
    session.place = first === last ? String(first) : `${first}–${last}`;
  }
}

function spanOf(own: readonly number[], findings: readonly Finding[]): { start: number; end: number } | undefined {
  let start = Number.POSITIVE_INFINITY;
  let end = 0;
  for (const index of own) {
    const finding = findings[index];
    if (finding === undefined) continue;
    // A SIP message begins before its description.
    const carrier = finding.kind === 'sdp' && finding.message !== null ? findings[finding.message] : undefined;
    start = Math.min(start, finding.start, carrier?.start ?? finding.start);
    end = Math.max(end, finding.end);
  }
  return Number.isFinite(start) ? { start, end } : undefined;
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

function namesOf(session: Session | undefined): SessionRow['names'] {
  const names: SessionRow['names'] = { local: null, remote: null };
  if (session === undefined) return names;
  for (const { side, name } of [session.offerer, session.answerer]) if (side !== null) names[side] = name;
  return names;
}
