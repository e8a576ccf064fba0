// Time and limits of one connection, on a clock of our own.
import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

let Session;
before(async () => {
  const entryPoints = [fileURLToPath(new URL('../src/session.ts', import.meta.url))];
  const { outputFiles } = await build({ entryPoints, bundle: true, format: 'esm', write: false });
  ({ Session } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`));
});

const limits = { messageBytes: 100, rate: 10, burst: 20, idle: 1000, answerBytes: 100, lifetime: 5000 };
const message = new ArrayBuffer(20);
const open = (respond = () => ({ kind: 'silence' })) => new Session(respond, limits, 0);

it('admits a burst, then the rate', () => {
  const session = open();
  const take = (now, n) =>
    Array.from({ length: n }, () => session.receive(message, now)).filter((action) => action === null).length;
  assert.equal(take(0, 30), 20);
  assert.equal(take(100, 5), 1);
  assert.equal(take(1100, 30), 10);
  assert.equal(take(1_000_000, 30), 20, 'no more than the burst is saved up');
});

it('a clock that goes back earns nothing and breaks nothing', () => {
  const session = open();
  for (let i = 0; i < 20; i++) session.receive(message, 1000);
  assert.equal(session.receive(message, 0).close, 1008);
});

it('closes after silence, and at its end whatever is heard', () => {
  const session = open();
  assert.equal(session.timeout(999), null);
  assert.equal(session.timeout(1000), 'idle');
  session.receive(message, 900);
  assert.equal(session.timeout(1000), null);
  assert.equal(session.deadline(1000), 900);
  for (let now = 900; now < 5000; now += 900) session.receive(message, now);
  assert.equal(session.timeout(4999), null);
  assert.equal(session.deadline(4999), 1);
  assert.equal(session.timeout(5000), 'lifetime over');
});

it('turns answers into actions', () => {
  const act = (answer, data = message) => open(() => answer).receive(data, 0);
  const bytes = new Uint8Array([1]);
  assert.deepEqual(act({ kind: 'response', bytes }), { send: bytes });
  assert.equal(act({ kind: 'silence' }), null);
  assert.equal(act({ kind: 'not-stun' }).close, 1007);
  assert.equal(act({ kind: 'response', bytes }, 'text').close, 1003);
  assert.equal(act({ kind: 'response', bytes }, new ArrayBuffer(101)).close, 1009);
});

it('has a fixed amount of answers, for a client that may never read them', () => {
  const session = open(() => ({ kind: 'response', bytes: new Uint8Array(40) }));
  const [first, second, third] = [1, 2, 3].map(() => session.receive(message, 0));
  assert.deepEqual([first.send.length, second.send.length, third.close], [40, 40, 1008]);
});
