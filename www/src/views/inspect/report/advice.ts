/** The engine's advice, with evidence turned into places that the view can show. */

import type { Advice, Analysis, Candidate } from 'icelens';
import type { Builder } from './build';
import type { AdviceRow, CheckRow, Evidence } from './types';

export function addAdvice(builder: Builder, text: string): void {
  const { report, analysis } = builder;
  report.advice = analysis.advice.map((advice): AdviceRow => {
    const told = gatheringError(builder, advice, text);
    const evidence = told ?? advice.evidence.flatMap((item) => evidenceOf(builder, analysis, item, advice));
    return {
      session: sessionOf(builder, advice, evidence),
      code: advice.code,
      parameters: advice.parameters,
      text: advice.text,
      severity: advice.severity,
      evidence,
    };
  });
}

/** Advice on a capture counts the capture's own sessions; what it rests on says which row that is. */
function sessionOf({ report, analysis }: Builder, advice: Advice, evidence: readonly Evidence[]): number {
  const own = advice.evidence.every(({ kind }) => kind === 'finding');
  if (own && analysis.capture === null) return advice.session ?? -1;
  for (const { kind, at } of evidence) {
    if (kind === 'check') return report.checks[at]?.session ?? -1;
    if (kind === 'message') return report.messages[at]?.session ?? -1;
  }
  const connection = advice.evidence.find(({ kind }) => kind === 'connection');
  const index = connection === undefined ? -1 : sessionOfConnection(analysis, connection.index);
  return index >= 0 || analysis.capture !== null ? index : (advice.session ?? -1);
}

function checkEvidence({ index, from, to }: CheckRow): Evidence {
  return { kind: 'check', at: index, label: `${from} → ${to}` };
}

function sessionOfConnection({ dump, sessions }: Analysis, index: number): number {
  const id = dump?.connections[index]?.id;
  return id === undefined ? -1 : sessions.findIndex((session) => session.connection === id);
}

/** How far behind the name of the event its server stands. */
const EVENT_LENGTH = 800;

/** The event of a dump that told of a server's error; null for advice of another kind. */
function gatheringError({ lines }: Builder, { code, parameters }: Advice, text: string): Evidence[] | null {
  if (code !== 'ice.gathering-error') return null;
  const { url } = parameters as { url?: unknown };
  if (typeof url !== 'string' || url === '') return null;
  for (const { index: at } of text.matchAll(/icecandidateerror/gi)) {
    if (!text.slice(at, at + EVENT_LENGTH).includes(url)) continue;
    return [{ kind: 'text', at, label: String(lines.position(at).line) }];
  }
  return null;
}

/** Pairs of a connection that are shown as evidence. */
const MAX_PAIRS = 4;

/** The type of candidates that advice of a code is about. */
const ABOUT_TYPE: Partial<Record<Advice['code'], string>> = {
  'ice.relay-tcp-only': 'relay',
  'ice.relay-address': 'relay',
  'ice.srflx-address': 'srflx',
  'ice.symmetric-no-relay': 'srflx',
  'ice.only-mdns': 'host',
  'ice.only-private': 'host',
  'ice.interface-only': 'host',
  'ice.server-private': 'host',
  'ice.one-private-host': 'host',
};

/** Whether advice that rests on a description is about this candidate of it. */
function isAbout({ code, parameters }: Advice, { type, address }: Candidate): boolean {
  const named = 'address' in parameters ? parameters.address : null;
  return type === ABOUT_TYPE[code] && (named === null || named === '' || named === address);
}

/** The lines of a description that the advice is about: of its candidates, or where it begins. */
function describedEvidence(
  { lines, rows, report }: Builder,
  { sessions, findings }: Analysis,
  index: number,
  advice: Advice,
) {
  const line = (at: number): Evidence => ({ kind: 'text', at, label: String(lines.position(at).line) });
  const session = sessions[advice.session ?? -1];
  const own = [session?.offerer, session?.answerer]
    .flatMap((agent) => agent?.candidates ?? [])
    .filter((one) => one.finding === index && isAbout(advice, one.candidate))
    .flatMap(({ candidate }) => report.candidates[rows.get(candidate) ?? -1] ?? []);
  if (own.length > 0) return own.map(({ start }) => line(start));
  const finding = findings[index];
  return finding === undefined ? [] : [line(finding.start)];
}

function evidenceOf(
  builder: Builder,
  analysis: Analysis,
  { kind, index }: Advice['evidence'][number],
  advice: Advice,
): Evidence[] {
  const { report, messageOf, lines } = builder;
  const { capture } = analysis;
  if (kind === 'finding') {
    const message = messageOf.get(index);
    if (message !== undefined) return [{ kind: 'message', at: message, label: String(message + 1) }];
    return capture === null ? describedEvidence(builder, analysis, index, advice) : [];
  }
  if (kind === 'line') {
    const at = lines.starts[index - 1];
    return at === undefined ? [] : [{ kind: 'text', at, label: String(index) }];
  }
  if (kind === 'transaction') {
    const message = messageOf.get(capture?.transactions[index]?.requests[0]?.finding ?? -1);
    return message === undefined ? [] : [{ kind: 'message', at: message, label: String(message + 1) }];
  }
  if (kind === 'pair') {
    const pair = capture?.pairs[index];
    const check = report.checks.find(({ from, to }) => from === pair?.a && to.startsWith(pair.b));
    return check === undefined ? [] : [checkEvidence(check)];
  }
  if (kind === 'connection') {
    const session = report.sessions[sessionOfConnection(analysis, index)];
    if (session === undefined) return [];
    const pairs = report.checks.filter((row) => row.session === session.index).slice(0, MAX_PAIRS);
    if (pairs.length > 0) return pairs.map(checkEvidence);
    return [{ kind: 'text', at: session.start, label: String(lines.position(session.start).line) }];
  }
  if (kind === 'allocation') {
    const allocation = capture?.allocations[index];
    const message = report.messages.find(({ from, method }) => from === allocation?.client && method === 'Allocate');
    return message === undefined ? [] : [{ kind: 'message', at: message.index, label: String(message.index + 1) }];
  }
  return [];
}
