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

test('a description alone ends in no verdict', async () => {
  const described = (type, port) => JSON.stringify({ type, sdp: sdp(port) });
  const sdp = (port) =>
    [
      `v=0\r\no=- ${port} 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel`,
      `c=IN IP4 0.0.0.0\r\na=ice-ufrag:abc${port}\r\na=ice-pwd:abcdabcdabcdabcdabcdabcd`,
      `a=candidate:1 1 udp 2113937151 10.0.0.${port} 5000 typ host`,
      `a=candidate:2 1 udp 1677729535 192.0.2.${port} 5000 typ srflx raddr 10.0.0.${port} rport 5000\r\n`,
    ].join('\r\n');
  const made = scenarioFrom(await analyze(described('offer', 1)));
  assert.equal(made.prediction, null);
  assert.deepEqual(made.changes, []);
  assert.deepEqual(
    made.limits.map(({ code, side }) => [code, side]),
    [
      ['one-sided', 'remote'],
      ['no-outcome', null],
    ],
  );
  assert.match(made.limits[0].why, /nothing of R/);
  assert.ok(made.assumptions.every(({ code }) => code !== 'no-candidate'));
  const both = scenarioFrom(await analyze(`${described('offer', 1)}\n\n${described('answer', 2)}`));
  assert.equal(both.prediction, 'direct');
});

const cutCodes = ({ limits }) => limits.map(({ code }) => code).filter((code) => code.startsWith('cut-'));

test('half a dump says so, and nothing that it lacks agrees', async () => {
  for (const { name } of CALLS) {
    const { input, dump } = await recorded(`${name}.near.json`);
    assert.equal(dump.cut, null, name);
    for (const share of [0.95, 0.7, 0.5, 0.3]) {
      const half = await analyze(input.slice(0, input.length * share));
      if (half.dump === null) continue;
      assert.ok(half.dump.cut > 0 && half.dump.cut <= input.length * share, `${name} ${half.dump.cut}`);
      assert.ok(
        half.advice.some(({ code }) => code === 'dump.cut'),
        name,
      );
      const { limits, scenario, prediction } = scenarioFrom(half);
      assert.deepEqual(cutCodes({ limits }), ['cut-dump'], name);
      if (prediction === null) continue;
      for (const step of compareWithEvidence(half, new Simulation(scenario))) {
        const unanswered = /: 0 \/ /.test(step.what);
        assert.ok(!(step.step === 'pair' && unanswered && step.agreement === 'same'), JSON.stringify(step));
      }
    }
  }
});

test('half a capture says so', async () => {
  for (const { name } of CALLS) {
    const { input, capture } = await recorded(`${name}.pcapng`);
    if (capture.transactions.length === 0) continue;
    assert.equal(capture.damaged, null, name);
    // In the middle of the last record.
    const half = await analyze(input.subarray(0, input.length - 20));
    const { limits } = scenarioFrom(half);
    assert.deepEqual(cutCodes({ limits }), ['cut-capture'], name);
    // That nothing was answered until there does not say how the call ended.
    const outcome = compareWithEvidence(half, new Simulation(scenarioFrom(half).scenario)).find(
      ({ step }) => step === 'outcome',
    );
    if (half.capture.sessions[0]?.selected == null) assert.equal(outcome.agreement, 'not-seen', name);
  }
});
