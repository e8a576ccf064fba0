// From evidence to experiment: calls of two real Chromiums behind kernel NATs, recorded by `lab/record-calls.mjs`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { analyze } from 'icelens';
import { compareRuns, compareWithEvidence, Simulation, scenarioFrom } from 'icelens/sim';
import { CALLS } from './lab/calls.mjs';
import { FAILING, remediesOf, withRemedy } from './lab/remedies.mjs';

const recorded = (name) =>
  analyze(new Uint8Array(readFileSync(new URL(`../tests/fixtures/evidence/${name}.gz`, import.meta.url))));
/** The recordings of a call: both dumps and the capture at the offerer. */
const SOURCES = ['near.json', 'far.json', 'pcapng'];

function predict(evidence) {
  const made = scenarioFrom(evidence);
  const simulation = new Simulation(made.scenario);
  return { ...made, simulation, result: simulation.run() };
}

test('12 calls fail and 12 work', () => {
  assert.equal(FAILING.length, 12);
  assert.equal(CALLS.length, 24);
});

for (const source of SOURCES) {
  test(`the scenario of each recording predicts how the call ended: ${source}`, async (t) => {
    for (const { name, outcome } of CALLS) {
      await t.test(name, async () => {
        const evidence = await recorded(`${name}.${source}`);
        // Without a server and without a candidate of the other side nothing leaves, so the capture is empty.
        if (name === 'cone-cone-no-stun' && source === 'pcapng')
          return assert.throws(() => scenarioFrom(evidence), TypeError);
        const { result, assumptions } = predict(evidence);
        assert.equal(result.outcome, outcome, `${result.why} ${JSON.stringify(assumptions)}`);
      });
    }
  });
}

test('steps: what was given is not agreement, and no step of a recorded dump that ended as predicted says otherwise', async () => {
  for (const { name, outcome } of CALLS) {
    const evidence = await recorded(`${name}.near.json`);
    const { simulation } = predict(evidence);
    const steps = compareWithEvidence(evidence, simulation);
    const ends = steps.filter(({ step }) => step === 'outcome');
    assert.equal(ends.length, 1, name);
    // Also of a browser that has no pair to check and stays in the state `new`: its dump was saved 20 s later or more.
    assert.deepEqual([ends[0].what, ends[0].agreement], [`${outcome}, ${outcome}`, 'same'], name);
    for (const step of steps) {
      if (['host', 'srflx', 'relay', 'described', 'server-failed', 'prflx'].includes(step.step)) {
        assert.equal(step.agreement, 'given', `${name}: ${JSON.stringify(step)}`);
      }
    }
  }
});

test('each failed call has a change that connects it, and the packet that decides', async () => {
  for (const { name } of FAILING) {
    const { scenario, changes } = predict(await recorded(`${name}.near.json`));
    const remedy = changes.find(({ outcome }) => outcome !== 'failed');
    assert.ok(remedy, `${name}: ${JSON.stringify(changes.map(({ code, side, outcome }) => [code, side, outcome]))}`);
    const [plain, changed] = [new Simulation(scenario), new Simulation(remedy.scenario)];
    const { rows, firstDifference, deciding } = compareRuns(plain, changed);
    assert.ok(deciding !== null && deciding.row >= firstDifference, name);
    assert.match(deciding.rule, /^RFC \d+ §/);
    const row = rows[deciding.row];
    assert.match(changed.trace[row.b].message, /binding request/i, name);
    assert.ok(row.differs, name);
  }
});

test('the remedies of each failed call, tried with real browsers behind kernel NATs, did as was said', async () => {
  const file = new URL('../tests/fixtures/evidence/remedies.tsv', import.meta.url);
  const rows = readFileSync(file, 'utf8').split('\n');
  const tried = new Map();
  for (const row of rows.filter((line) => line !== '' && !line.startsWith('#'))) {
    const [name, code, side, simulated, , lab] = row.split('\t');
    tried.set(`${name} ${code} ${side} ${simulated}`, lab);
  }
  for (const call of FAILING) {
    const remedies = await remediesOf(call);
    const sure = remedies.filter(({ restsOn }) => restsOn.length === 0);
    assert.ok(sure.length > 0, call.name);
    for (const remedy of remedies) {
      const key = `${call.name} ${remedy.code} ${remedy.side} ${remedy.outcome}`;
      assert.ok(tried.has(key), `${key}: not tried; run lab/try-remedies.mjs`);
      if (sure.includes(remedy)) assert.equal(tried.get(key), withRemedy(call, remedy) ? remedy.outcome : '-', key);
      tried.delete(key);
    }
  }
  assert.deepEqual([...tried.keys()], [], 'tried, and no remedy any more');
});

test('other evidence: descriptions alone, and none', async () => {
  const { findings } = await recorded('symmetric-cone.near.json');
  const texts = findings.filter(({ kind }) => kind === 'sdp' || kind === 'candidate').map(({ text }) => text);
  const made = scenarioFrom(await analyze(texts.join('\n\n')));
  assert.equal(made.scenario.calls.length, 1);
  assert.throws(() => scenarioFrom({ dump: null, capture: null, sessions: [] }), /TypeError|shows no call/);
  assert.throws(() => scenarioFrom(null), TypeError);
  for (const odd of [
    {},
    { dump: 5 },
    { dump: { connections: [{}] }, capture: null, sessions: [] },
    { dump: null, capture: {} },
  ]) {
    assert.throws(() => scenarioFrom(odd), { name: 'TypeError', message: 'evidence: it is not what analyze gives' });
  }
  assert.throws(() => compareRuns({}, {}), { name: 'TypeError', message: 'a: must be a Simulation' });
});
