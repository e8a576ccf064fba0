// The simulator through the built package.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pairPriority } from 'icelens';
import {
  relayBandwidth,
  ScenarioError,
  Simulation,
  scenarioFrom,
  scenarios,
  simulatePopulation,
  traversalMatrix,
  traversalScenario,
} from 'icelens/sim';
import { spawnSync } from './lib/limited.mjs';

const cli = fileURLToPath(new URL('../pkg/bin/icelens.js', import.meta.url));
const icelens = (...args) => spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8' });

test('every built-in scenario runs, and ends with a reason', () => {
  for (const { name, title } of scenarios()) {
    const result = new Simulation(name).run();
    assert.ok(title.length > 0 && result.why.length > 0, name);
    assert.equal(result.outcome === 'failed', result.selected === null, name);
  }
});

test('a result has its causes by code and parameters, which the sentence tells', () => {
  const { causes, why } = new Simulation('rfc8445-15.1').run();
  const [from, to] = ['L', 'R'];
  const types = { fromTypes: ['srflx', 'host'], toTypes: ['host', 'srflx'] };
  assert.deepEqual(causes, [{ code: 'direct', from, to, ...types }]);
  assert.equal(why, 'L and R talk directly: L selected srflx to host, R host to srflx');
  const failed = new Simulation('symmetric-to-symmetric-no-relay').run().causes;
  const rules = failed.map(({ code, rule }) => rule ?? code);
  assert.deepEqual(rules, ['all-silent', 'all-silent', 'filtered']);
  assert.ok(failed.at(-1).packets > 0 && typeof failed.at(-1).network === 'string');
});

test('the selected pair is one of candidates, its priority the formula’s', () => {
  const { selected } = new Simulation('rfc8445-15.1').run();
  assert.deepEqual([selected.local.type, selected.remote.type], ['srflx', 'host']);
  assert.equal(selected.priority, pairPriority(selected.local.priority, selected.remote.priority));
  assert.equal(selected.priority, 7277816997797167102n);
});

test('step by step gives the trace of a run, and the same seed the same bytes', () => {
  const stepped = new Simulation('cone-to-cone', { seed: 5 });
  while (stepped.step() !== null);
  const run = new Simulation('cone-to-cone', { seed: 5 });
  run.run();
  assert.equal(stepped.toJsonLines(), run.toJsonLines());
  assert.deepEqual(run.trace, JSON.parse(`[${run.toJsonLines().trim().replaceAll('\n', ',')}]`));
  assert.notEqual(new Simulation('cone-to-cone', { seed: 6 }).toJsonLines(), run.toJsonLines());
});

test('the wasm gives the traces that the native build gives, to the byte', () => {
  const fixture = readFileSync(new URL('../tests/fixtures/sim/traces.tsv', import.meta.url), 'utf8');
  const rows = fixture.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  assert.ok(rows.length >= 2 * scenarios().length);
  for (const row of rows) {
    const [name, seed, length, hash] = row.split('\t');
    const simulation = new Simulation(name, { seed: Number(seed) });
    simulation.run();
    const bytes = new TextEncoder().encode(simulation.toJsonLines());
    let fnv = 0x811c9dc5;
    for (const byte of bytes) fnv = Math.imul(fnv ^ byte, 0x01000193);
    const found = [String(bytes.length), (fnv >>> 0).toString(16).padStart(8, '0')];
    assert.deepEqual(found, [length, hash], `${name}, seed ${seed}`);
  }
});

test('an agent of a run tells its state and pairs', () => {
  const simulation = new Simulation('symmetric-to-symmetric-no-relay');
  simulation.run(5000);
  assert.equal(simulation.agent('A').state, 'checking');
  simulation.run();
  const agent = simulation.agent('A');
  assert.deepEqual([agent.state, agent.failure.reason], ['failed', 'all-silent']);
  assert.ok(agent.pairs.every(({ state }) => state === 'failed'));
  assert.equal(simulation.agent('nobody'), null);
});

test('a text of one sentence may stand without a list', () => {
  assert.equal(new Simulation({ text: { en: 'Nobody calls.' } }).run().outcome, 'failed');
});

test('what is not a scenario is a TypeError that says where', async () => {
  assert.throws(() => new Simulation('nothing'), /no scenario is called nothing; there are cone-to-cone/);
  for (const [scenario, message] of [
    [{ hosts: [{ name: 'A' }] }, 'hosts[0].addresses is missing'],
    [{ title: 'Ä', hosts: [], hots: 1 }, /^there is no field hots; there are \$schema, title, seed, /],
    [{ networks: [{}, { nat: { udpTimeout: 'long' } }] }, 'networks[1].nat.udpTimeout must be a number, not "long"'],
    [{ seed: -1 }, 'seed must be a whole number from 0 on, not -1'],
    [{ events: {} }, /^events must be a list/],
    [{ text: { en: 5 } }, 'text.en must be a list, not 5'],
  ]) {
    assert.throws(() => new Simulation(scenario), { name: 'TypeError', message });
  }
  assert.throws(
    () => new Simulation({ networks: [{ name: 'n', nat: { preset: 'none' } }] }),
    /networks\[0\]\.nat: no preset/,
  );
  await assert.rejects(simulatePopulation({ mix: [], calls: -1 }), { message: /^calls must be a whole number/ });
  for (const wrong of [undefined, null, 5, []]) assert.throws(() => new Simulation(wrong), TypeError);
  assert.throws(() => traversalMatrix({ kinds: [{ classic: 'oval' }] }), TypeError);
});

