/** Logs of programs: what was read of each, and its time line. Runs in the reading thread; knows no DOM. */

import type { Analysis, Log, LogAllocation, LogEvent, LogPair } from 'icelens';
import type { LineIndex } from '../model/lines';
import type { LogLane, LogMark, LogReport, LogRow } from './types';

/** Most lanes of a kind that one log gets. */
const MAX_LANES = 6;
/** Most marks of a lane. */
const MAX_MARKS = 200;

/** The logs of a text; null when it holds none. */
export function readLogRows({ logs }: Pick<Analysis, 'logs'>, lines: LineIndex, filled: number): LogReport | null {
  if (logs.length === 0) return null;
  const clock = logs.every((log) => log.events.every(({ time }) => time === null || secondsOf(time)?.day))
    ? 'day'
    : 'start';
  const lanes = logs.flatMap((log) => lanesOf(log, timesOf(log, clock), lines));
  const times = lanes.flatMap(({ from, to, marks }) => [from, to, ...marks.map(({ time }) => time)]);
  const rows = logs.map((log) => rowOf(log, lines));
  const last = times.reduce((most, time) => Math.max(most, time), Number.NEGATIVE_INFINITY);
  return {
    rows,
    lanes: lanes.map((lane) => (lane.held ? { ...lane, to: last } : lane)),
    clock,
    first: times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY),
    last,
    readLines: logs.flatMap(({ events }) => events.map(({ line }) => line - 1)).sort((a, b) => a - b),
    others: Math.max(0, filled - rows.reduce((sum, { lines: own }) => sum + own, 0)),
  };
}

function rowOf(
  { family, title, lines: own, read, events, allocations, candidates, pairs }: Log,
  lines: LineIndex,
): LogRow {
  const counts = { allocations: allocations.length, candidates: candidates.length, pairs: pairs.length };
  return { family, title, lines: own, read, ...counts, start: lines.start((events[0]?.line ?? 1) - 1) };
}

/** Seconds that a time as written stands for: of the day where it says so, else since some start. */
function secondsOf(time: string): { seconds: number; day: boolean } | null {
  const clock = /(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?/.exec(time);
  if (clock) {
    const [, hours, minutes, seconds, part = ''] = clock;
    const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    return { seconds: whole + Number(`0.${part || 0}`), day: true };
  }
  const count = /^\[?(\d+)(?:[.:](\d+))?/.exec(time);
  return count === null ? null : { seconds: Number(count[1]) + Number(`0.${count[2] ?? 0}`), day: false };
}

/** Time of each line that has an event, in seconds; a line without one has that of the line before. */
function timesOf({ events }: Log, clock: LogReport['clock']): Map<number, number> {
  const times = new Map<number, number>();
  let base: number | null = null;
  let last = 0;
  for (const { line, time } of events) {
    const told = time === null ? null : secondsOf(time);
    if (told !== null) {
      base ??= clock === 'day' ? 0 : told.seconds;
      last = told.seconds - base;
    }
    times.set(line, last);
  }
  return times;
}

function lanesOf(log: Log, times: Map<number, number>, lines: LineIndex): LogLane[] {
  if (log.events.every(({ time }) => time === null)) return [];
  const timeOf = (line: number) => times.get(line) ?? 0;
  const end = Math.max(...[...times.values()].slice(-MAX_MARKS), 0);
  const mark = (line: number, word: string, tone: LogMark['tone']): LogMark => ({
    time: timeOf(line),
    line,
    at: lines.start(line - 1),
    word,
    tone,
  });
  const allocations = log.allocations.slice(0, MAX_LANES).map((one) => allocationLane(one, mark, timeOf, end));
  const story = log.events.filter(({ name }) => STORY.has(name)).slice(0, MAX_MARKS);
  const own: LogLane[] =
    story.length === 0
      ? []
      : [
          spanned(
            'log',
            log.title,
            null,
            story.map((event) => mark(event.line, wordOf(event), toneOf(event))),
          ),
        ];
  return [...allocations, ...own, ...chosen(log.pairs).map((pair) => pairLane(pair, mark))].filter(
    ({ marks }) => marks.length > 0,
  );
}

type Mark = (line: number, word: string, tone: LogMark['tone']) => LogMark;

function spanned(kind: LogLane['kind'], title: string, sub: string | null, marks: LogMark[]): LogLane {
  const times = marks.map(({ time }) => time);
  return {
    kind,
    title,
    sub,
    from: Math.min(...times),
    to: Math.max(...times),
    held: false,
    marks: marks.slice(0, MAX_MARKS),
  };
}

function allocationLane(one: LogAllocation, mark: Mark, timeOf: (line: number) => number, end: number): LogLane {
  const marks = [
    ...(one.granted === null ? [] : [mark(one.granted, 'granted', 'ok')]),
    ...one.errors
      .slice(0, MAX_MARKS)
      .map(({ line, code }) => mark(line, code === 0 ? 'refused' : String(code), 'fail')),
    ...(one.closed === null ? [] : [mark(one.closed.line, 'closed', 'plain')]),
  ].sort((a, b) => a.line - b.line);
  const lane = spanned('allocation', one.session, one.user ?? one.client, marks);
  if (one.granted === null) return lane;
  const from = timeOf(one.granted);
  return {
    ...lane,
    from,
    to: one.closed === null ? Math.max(end, from) : timeOf(one.closed.line),
    held: one.closed === null,
  };
}

/** Pairs that tell most: the selected, then those that failed, then the others. */
function chosen(pairs: readonly LogPair[]): LogPair[] {
  const rank = ({ selected, states }: LogPair) => (selected ? 0 : states.at(-1)?.value === 'failed' ? 1 : 2);
  return [...pairs].sort((a, b) => rank(a) - rank(b)).slice(0, MAX_LANES);
}

function pairLane({ local, remote, localType, remoteType, states }: LogPair, mark: Mark): LogLane {
  const marks = states.map(({ line, value }) => {
    const tone = value === 'failed' ? 'fail' : value === 'succeeded' || value === 'nominated' ? 'ok' : 'plain';
    return mark(line, value, tone);
  });
  return spanned('pair', `${localType ?? '?'} → ${remoteType ?? '?'}`, `${local} → ${remote}`, marks);
}

/** Events that tell how it went. */
const STORY = new Set<LogEvent['name']>([
  'state',
  'selected',
  'failed',
  'no-pairs',
  'check-refused',
  'consent-lost',
  'candidate-early',
  'wrong-state',
  'mdns-failed',
  'name-not-found',
  'server-silent',
  'server-refused',
  'unknown-user',
  'wrong-password',
  'peer-denied',
  'no-ports',
  'dtls-failed',
  'gathered',
]);

/** The state as the log writes it, else the name of the event. */
function wordOf({ name, fields }: LogEvent): string {
  return name === 'state' ? (fields.state ?? name) : name;
}

function toneOf({ name, fields }: LogEvent): LogMark['tone'] {
  if (name === 'selected') return 'ok';
  if (name === 'gathered') return 'plain';
  if (name !== 'state') return 'fail';
  const state = (fields.state ?? '').toLowerCase();
  if (/fail/.test(state)) return 'fail';
  return /^(?:connected|completed|ready|succeeded)$/.test(state) ? 'ok' : 'plain';
}
