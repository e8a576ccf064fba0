import { expect, it } from 'vitest';
import { MAX_HASH, readHash, unpack, writeHash } from '../../src/app/permalink';

it('gives back what was put in, Chinese text included', async () => {
  const state = { text: '候选 candidate:1 1 udp', list: [1, 2, { a: null }] };
  const hash = await writeHash('inspect', state);
  const place = readHash(hash ?? '');
  expect(place.view).toBe('inspect');
  expect(await unpack(place.packed ?? '')).toEqual(state);
});

it('a view without state is its name', async () => {
  expect(await writeHash('live', null)).toBe('#live');
  expect(readHash('#live')).toEqual({ view: 'live', packed: null });
});

it('what follows the slash is the state, whatever it is', () => {
  expect(readHash('#inspect/abc).')).toEqual({ view: 'inspect', packed: 'abc).' });
  expect(readHash('#echo?x=1')).toEqual({ view: 'echo', packed: null });
  expect(readHash('#inspect/')).toEqual({ view: 'inspect', packed: null });
});

it('rubbish is null, never an exception', async () => {
  for (const text of ['', 'AAAA', '-_-_', 'z'.repeat(5000), btoa('{"a":1}')]) expect(await unpack(text)).toBeNull();
  for (const hash of ['', '#', '#<script>', '#live/%%%', '#/x', `#${'a'.repeat(99_999)}`])
    expect(() => readHash(hash)).not.toThrow();
});

it('what does not fit is refused, and a bomb is not inflated', async () => {
  const noise = Array.from({ length: 40_000 }, (_, i) => Math.imul(i, 2654435761) >>> 0);
  expect(await writeHash('inspect', noise)).toBeNull();
  const bomb = new Response(
    new Blob([new Uint8Array(64 << 20)]).stream().pipeThrough(new CompressionStream('deflate-raw')),
  );
  const packed = Buffer.from(await bomb.arrayBuffer()).toString('base64url');
  expect(await unpack(packed)).toBeNull();
  expect(MAX_HASH).toBeLessThanOrEqual(32_768);
});