test('the matrix of four classic kinds, and a cell of it as a scenario', () => {
  const kinds = ['full cone', 'port restricted cone', 'symmetric', 'blocked'].map((classic) => ({ classic }));
  const outcomes = (relay) =>
    traversalMatrix({ kinds, relay }).cells.map((row) => row.map(({ outcome }) => outcome[0]).join(''));
  assert.deepEqual(outcomes(false), ['dddf', 'ddff', 'dfff', 'ffff']);
  assert.deepEqual(outcomes(true), ['dddf', 'ddrf', 'drrf', 'ffff']);
  const scenario = traversalScenario(kinds[1], kinds[2], { relay: true });
  assert.equal(new Simulation(scenario).run().outcome, 'relayed');
});

test('a population, with progress and an end on demand', async () => {
  const mix = [
    { nat: { classic: 'port restricted cone' }, share: 3 },
    { nat: { classic: 'symmetric' }, share: 1 },
  ];
  const seen = [];
  const population = await simulatePopulation({
    mix,
    calls: 120,
    turn: ['udp'],
    seed: 3,
    onProgress: (n) => seen.push(n),
  });
  const { direct, relayed, failed } = population;
  assert.deepEqual([direct.calls + relayed.calls, failed.calls, seen.at(-1)], [120, 0, 120]);
  assert.ok(direct.low < direct.share && direct.share < direct.high);
  const relayedTwice = population.byKinds.find(({ a, b }) => a === 1 && b === 1);
  const [{ nat }] = mix.slice(1);
  const again = new Simulation(traversalScenario(nat, nat, { relay: true, seed: relayedTwice.seed })).run();
  assert.deepEqual([relayedTwice.failed, again.outcome], [0, 'relayed']);
  assert.ok(relayBandwidth(population, { concurrent: 100, mediaKbps: 1000 }).p99 > 0);
  await assert.rejects(simulatePopulation({ mix, calls: 1e6, signal: AbortSignal.abort() }), { name: 'AbortError' });
  await assert.rejects(simulatePopulation({ mix, calls: 1, turn: ['tls'] }), /TURN over tls is not simulated/);
  await assert.rejects(simulatePopulation({ mix: [], calls: 1 }), /mix: 1 to 64 kinds/);
});

test('icelens sim and icelens matrix', () => {
  const folder = mkdtempSync(join(tmpdir(), 'icelens-sim-'));
  try {
    assert.match(icelens('sim').stdout, /^cone-to-cone +Two home routers/m);
    const run = icelens('sim', 'symmetric-to-symmetric-no-relay', '--pcapng', join(folder, 'run.pcapng'));
    assert.equal(run.status, 1);
    assert.match(run.stdout, /failed: A: no check was answered/);
    assert.equal(readFileSync(join(folder, 'run.pcapng')).readUInt32LE(0), 0x0a0d0d0a);
    const file = join(folder, 'own.json');
    writeFileSync(file, JSON.stringify(new Simulation('hole-punching').scenario));
    assert.equal(icelens('sim', file).status, 0);
    assert.match(icelens('sim', 'cone-to-cone', '--script').stdout, /^#!\/bin\/sh/);
    assert.match(icelens('sim', 'nothing').stderr, /neither a built-in scenario nor a file/);
    assert.equal(icelens('matrix').stdout.split('\n')[1].trim().split(/ +/).slice(1).join(''), '●●●●●●●●●');
    assert.equal(icelens('matrix', '--scope', 'round').status, 2);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a fault has a code, its place and values, besides the sentence', () => {
  const fault = (make) => {
    try {
      make();
    } catch (error) {
      assert.ok(error instanceof ScenarioError && error instanceof TypeError, String(error));
      return [error.code, error.path, error.values, error.message];
    }
    return null;
  };
  const stun = { kind: 'stun' };
  for (const [make, expected] of [
    [() => new Simulation('nothing'), ['unknown-scenario', '', 'nothing']],
    [() => new Simulation({ until: 1e15 }), ['too-late', 'until', '1000000000000000']],
    [() => new Simulation({ until: -1 }), ['wrong-type', 'until', 'u64']],
    [() => new Simulation({ hosts: [{ name: 'A' }] }), ['missing', 'hosts[0].addresses', undefined]],
    [() => new Simulation({ hosts: [], odd: 1 }), ['unknown-member', '', 'odd']],
    [
      () => new Simulation({ hosts: [{ name: 'A', addresses: [], run: stun }] }),
      ['empty', 'hosts[0].addresses', undefined],
    ],
    [() => new Simulation({ calls: [{ from: 'A', to: 'B' }] }), ['no-ice-host', 'calls[0]', 'A']],
    [() => traversalMatrix({ kinds: [{ range: [] }] }), ['json', 'kinds[0].range', undefined]],
    [() => new Simulation({ hosts: [[]] }), ['wrong-type', 'hosts[0]', 'a list']],
    [() => traversalMatrix({ loss: 2 }), ['out-of-range', 'loss', '2']],
    [() => scenarioFrom({ dump: null, capture: null, sessions: [] }), ['no-call', '', undefined]],
  ]) {
    const [code, path, values, message] = fault(make);
    const [expectedCode, expectedPath, value] = expected;
    assert.deepEqual([code, path], [expectedCode, expectedPath], message);
    assert.ok(value === undefined || Object.values(values).includes(value), JSON.stringify(values));
    assert.ok(message.includes(path) && !message.includes('{'), message);
  }
});
