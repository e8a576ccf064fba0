import { expect, test } from 'vitest';
import { niceTop } from '../../../src/views/simulate/population/bandwidth';
import { MIX_NAMES, MIXES, mixOf, sourcesOf } from '../../../src/views/simulate/population/mixes';
import {
  capturePopulation,
  PopulationRun,
  restorePopulation,
} from '../../../src/views/simulate/population/model.svelte';
import { bestOf, remedies } from '../../../src/views/simulate/population/remedies';
import { betweenKinds } from '../../../src/views/simulate/population/who';

const ask = (turn: ('udp' | 'tcp')[]) => ({
  mix: MIXES.assumed.map(({ nat, share }) => ({ nat, share })),
  ...{ calls: 10, loss: 0, seed: 1, turn, profile: 'rfc' as const },
});
const names = (turn: ('udp' | 'tcp')[]) => remedies(ask(turn)).map(({ name }) => name);

test('every mix is known again, and each of its shares has a source', () => {
  for (const name of MIX_NAMES) {
    const run = new PopulationRun();
    run.choose(name);
    expect(mixOf(run.mix)).toBe(name);
    expect(run.sources.reduce((sum, { part }) => sum + part, 0)).toBeCloseTo(1);
    const [first] = run.mix;
    if (first) run.setShare(first, first.share + 1);
    expect(run.mixName).toBeNull();
    expect(run.sources.map(({ mark }) => mark)).toContain('y');
  }
  expect(sourcesOf(MIXES.ford2005)).toEqual([{ source: 'ford2005', part: 1, mark: '1' }]);
});

test('a remedy is one thing different, and never what was asked', () => {
  expect(names(['udp']).slice(0, 2)).toEqual(['turn-tcp', 'no-turn']);
  expect(names([]).slice(0, 2)).toEqual(['turn-tcp', 'turn-udp']);
  expect(names(['udp', 'tcp']).slice(0, 2)).toEqual(['turn-udp', 'no-turn']);
  for (const turn of [[], ['udp'], ['udp', 'tcp']] as const) {
    const asked = ask([...turn]);
    for (const { name, ask: other } of remedies(asked)) {
      const differs = (['mix', 'turn', 'calls', 'loss', 'seed', 'profile'] as const).filter(
        (key) => JSON.stringify(asked[key]) !== JSON.stringify(other[key]),
      );
      expect(differs.length, name).toBe(1);
    }
  }
  const open = { ...ask([]), mix: [{ nat: { classic: 'open' }, share: 1 }] };
  expect(remedies(open).map(({ name }) => name)).toEqual(['turn-tcp', 'turn-udp']);
});

test('the best server is one that leaves fewer calls failed', () => {
  const tried = (name: 'turn-udp' | 'turn-tcp' | 'filter', failed: number) => ({
    name,
    result: { failed: { calls: failed } },
  });
  const all = [tried('filter', 0), tried('turn-udp', 5), tried('turn-tcp', 2)];
  expect(bestOf(all, 9)?.name).toBe('turn-tcp');
  expect(bestOf(all, 2)).toBeNull();
  expect(bestOf([{ name: 'turn-tcp' as const, result: null }], 9)).toBeNull();
});

test('the top of a plot is round, and never below what it holds', () => {
  expect([0, 0.3, 1, 1.1, 374, 500, 501, 9_999].map(niceTop)).toEqual([1, 0.5, 1, 2, 500, 500, 1000, 10_000]);
  expect(niceTop(Number.NaN)).toBe(1);
});

test('calls between two kinds are those of both directions, and the worst call keeps its own', () => {
  const kinds = (a: number, b: number, relayed: number, failed: number, seed: number) => ({
    ...{ a, b, calls: 10, relayed, failed, seed },
  });
  const found = betweenKinds({ byKinds: [kinds(0, 1, 3, 0, 7), kinds(1, 0, 0, 1, 8), kinds(1, 1, 0, 0, 9)] });
  expect(found).toEqual([
    { a: 1, b: 0, calls: 20, relayed: 3, failed: 1, worst: { a: 1, b: 0, seed: 8 } },
    { a: 1, b: 1, calls: 10, relayed: 0, failed: 0, worst: { a: 1, b: 1, seed: 9 } },
  ]);
});

test('a permalink brings the population back, and what is none is left out', () => {
  const run = new PopulationRun();
  run.choose('halkes2011');
  const [first] = run.mix;
  if (first) run.setShare(first, 50);
  Object.assign(run, { calls: 1000, seed: 9, turnTcp: true, loss: 0.02, concurrent: 7, mediaKbps: 80 });
  Object.assign(run, { profile: 'pion', filterScope: 'endpoint' });
  const state = JSON.parse(JSON.stringify(capturePopulation(run)));
  const back = new PopulationRun();
  restorePopulation(back, state);
  expect(capturePopulation(back)).toEqual(capturePopulation(run));

  const fresh = JSON.stringify(capturePopulation(new PopulationRun()));
  const odd = { calls: 3, seed: -1, turnUdp: 5, loss: 9, concurrent: 'x', mediaKbps: 0 };
  const mixes = [
    'toString',
    [],
    [{}],
    [{ nat: null, share: 1 }],
    [{ nat: { classic: 5 }, share: 1 }],
    [{ nat: {}, share: 'x' }],
  ];
  for (const mix of mixes) {
    const into = new PopulationRun();
    restorePopulation(into, { ...odd, mix });
    expect(JSON.stringify(capturePopulation(into)), JSON.stringify(mix)).toBe(fresh);
  }
  for (const state of [null, 5, 'x', undefined]) restorePopulation(back, state);
});
