import { describe, expect, it } from 'vitest';
import type { CandidateRow } from '../../../src/views/live/candidates';
import { pairMatrix } from '../../../src/views/live/matrix';
import type { End, PairRecord } from '../../../src/views/live/pairs';
import { baseOf, noPair, unpaired } from '../../../src/views/live/reasons';

const end = (address: string, port: number, over: Partial<End> = {}): End => ({
  type: 'host',
  protocol: 'udp',
  address,
  port,
  priority: 2130706431,
  ...over,
});
const candidate = (type: string, address: string, port: number, over: Partial<CandidateRow> = {}): CandidateRow => ({
  id: `${type} ${address} ${port}`,
  type,
  protocol: 'udp',
  address,
  port,
  priority: type === 'host' ? 2130706431 : 1694498815,
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
  ...over,
});
const pair = (local: End, remote: End) => ({ id: `${local.port}-${remote.port}`, local, remote }) as PairRecord;

describe('the base of a reflexive candidate', () => {
  const v4 = end('127.0.0.1', 39015);
  const v6 = end('fd00::2', 43611);
  const srflx = candidate('srflx', '127.0.0.1', 39015, { relatedAddress: '127.0.0.1', relatedPort: 39015 });

  it('is the end whose port, family and address fit, not the first host', () => {
    expect(baseOf(srflx, [v6, v4])).toEqual({ kind: 'end', end: v4 });
    expect(baseOf({ ...srflx, relatedAddress: '0.0.0.0' }, [v6, v4])).toEqual({ kind: 'end', end: v4 });
  });

  it('is not a host of another family that has the port, nor of another address', () => {
    expect(baseOf(srflx, [end('fd00::2', 39015)])).toMatchObject({ kind: 'absent' });
    expect(baseOf(srflx, [end('10.0.0.1', 39015)])).toMatchObject({ kind: 'absent' });
  });

  it('is unknown when the browser hides it, or when two could be it', () => {
    expect(baseOf({ ...srflx, relatedAddress: '0.0.0.0', relatedPort: 0 }, [v4])).toEqual({ kind: 'hidden' });
    expect(baseOf({ ...srflx, relatedAddress: null, relatedPort: null }, [v4])).toEqual({ kind: 'hidden' });
    const hidden = [end('a-1.local', 39015), end('b-2.local', 39015)];
    expect(baseOf(srflx, hidden)).toEqual({ kind: 'hidden' });
  });
});

describe('a crossing without a pair', () => {
  it.each([
    [end('10.0.0.1', 1), end('fd00::1', 2), 'live.nopair.family'],
    [end('10.0.0.1', 1), end('10.0.0.2', 2, { protocol: 'tcp' }), 'live.nopair.protocol'],
    [end('fe80::1', 1), end('fd00::1', 2), 'live.nopair.linkLocal'],
    [end('x.local', 1), end('fd00::1', 2), 'live.nopair.hidden'],
    [end('10.0.0.1', 1), end('', 2), 'live.nopair.hidden'],
    [end('10.0.0.1', 1), end('10.0.0.2', 2), 'live.nopair.unlisted'],
  ])('case %#', (local, remote, key) => {
    expect(noPair(local, remote).key).toBe(key);
  });
});

describe('a candidate without any pair', () => {
  const remote = candidate('host', '10.0.0.9', 5000);
  it.each([
    [candidate('host', '10.0.0.1', 9, { protocol: 'tcp', tcpType: 'active' }), [remote], 'live.unpaired.protocol'],
    [
      candidate('host', '10.0.0.1', 9, { protocol: 'tcp', tcpType: 'active' }),
      [candidate('host', '10.0.0.9', 9, { protocol: 'tcp', tcpType: 'active' })],
      'live.unpaired.tcp',
    ],
    [candidate('host', 'fd00::1', 9), [remote], 'live.unpaired.family'],
    [candidate('host', 'fd00::1', 9), [remote, candidate('host', 'a.local', 1)], 'live.unpaired.unlisted'],
    [candidate('relay', '192.0.2.1', 9), [remote], 'live.unpaired.unlisted'],
  ])('case %#', (local, remotes, key) => {
    expect(unpaired(local, remotes).key).toBe(key);
  });
});

it('the matrix has a reason wherever it has no pair, and counts what its base has', () => {
  const v4 = end('127.0.0.1', 39015);
  const v6 = end('fd00::2', 43611);
  const matrix = pairMatrix([pair(v4, end('127.0.0.1', 1)), pair(v6, end('fd00::2', 2))], {
    local: [
      candidate('host', '127.0.0.1', 39015),
      candidate('host', 'fd00::2', 43611),
      candidate('srflx', '127.0.0.1', 39015, { relatedAddress: '127.0.0.1', relatedPort: 39015 }),
      candidate('srflx', '203.0.113.1', 7, { relatedAddress: '0.0.0.0', relatedPort: 0 }),
      candidate('relay', '203.0.113.9', 50000, { priority: 16777215 }),
    ],
    remote: [candidate('host', '127.0.0.1', 1), candidate('host', 'fd00::2', 2)],
  });
  expect(matrix.rows.map((r) => r.kind)).toEqual(['pairs', 'pruned', 'pairs', 'pruned', 'unpaired']);
  expect(matrix.rows[1]).toMatchObject({ base: { kind: 'end', end: v4 } });
  expect(matrix.rows[3]).toMatchObject({ base: { kind: 'hidden' } });
  const [first] = matrix.rows;
  expect(first?.kind === 'pairs' && first.cells.map((c) => ('pair' in c ? 'pair' : c.reason.key))).toEqual([
    'pair',
    'live.nopair.family',
  ]);
  expect(matrix.pruned).toBe(1);
});
