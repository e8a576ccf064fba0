import { expect, test } from 'vitest';
import { capture, restore, Simulate } from '../../../src/views/simulate/model.svelte';
import {
  capturePopulation,
  PopulationRun,
  restorePopulation,
} from '../../../src/views/simulate/population/model.svelte';

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

test('what a permalink holds that is no such thing is told, member by member, and the rest is taken', () => {
  const odd = {
    mode: 'walk',
    scenario: [],
    a: { classic: 5 },
    relay: 'yes',
    profileA: 'opera',
    loss: -0.1,
    seed: 1.5,
    row: 0,
  };
  const { simulate, taken } = restored({ name: 'own', relayTcp: true, time: null, ...odd });
  expect(taken).toBe(true);
  expect(simulate.relayTcp).toBe(true);
  expect(simulate.left).toEqual(Object.entries(odd).map(([name, value]) => `${name}: ${JSON.stringify(value)}`));
  expect(restored(capture(new Simulate())).simulate.left).toEqual([]);
});

test('so it is with a population: an unknown device, a negative share, a wrong type', () => {
  const run = new PopulationRun();
  const good = { nat: { preset: 'home' }, share: 5, source: 'yours' };
  const left = restorePopulation(run, {
    mix: [good, { nat: { preset: 'toaster' }, share: 5 }, { nat: { classic: 'symmetric' }, share: -5 }, 'x'],
    ...{ calls: 3, loss: '5', concurrent: 0, profile: 'rfc' },
  });
  expect(left).toEqual([
    'population.mix[1]: {"nat":{"preset":"toaster"},"share":5}',
    'population.mix[2]: {"nat":{"classic":"symmetric"},"share":-…',
    'population.mix[3]: "x"',
    'population.calls: 3',
    'population.loss: "5"',
    'population.concurrent: 0',
  ]);
  expect(run.mix).toEqual([good]);
  expect(restorePopulation(new PopulationRun(), { mix: 'mine' })).toEqual(['population.mix: "mine"']);
  expect(restorePopulation(new PopulationRun(), 5)).toEqual(['population: 5']);
  expect(restorePopulation(new PopulationRun(), JSON.parse(JSON.stringify(capturePopulation(run))))).toEqual([]);
});
