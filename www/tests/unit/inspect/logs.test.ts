import type { Analysis } from 'icelens';
import { expect, test } from 'vitest';
import { LineIndex } from '../../../src/views/inspect/model/lines';
import { readLogRows } from '../../../src/views/inspect/report/logs';

const text = 'ice one\napp\nice two\nturn three\n';
const lines = LineIndex.of(text);
const event = (line: number, name: string, time: string | null, fields = {}) => ({
  line,
  name,
  time,
  fields,
  start: lines.start(line - 1),
  end: lines.end(line - 1, text),
});
const empty = { lines: 2, read: 2, candidates: [], pairs: [], allocations: [], state: null, over: 0 };
const agent = {
  ...empty,
  family: 'pion',
  title: 'pion',
  events: [
    event(1, 'state', '2026/03/04 09:21:19', { state: 'Checking' }),
    event(3, 'state', '09:21:49.5', { state: 'Failed' }),
  ],
  pairs: [
    {
      local: '10.0.0.1:1',
      remote: '192.0.2.1:2',
      localType: 'host',
      remoteType: null,
      states: [{ line: 3, value: 'failed' }],
      selected: false,
    },
  ],
};
const server = {
  ...empty,
  family: 'coturn',
  title: 'coturn',
  lines: 1,
  read: 1,
  events: [event(4, 'allocated', '2026-03-04T09:21:20.000+0000', { session: '17' })],
  allocations: [
    {
      session: '17',
      user: 'alice',
      realm: null,
      client: null,
      server: null,
      relayed: null,
      granted: 4,
      errors: [],
      permissions: [],
      denied: [],
      closed: null,
    },
  ],
};
const rowsOf = (logs: unknown[]) => readLogRows({ logs } as Pick<Analysis, 'logs'>, lines, 4);

test('no log, no report of one', () => {
  expect(rowsOf([])).toBeNull();
});

test('lanes stand on the times that the lines name', () => {
  const report = rowsOf([agent, server]);
  expect(report).toMatchObject({ clock: 'day', others: 1, readLines: [0, 2, 3] });
  expect(report?.first).toBe(9 * 3600 + 21 * 60 + 19);
  expect(report?.last).toBe(9 * 3600 + 21 * 60 + 49.5);
  expect(
    report?.lanes.map(({ kind, marks }) => [kind, marks.map(({ word, line, tone }) => [word, line, tone])]),
  ).toEqual([
    [
      'log',
      [
        ['Checking', 1, 'plain'],
        ['Failed', 3, 'fail'],
      ],
    ],
    ['pair', [['failed', 3, 'fail']]],
    ['allocation', [['granted', 4, 'ok']]],
  ]);
  // An allocation whose end the log does not show goes on to the end of the line.
  expect(report?.lanes[2]).toMatchObject({ held: true, to: report?.last });
});

test('seconds since a start are counted from the first line of each log', () => {
  const counted = { ...server, events: [event(4, 'allocated', '1842', { session: '17' })] };
  const report = rowsOf([agent, counted]);
  expect(report).toMatchObject({ clock: 'start', first: 0, last: 30.5 });
});

test('a log without times has rows and no time line', () => {
  const timeless = { ...agent, events: agent.events.map((one) => ({ ...one, time: null })) };
  expect(rowsOf([timeless])).toMatchObject({ lanes: [], rows: [{ title: 'pion', lines: 2, read: 2, pairs: 1 }] });
});
