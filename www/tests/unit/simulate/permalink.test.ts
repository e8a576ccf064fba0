import { expect, test } from 'vitest';
import { restore, Simulate } from '../../../src/views/simulate/model.svelte';

/** What a permalink leaves in the view; nothing is run. */
function restored(state: unknown): { simulate: Simulate; taken: boolean } {
  const simulate = new Simulate();
  simulate.start = async () => undefined;
  return { simulate, taken: restore(simulate, state) };
}

test('a permalink that is not a state of Simulate is refused', () => {
  for (const state of [null, 5, 'x', [], {}, { name: '__proto__' }, { name: 'constructor' }, { name: 5 }]) {
    expect(restored(state).taken, JSON.stringify(state)).toBe(false);
  }
});

test('a NAT of a permalink whose words are not words is not taken', () => {
  const { a } = new Simulate();
  for (const nat of ['x', [], 5, null, { classic: [] }, { preset: {} }, { mapping: 9 }, { ports: true }]) {
    expect(restored({ name: 'own', a: nat }).simulate.a, JSON.stringify(nat)).toEqual(a);
  }
  const nat = { classic: null, mapping: 'endpoint-independent', udpTimeout: 30 };
  expect(restored({ name: 'own', a: nat }).simulate.a).toEqual(nat);
});

test('a seed that is none becomes 1', () => {
  for (const seed of [-1, 1.5, 2 ** 53, 'x', null]) {
    expect(restored({ name: 'own', seed }).simulate.seed, String(seed)).toBe(1);
  }
});
