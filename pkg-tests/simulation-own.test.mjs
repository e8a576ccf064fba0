// Programs of the caller's own, and scenarios of strangers, through the built package.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Simulation, scenarioFrom, simulatePopulation, traversalMatrix } from 'icelens/sim';

const SCENARIO = {
  until: 1000,
  networks: [{ name: 'home', nat: { classic: 'port restricted cone' } }],
  hosts: [
    { name: 'server', addresses: ['192.0.2.1'], run: { kind: 'own' } },
    { name: 'client', network: 'home', addresses: ['10.0.0.2'], run: { kind: 'own' } },
    { name: 'stun', addresses: ['192.0.2.2'], run: { kind: 'stun' } },
  ],
};
const bytes = new Uint8Array([0, 1, 254, 255]);
const HELLO = { local: '10.0.0.2:4000', remote: '192.0.2.1:5000', bytes };

test('a datagram goes to a program and back, a program is woken, and the trace has it', () => {
  for (const run of [(it) => it.run(), (it) => while_(() => it.step() !== null)]) {
    const simulation = new Simulation(SCENARIO);
    const seen = [];
    simulation.attach('server', {
      receive: ({ local, remote, bytes }, host) => host.send({ local, remote, bytes }),
    });
    const client = simulation.attach('client', {
      receive: (datagram, { name, now }) => seen.push([name, now, datagram.remote, [...datagram.bytes]]),
      wake: ({ now }) => seen.push(['woken', now]),
    });
    client.send(HELLO);
    client.wakeAt(500);
    run(simulation);
    assert.deepEqual(seen, [
      ['client', seen[0][1], '192.0.2.1:5000', [...bytes]],
      ['woken', 500],
    ]);
    assert.ok(simulation.trace.some(({ kind, rule }) => kind === 'nat' && rule === 'new-mapping'));
    assert.equal(simulation.omitted, 0);
  }
});

function while_(goesOn) {
  while (goesOn());
}

test('a program that wakes itself at the same instant for ever ends the run, with the cause', () => {
  const simulation = new Simulation(SCENARIO);
  const client = simulation.attach('client', { wake: (host) => host.wakeAt(host.now) });
  client.wakeAt(5);
  const { causes, why } = simulation.run();
  assert.deepEqual(causes.at(-1), { code: 'too-many-at-once', at: 5 });
  assert.match(why, /ended at 0\.0 s: 100000 steps at one instant are the limit$/);
});

test('what is wrong with a program or a datagram is said', () => {
  const simulation = new Simulation(SCENARIO);
  assert.throws(() => simulation.attach('nobody', {}), /no host called nobody runs a program of your own/);
  assert.throws(() => simulation.attach('stun', {}), /no host called stun runs a program of your own/);
  assert.throws(() => simulation.attach('client', { receive: 5 }), /program\.receive must be a function/);
  assert.throws(() => simulation.attach('client', null), TypeError);
  const client = simulation.attach('client', {});
  for (const [wrong, says] of [
    [{ ...HELLO, local: '10.0.0.3:1' }, /10\.0\.0\.3 is not an address of client/],
    [{ ...HELLO, remote: 'example.net' }, /remote: example\.net is not an address with port/],
    [{ ...HELLO, bytes: 'hello' }, /datagram\.bytes must be an ArrayBuffer/],
    [undefined, /datagram must be an object/],
    [{ ...HELLO, remote: '192.0.2.1:0' }, /remote: 192\.0\.2\.1:0 has port 0/],
    [{ ...HELLO, remote: '[2001:db8::1]:1' }, /remote: \[2001:db8::1\]:1 is of another version of IP/],
    [{ ...HELLO, bytes: new Uint8Array(65_508) }, /bytes: 65508, but a UDP datagram carries 65507 at most/],
  ]) {
    assert.throws(() => client.send(wrong), { name: 'TypeError', message: says });
  }
  assert.throws(() => client.wakeAt(Number.NaN), TypeError);
  // An error of a program goes on to who runs it, and the simulation can be used on.
  simulation.attach('server', {
    receive: () => {
      throw new Error('mine');
    },
  });
  client.send(HELLO);
  assert.throws(() => simulation.run(), /mine/);
  assert.equal(simulation.run().outcome, 'failed');
});

