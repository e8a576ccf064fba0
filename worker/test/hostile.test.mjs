// Whatever is sent, the worker goes on answering.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeMessage, encodeMessage } from 'icelens';
import { within } from '../../pkg-tests/lib/limited.mjs';
import { startWorker } from '../../scripts/lib/worker.mjs';
import { ask, closed, connect, random, start } from './lib.mjs';

const binding = encodeMessage({ class: 'request', method: 'binding' });
const MESSAGES = 10_000;

const bytes = (next, length) => Uint8Array.from({ length }, () => Math.floor(next() * 256));

/** One malformed message, by kind. */
const kinds = {
  random: (next) => bytes(next, Math.floor(next() * 600)),
  'random after a right header': (next) => {
    const body = bytes(next, 4 * Math.floor(next() * 60));
    const header = Buffer.from('000100002112a442000000000000000000000000', 'hex');
    header.writeUInt16BE(body.length, 2);
    return Buffer.concat([header, body]);
  },
  truncated: (next) => {
    const attributes = [
      ['SOFTWARE', 'a client'],
      ['USERNAME', 'somebody'],
    ];
    const whole = encodeMessage({ class: 'request', method: 'binding', attributes, fingerprint: true });
    return whole.slice(0, Math.floor(next() * whole.length));
  },
  'one bit turned': (next) => {
    const whole = encodeMessage({
      class: 'request',
      method: 'binding',
      attributes: [['PRIORITY', 1]],
      fingerprint: true,
    });
    const bit = Math.floor(next() * whole.length * 8);
    whole[bit >> 3] ^= 1 << (bit & 7);
    return whole;
  },
  'over-long': (next) => bytes(next, 1501 + Math.floor(next() * 3000)),
  text: (next) => String.fromCharCode(...bytes(next, Math.floor(next() * 100))),
};

describe('malformed messages', () => {
  let worker;
  before(async () => {
    // The rate limit would answer most of them: lift it, so that each reaches the parser.
    worker = await startWorker({ vars: { MESSAGES_PER_SECOND: '1000000' } });
  });
  after(() => worker.stop());

  it(`${MESSAGES} of them each get a STUN error, silence or a close code, and leave the worker answering`, async () => {
    const next = random(20261121);
    const names = Object.keys(kinds);
    const outcomes = new Map();
    const count = (name, what) => outcomes.set(`${name}: ${what}`, (outcomes.get(`${name}: ${what}`) ?? 0) + 1);
    let sent = 0;

    async function sender() {
      let socket = null;
      while (sent < MESSAGES) {
        const name = names[sent++ % names.length];
        if (socket === null || socket.readyState !== 1) socket = await connect(worker);
        count(name, await outcome(socket, kinds[name](next)));
      }
      socket?.terminate();
    }
    await Promise.all(Array.from({ length: 8 }, sender));

    const seen = [...outcomes.keys()];
    const expected = /: (response|error 400|error 420|silence|close 1003|close 1007|close 1009)$/;
    assert.deepEqual(
      seen.filter((line) => !expected.test(line)),
      [],
    );
    assert.equal(
      [...outcomes.values()].reduce((a, b) => a + b),
      MESSAGES,
    );
    const all = (name, what) =>
      assert.deepEqual(
        seen.filter((line) => line.startsWith(name)),
        [`${name}: ${what}`],
      );
    all('text', 'close 1003');
    all('over-long', 'close 1009');
    const socket = await connect(worker);
    assert.equal(decodeMessage((await ask(socket, binding)).reply).class, 'success');
    socket.terminate();
  });

  // A Binding request sent after the message tells silence from an answer that is slow to come: order is kept.
  async function outcome(socket, message) {
    const marker = encodeMessage({ class: 'request', method: 'binding' });
    const id = String(decodeMessage(marker).transactionId);
    const known = new Promise((resolve) => {
      let result = 'silence';
      const finish = (value) => {
        socket.off('message', onMessage);
        socket.off('close', onClose);
        resolve(value);
      };
      const onClose = (code) => finish(`close ${code}`);
      const onMessage = (data) => {
        const reply = decodeMessage(new Uint8Array(data));
        if (String(reply.transactionId) === id) return finish(result);
        result = reply.class === 'error' ? `error ${reply.errorCode.code}` : 'response';
      };
      socket.on('message', onMessage);
      socket.on('close', onClose);
      socket.send(message);
      socket.send(marker);
    });
    return within(known, 'an answer or a close');
  }
});

describe('limits', () => {
  it('of the rate: a flood is cut off with 1008, and others are not disturbed', async (t) => {
    const worker = await start(t);
    const [flooder, other] = [await connect(worker), await connect(worker)];
    const end = closed(flooder);
    let replies = 0;
    flooder.on('message', () => replies++);
    for (let i = 0; i < 5000; i++) flooder.send(binding);
    assert.equal(await end, 1008);
    assert.ok(replies >= 200 && replies < 1000, `${replies} answers`);
    assert.equal(decodeMessage((await ask(other, binding)).reply).class, 'success');
    other.terminate();
  });

  it('of the size: 1500 bytes pass, 1501 do not', async (t) => {
    const worker = await start(t);
    const padded = (length) => {
      // An unknown attribute that need not be understood, to make up the length.
      const value = new Uint8Array(length - 24);
      return encodeMessage({ class: 'request', method: 'binding', attributes: [[0xff77, value]] });
    };
    const socket = await connect(worker);
    assert.equal(padded(1500).length, 1500);
    assert.equal(decodeMessage((await ask(socket, padded(1500))).reply).class, 'success');
    assert.equal((await ask(socket, padded(1504))).close, 1009);
  });

  it('clients that go away without a word leave nothing behind', async (t) => {
    const worker = await start(t);
    for (let i = 0; i < 200; i++) {
      const socket = await connect(worker);
      socket.send(binding);
      socket.terminate();
    }
    const socket = await connect(worker);
    assert.equal(decodeMessage((await ask(socket, binding)).reply).class, 'success');
    socket.terminate();
  });
});
