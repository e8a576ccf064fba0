import { expect, test } from 'vitest';
import { capture, restore, Simulate } from '../../../src/views/simulate/model.svelte';

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

test('a permalink of two networks keeps loss and profiles, and takes none that are none', () => {
  const from = new Simulate();
  Object.assign(from, { name: 'own', loss: 0.1, profileA: 'chrome', profileB: 'pion', seed: 4 });
  const { loss, profileA, profileB } = restored(capture(from)).simulate;
  expect([loss, profileA, profileB]).toEqual([0.1, 'chrome', 'pion']);
  for (const odd of [{ loss: 2 }, { loss: 'x' }, { profileA: 5 }, { profileB: null }]) {
    const { simulate } = restored({ name: 'own', ...odd });
    expect([simulate.loss, simulate.profileA, simulate.profileB], JSON.stringify(odd)).toEqual([0, '', '']);
  }
});
