import { expect, it } from 'vitest';
import { inOrder, type LogEntry } from '../../../src/views/live/log.svelte';

const entry = (id: number, at: number, key: LogEntry['key'], generation = 1): LogEntry => ({
  id,
  at,
  key,
  values: {},
  rfc: null,
  level: 'info',
  generation,
  atMost: false,
});

it('causes stand before what they cause, and generations apart, whenever they were noticed', () => {
  const entries = [
    entry(0, 161, 'log.channel'),
    entry(1, 161, 'log.connected'),
    entry(2, 161, 'log.selected'),
    entry(3, 161, 'log.succeeded'),
    entry(4, 5, 'log.restart', 2),
    entry(5, 90, 'log.answer'),
  ];
  expect(inOrder(entries).map((e) => e.key)).toEqual([
    'log.answer',
    'log.succeeded',
    'log.selected',
    'log.connected',
    'log.channel',
    'log.restart',
  ]);
});
