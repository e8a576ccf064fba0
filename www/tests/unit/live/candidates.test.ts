import { expect, it } from 'vitest';
import { candidateRow, endpoint, learnedRows } from '../../../src/views/live/candidates';
import type { PairRecord } from '../../../src/views/live/pairs';

/** A candidate as Chromium gives it: IPv6 in brackets, unlike in its line and its statistics. */
const chromium = (address: string, relatedAddress: string | null = null) =>
  ({
    candidate: 'candidate:1 1 udp 2113942271 fd00::2 44203 typ host',
    type: 'host',
    protocol: 'udp',
    port: 44203,
    priority: 2113942271,
    address,
    relatedAddress,
  }) as RTCIceCandidate;

it('an IPv6 address is kept as statistics and lines write it, and has one pair of brackets before its port', () => {
  const row = candidateRow(chromium('[fd00::2]', '[fd00::3]'), 0);
  expect(row).toMatchObject({ address: 'fd00::2', relatedAddress: 'fd00::3' });
  expect(row && endpoint(row, 'hidden')).toBe('[fd00::2]:44203');
  expect(candidateRow(chromium('192.0.2.1'), 0)).toMatchObject({ address: '192.0.2.1', relatedAddress: null });
});

it('what a check showed was there before the check was answered, however late it was seen', () => {
  const remote = { type: 'prflx', protocol: 'udp', address: '', port: 50154, priority: 1845501695 };
  const pair = (seen: number, succeededAt: number | null) => ({ remote, seen, succeededAt }) as PairRecord;
  expect(learnedRows([], [pair(271, 186)], 'remote')).toMatchObject([{ port: 50154, at: 186, learned: true }]);
  expect(learnedRows([], [pair(271, null), pair(300, 200)], 'remote')).toMatchObject([{ at: 200 }]);
  const [row] = learnedRows([], [pair(271, 186)], 'remote');
  expect(row && learnedRows([row], [pair(271, 186)], 'remote')).toEqual([]);
});
