import type { NatReport } from 'icelens';
import { fill, plain } from '../../i18n/format';
import { removePasswords } from '../inspect/model/passwords';
import { bracketed, type CandidateRow } from './candidates';
import type { LogEntry } from './log.svelte';
import { en } from './messages';
import { compareWithBrowser, type PairRecord } from './pairs';
import { redactSeen } from './redact';
import type { Generation } from './session.svelte';
import type { ServerVerdict } from './verdicts';

/** Facts that a report is made of. No passwords, no ufrag. */
export interface Seen {
  when: Date;
  browser: string;
  phase: string;
  firstPairAt: number | null;
  connectedAt: number | null;
  servers: readonly ServerVerdict[];
  local: readonly CandidateRow[];
  remote: readonly CandidateRow[];
  pairs: readonly PairRecord[];
  /** Generations before ICE restarted, oldest first. */
  past: readonly Generation[];
  nat: NatReport | null;
  log: readonly LogEntry[];
}

const round = (ms: number | null) => (ms === null ? null : Math.round(ms * 10) / 10);

function candidate(row: CandidateRow) {
  const { type, protocol, address, port, priority, foundation, relatedAddress, relatedPort, url, at } = row;
  return { type, protocol, address, port, priority, foundation, relatedAddress, relatedPort, url, at: round(at) };
}

function pair(p: PairRecord) {
  return {
    local: p.local,
    remote: p.remote,
    state: p.state,
    nominated: p.nominated,
    selected: p.inUse,
    listed: !p.gone,
    priority: p.exact === null ? null : String(p.exact),
    browserPriority: p.reported,
    comparison: compareWithBrowser(p.exact, p.reported),
    requestsSent: p.sent,
    responsesReceived: p.answered,
    requestsReceived: p.received,
    roundTripMs: round(p.rtt),
    checks: p.checks.map((c) => ({ sent: round(c.sent), answered: round(c.answered) })),
  };
}

const sentence = (entry: LogEntry) => plain(fill(en[entry.key], entry.values));

/** Everything seen, as an object that JSON can hold. Times are ms after start. */
export function reportObject(seen: Seen): object {
  return {
    generator: 'icelens',
    when: seen.when.toISOString(),
    browser: seen.browser,
    outcome: seen.phase,
    firstPairMs: round(seen.firstPairAt),
    connectedMs: round(seen.connectedAt),
    servers: seen.servers.map((s) => ({
      url: s.url,
      verdict: s.reason === null ? 'answered' : plain(fill(en[s.reason], s.values)),
      ms: round(s.took),
    })),
    candidates: { local: seen.local.map(candidate), remote: seen.remote.map(candidate) },
    pairs: seen.pairs.map(pair),
    beforeRestart: seen.past.map((g) => ({
      firstPairMs: round(g.firstPairAt),
      connectedMs: round(g.connectedAt),
      candidates: { local: g.local.map(candidate), remote: g.remote.map(candidate) },
      pairs: g.pairs.map(pair),
    })),
    nat: seen.nat,
    log: seen.log.map((e) => ({
      generation: e.generation,
      at: round(e.at),
      atMost: e.atMost,
      text: sentence(e),
      rfc: e.rfc,
    })),
  };
}

/** The report as JSON text, without passwords; addresses replaced by labels unless `addresses`. */
export function jsonReport(seen: Seen, addresses: boolean): string {
  const object = reportObject(addresses ? seen : redactSeen(seen));
  return removePasswords(JSON.stringify(object, (_, v) => (typeof v === 'bigint' ? String(v) : v), 2)).text;
}

/** One table row; a bar or line break in a cell would break the table. */
const row = (cells: readonly unknown[]) =>
  `| ${cells.map((c) => String(c ?? '–').replace(/[|\r\n]/g, ' ')).join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly unknown[])[]) =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

function natLines(nat: NatReport | null): string[] {
  if (!nat) return ['Not measured.'];
  return nat.paths.flatMap((path) => [
    `- IPv${path.family} from ${path.base}: **${path.classic}**`,
    `  - mapping: ${path.mapping.value}. ${path.mapping.why}`,
    `  - filtering: ${path.filtering.value}. ${path.filtering.why}`,
  ]);
}

/** The report as Markdown, for an issue or a mail. */
export function markdownReport(whole: Seen, addresses: boolean): string {
  const seen = addresses ? whole : redactSeen(whole);
  const side = (rows: readonly CandidateRow[]) =>
    table(
      ['type', 'address', 'port', 'priority', 'protocol', 'from', 'ms'],
      rows.map((c) => [c.type, c.address, c.port, c.priority, c.protocol, c.url, round(c.at)]),
    );
  const end = (e: PairRecord['local']) => `${e.type} ${bracketed(e.address) || 'hidden'}:${e.port}`;
  const text = [
    '# ICE report',
    '',
    `${seen.when.toISOString()}, ${seen.browser}`,
    '',
    `Outcome: ${seen.phase}. First valid pair: ${round(seen.firstPairAt) ?? '–'} ms. Connected: ${round(seen.connectedAt) ?? '–'} ms.`,
    '',
    '## Servers',
    table(
      ['url', 'verdict', 'ms'],
      seen.servers.map((s) => [
        s.url,
        s.reason === null ? 'answered' : plain(fill(en[s.reason], s.values)),
        round(s.took),
      ]),
    ),
    '',
    '## Local candidates',
    side(seen.local),
    '',
    '## Remote candidates',
    side(seen.remote),
    '',
    '## Pairs',
    table(
      ['local', 'remote', 'priority', 'state', 'sent', 'answered', 'ms'],
      seen.pairs.map((p) => [
        end(p.local),
        end(p.remote),
        p.exact,
        `${p.state}${p.inUse ? ', selected' : p.nominated ? ', nominated' : ''}${p.gone ? ', no longer listed' : ''}`,
        p.sent,
        p.answered,
        round(p.rtt),
      ]),
    ),
    '',
    '## NAT',
    ...natLines(seen.nat),
    '',
    '## Log',
    ...seen.log.map((e) => `- ${e.atMost ? '≤ ' : ''}${round(e.at)} ms: ${sentence(e)}${e.rfc ? ` (${e.rfc})` : ''}`),
    '',
  ].join('\n');
  return removePasswords(text).text;
}
