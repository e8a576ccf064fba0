// Memory between the calls of one wasm instance: areas that move and grow, and instances that trapped.
import assert from 'node:assert/strict';
import { test } from 'node:test';

// Whether the instance of a build traps in the next call, and leaves its memory as a trap may: overwritten.
let trapIn = null;
let instances = 0;
const Real = WebAssembly.Instance;
WebAssembly.Instance = new Proxy(Real, {
  construct(_, [module, imports]) {
    instances++;
    const { exports } = new Real(module, imports);
    const wrapped = Object.entries(exports).map(([name, value]) => [
      name,
      typeof value === 'function' ? trapping(name, value, exports.memory) : value,
    ]);
    return { exports: Object.fromEntries(wrapped) };
  },
});

function trapping(name, call, memory) {
  const wrapper = (...args) => {
    if (trapIn?.test(name)) {
      trapIn = null;
      new Uint8Array(memory.buffer).fill(0xcc);
      throw new WebAssembly.RuntimeError('unreachable');
    }
    return call(...args);
  };
  return Object.defineProperty(wrapper, 'length', { value: call.length });
}

const full = await import('icelens');
const small = await import('icelens/stun');
const sdp = await import('icelens/sdp');
const entries = Object.entries({ icelens: full, 'icelens/stun': small, 'icelens/sdp': sdp });

const id = new Uint8Array(12).fill(7);
const LINE = 'candidate:1 1 udp 2130706431 192.0.2.1 3478 typ host';
const SDP = `v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=${LINE}\r\na=mid:0\r\n`;

test('importing instantiates nothing', () => {
  assert.equal(instances, 0);
});

for (const [entry, library] of entries) {
  test(`${entry}: a message is right whatever its size, after any other call`, () => {
    const { decodeMessage, encodeMessage, parseCandidate, parseSdp } = library;
    const message = (n) =>
      encodeMessage({
        class: 'request',
        method: 'binding',
        transactionId: id,
        attributes: [
          ['SOFTWARE', 'x'.repeat(n % 700)],
          ['DATA', new Uint8Array(n).fill(n)],
        ],
      });
    const others = [
      () => {},
      (n) => decodeMessage(message(4)).verify({ password: `p${n}` }),
      () => parseCandidate?.(LINE),
      (n) => parseSdp?.(`v=0\r\n${'a=candidate:1 1 udp 1 1.2.3.4 5 typ host x é\r\n'.repeat(n % 300)}`),
    ];
    for (const other of others) {
      for (const n of [0, 10, 1024, 1400, 1900, 1950, 2048, 3000, 4000, 5000, 9000, 20_000, 40_000, 60_000]) {
        other(n);
        const { attributes } = decodeMessage(message(n));
        assert.deepEqual(
          attributes.map(({ name }) => name),
          ['SOFTWARE', 'DATA'],
        );
        assert.equal(attributes[1].length, n);
        assert.ok(attributes[1].value.every((byte) => byte === (n & 255)));
        if (parseCandidate) assert.equal(parseCandidate(LINE).candidate.port, 3478);
      }
    }
  });

  test(`${entry}: the call after a trap works, with keys and responders as before`, () => {
    const { createResponder, decodeMessage, encodeMessage } = library;
    const responder = createResponder({ software: 'kept', fingerprint: true });
    const integrity = { password: 'p' };
    const sign = () => encodeMessage({ class: 'request', method: 'binding', transactionId: id, integrity });
    const signed = sign();
    for (const name of [/^stun_decode$/, /^stun_verify$/, /^stun_encode$/, /^stun_key$/, /^stun_answer$/]) {
      trapIn = name;
      const calls = () => {
        decodeMessage(signed).verify({ password: 'p' });
        decodeMessage(signed).verify({ password: `q${name}` });
        sign();
        responder.answer(signed, { address: '192.0.2.1', port: 5 });
      };
      assert.throws(calls, WebAssembly.RuntimeError, String(name));
      assert.equal(trapIn, null);
      assert.equal(decodeMessage(signed).verify({ password: 'p' }), 'valid');
      assert.equal(decodeMessage(signed).verify({ password: 'q' }), 'invalid');
      assert.deepEqual(sign(), signed);
      const { response } = responder.answer(signed, { address: '192.0.2.1', port: 5 });
      assert.equal(decodeMessage(response).software, 'kept');
      assert.equal(decodeMessage(response).fingerprint, 'valid');
    }
  });
}

test('a message that was decoded before a trap is verified after it', () => {
  const { decodeMessage, encodeMessage, parseCandidate } = full;
  const message = decodeMessage(encodeMessage({ class: 'request', method: 'binding', integrity: { password: 'p' } }));
  trapIn = /^candidate_parse$/;
  assert.throws(() => parseCandidate(LINE), WebAssembly.RuntimeError);
  assert.equal(message.verify({ password: 'p' }), 'valid');
  assert.equal(parseCandidate(LINE).candidate.port, 3478);
});

test('descriptions, check lists and predictions work after a trap', () => {
  const works = {
    sdp_parse: () => full.parseSdp(SDP).media.length === 1,
    check_list_form: () => full.formCheckList([LINE], [LINE], { controlling: true }).pairs.length === 1,
    sdp_predict: () => full.predictOffer(SDP).chromium !== undefined,
    candidate_predict: () => full.predictCandidate(LINE).chromium.outcome === 'used',
  };
  for (const [name, call] of Object.entries(works)) {
    trapIn = new RegExp(`^${name}$`);
    assert.throws(call, WebAssembly.RuntimeError);
    assert.ok(call(), name);
  }
});

test('NAT and scanning work after a trap; an object of the instance that trapped is gone and says so', () => {
  const side = { mapping: 'endpoint-independent', filtering: 'endpoint-independent' };
  const discovery = new full.NatDiscovery({ server: { address: '192.0.2.1', port: 3478, family: 'ipv4' } });
  discovery.timeout(0);
  const other = new full.NatDiscovery({ server: { address: '192.0.2.1', port: 3478, family: 'ipv4' } });
  trapIn = /^wasmdiscovery_timeout$/;
  assert.throws(() => discovery.timeout(1), WebAssembly.RuntimeError);
  assert.throws(() => discovery.timeout(2), /this NatDiscovery is gone/);
  assert.equal(full.predictTraversal(side, side).direct, true);
  const fresh = new full.NatDiscovery({ server: { address: '192.0.2.1', port: 3478, family: 'ipv4' } });
  fresh.timeout(0);
  assert.ok(fresh.pollTransmit());
  // Those of the same memory are gone too.
  assert.throws(() => other.timeout(0));
  trapIn = /^scanjob_step$/;
  assert.throws(() => full.scan(SDP), WebAssembly.RuntimeError);
  assert.equal(full.scan(SDP).length, 1);
});