test('values of strangers are refused as TypeErrors, and nothing traps', async () => {
  const cycle = { hosts: [] };
  cycle.hosts.push(cycle);
  const odd = [
    cycle,
    { seed: 1n },
    { toJSON: () => undefined },
    { until: Number.NaN },
    { until: -1 },
    { seed: 1.5 },
    { title: 5 },
    { hosts: 'x' },
    { hosts: Array.from({ length: 129 }, (_, at) => ({ name: `${at}`, addresses: ['::1'], run: { kind: 'silent' } })) },
    { networks: [{ name: '🙂'.repeat(60), nat: {} }] },
    { networks: [{ name: 'n', within: 'n' }] },
    { events: [{ at: 1, what: 'stop', host: 'nobody' }] },
    { title: 'x'.repeat(5 << 20) },
  ];
  for (const scenario of odd) assert.throws(() => new Simulation(scenario), TypeError);
  for (const name of ['', '\0', '🙂', 'x'.repeat(1e6)]) assert.throws(() => new Simulation(name), TypeError);
  assert.throws(() => traversalMatrix(cycle), TypeError);
  assert.throws(() => traversalMatrix({ seed: -1 }), TypeError);
  await assert.rejects(simulatePopulation({ mix: [{ nat: {}, share: Number.NaN }], calls: 1 }), TypeError);
  await assert.rejects(simulatePopulation({ mix: [{ nat: {}, share: 1 }], calls: -1 }), TypeError);
  const evidence = { dump: null, capture: null, sessions: [] };
  assert.throws(() => scenarioFrom(evidence, { local: { paths: [{}] } }), TypeError);
  // An instance that is left still works.
  assert.equal(new Simulation('hole-punching').run().outcome, 'direct');
});

test('a population over TCP connects what blocks UDP', async () => {
  const mix = [{ nat: { classic: 'blocked' }, share: 1 }];
  const { relayed } = await simulatePopulation({ mix, calls: 5, turn: ['tcp'] });
  assert.equal(relayed.calls, 5);
  const { failed } = await simulatePopulation({ mix, calls: 5, turn: ['udp'] });
  assert.equal(failed.calls, 5);
});

test('a program that returns a promise is refused, and its failure ends no process', () => {
  for (const receive of [async () => {}, () => Promise.reject(new Error('late')), () => new Promise(() => {})]) {
    const simulation = new Simulation(SCENARIO);
    const client = simulation.attach('client', {});
    simulation.attach('server', { receive });
    client.send(HELLO);
    assert.throws(() => simulation.run(), { name: 'TypeError', message: /^program\.receive returned a promise/ });
    const woken = new Simulation(SCENARIO);
    woken.attach('client', { wake: receive }).wakeAt(1);
    assert.throws(() => woken.run(), { name: 'TypeError', message: /^program\.wake returned a promise/ });
  }
});

test('calls in odd orders: after the end, again, and from inside a program', () => {
  const simulation = new Simulation(SCENARIO);
  const { outcome } = simulation.run();
  assert.equal(simulation.run().outcome, outcome);
  assert.equal(simulation.step(), null);
  assert.equal(simulation.run(0).outcome, outcome);
  assert.equal(simulation.now, 1000);
  simulation.free();
  simulation.free();
  for (const use of [(it) => it.run(), (it) => it.step(), (it) => it.now, (it) => it.toPcapng()])
    assert.throws(() => use(simulation), /^Error: this Simulation is gone/);
  const nested = new Simulation(SCENARIO);
  const ran = [];
  nested.attach('server', { receive: () => ran.push(nested.run().outcome) });
  nested.attach('client', {}).send(HELLO);
  nested.run();
  assert.deepEqual(ran, ['failed']);
});
