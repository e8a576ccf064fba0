import type { PairRow } from 'icelens/browser';
import { expect, it } from 'vitest';
import type { CandidateRow } from '../../../src/views/live/candidates';
import { compareWithBrowser, mergePairs, noLaterThan, pairEvents, roundTrip } from '../../../src/views/live/pairs';

const candidate = (type: string, port: number, priority: number, address = '192.0.2.1') =>
  ({ id: `${type}${port}`, candidateType: type, address, port, protocol: 'udp', priority }) as PairRow['local'];

function row(id: string, over: Partial<PairRow> & { sent?: number; answered?: number; rtt?: number } = {}): PairRow {
  const { sent = 0, answered = 0, rtt, ...rest } = over;
  return {
    id,
    local: candidate('host', 1000, 2130706431),
    remote: candidate('host', 2000, 2130706431, '192.0.2.2'),
    state: 'in-progress',
    nominated: false,
    selected: false,
    listed: true,
    priority: 9151314442783293438n,
    reportedPriority: Number(9151314442783293438n),
    firstSeen: 0,
    stateSince: 0,
    stats: {
      requestsSent: sent,
      responsesReceived: answered,
      requestsReceived: 0,
      consentRequestsSent: 0,
      currentRoundTripTime: rtt === undefined ? null : rtt / 1000,
    } as PairRow['stats'],
    ...rest,
  };
}

const none = { local: [], remote: [] };

function gathered(type: string, port: number, priority: number, address: string): CandidateRow {
  return {
    id: address + port,
    type,
    protocol: 'udp',
    address,
    port,
    priority,
    foundation: '1',
    component: 1,
    tcpType: null,
    relatedAddress: null,
    relatedPort: null,
    url: null,
    relayProtocol: null,
    ufrag: '',
    at: 0,
    learned: false,
  };
}

it('keeps the time of each check and of its answer', () => {
  let pairs = mergePairs([], [row('a', { sent: 1 })], none, 50);
  pairs = mergePairs(pairs, [row('a', { sent: 2 })], none, 100);
  pairs = mergePairs(pairs, [row('a', { sent: 2, answered: 1, rtt: 80, state: 'succeeded' })], none, 150);
  expect(pairs[0]?.checks).toEqual([
    { sent: 50, answered: 150 },
    { sent: 100, answered: null },
  ]);
  expect(pairs[0]).toMatchObject({ succeededAt: 150, rtt: 80 });
});

it('puts a check that came and went between two polls a round trip before its answer', () => {
  const [pair] = mergePairs([], [row('a', { sent: 1, answered: 1, rtt: 30, state: 'succeeded' })], none, 100);
  expect(pair?.checks).toEqual([{ sent: 70, answered: 100 }]);
});

it('a pair that is seen to succeed after the connection stood had done so by then', () => {
  const used = row('a', { sent: 2, answered: 2, rtt: 4, state: 'succeeded', nominated: true, selected: true });
  const seen = mergePairs([], [used, row('b', { sent: 1 })], none, 140);
  const [told, other] = noLaterThan(seen, 140, 116);
  expect(told).toMatchObject({ id: 'a', succeededAt: 116, nominatedAt: 116, inUseAt: 116, seen: 140 });
  expect(told?.checks[0]).toEqual({ sent: 112, answered: 116 });
  expect(told?.checks[1]?.answered).toBe(140);
  expect(other).toEqual(seen[1]);
  expect(noLaterThan(seen, 140, 140)).toBe(seen);
});

it('keeps a pair that the browser drops, and no longer calls it in use', () => {
  const before = mergePairs([], [row('a', { selected: true, state: 'succeeded' })], none, 10);
  const [pair] = mergePairs(before, [row('a', { listed: false })], none, 20);
  expect(pair).toMatchObject({ gone: true, inUse: false, state: 'succeeded', inUseAt: 10 });
});

it('sorts by exact priority, where doubles are equal', () => {
  const low = row('low', { priority: 9151314442783293437n });
  const high = row('high', { priority: 9151314442783293438n });
  expect(mergePairs([], [low, high], none, 0).map((p) => p.id)).toEqual(['high', 'low']);
});

it('fills in an address that the stats hide from the candidate that was signalled', () => {
  const remote = candidate('host', 2000, 2113937151, '');
  const signalled = { local: [], remote: [gathered('host', 2000, 2113937151, 'x.local')] };
  expect(mergePairs([], [row('a', { remote })], signalled, 0)[0]?.remote.address).toBe('x.local');
});

it('tells rounding from a different number', () => {
  const exact = 9079290933572287998n;
  expect(compareWithBrowser(exact, Number(exact))).toBe('rounded');
  expect(compareWithBrowser(exact, Number(exact + 2048n))).toBe('different');
  expect(compareWithBrowser(2n ** 40n, 2 ** 40)).toBe('equal');
  expect(compareWithBrowser(null, 1)).toBe('absent');
});

it('names what happened between two polls', () => {
  const before = mergePairs([], [row('a')], none, 0);
  const after = mergePairs(before, [row('a', { state: 'succeeded', nominated: true, selected: true })], none, 1);
  expect(pairEvents(before, after).map((e) => e.what)).toEqual(['succeeded', 'nominated', 'selected']);
});

it('writes a round trip that browsers give as 0 as less than one', () => {
  expect([null, 0, 0.4, 1, 43.21].map(roundTrip)).toEqual(['…', '< 1', '< 1', '1.0', '43.2']);
});

it('a pair that succeeded stays so while its consent is checked, and the answer is consent', () => {
  const up = { state: 'succeeded', selected: true, nominated: true } as const;
  const first = mergePairs([], [row('a', { sent: 1, answered: 1, ...up })], none, 50);
  const asked = mergePairs(first, [row('a', { sent: 1, answered: 1, ...up, state: 'in-progress' })], none, 100);
  expect(asked[0]?.state).toBe('succeeded');
  expect(pairEvents(first, asked)).toEqual([]);
  const renewed = mergePairs(asked, [row('a', { sent: 1, answered: 2, ...up })], none, 150);
  expect(pairEvents(asked, renewed).map((e) => e.what)).toEqual(['consent']);
  expect(mergePairs(renewed, [row('a', { state: 'failed' })], none, 200)[0]?.state).toBe('failed');
});
