// Calls that are right but for one field, however deep, which has every odd value in turn: what is refused is refused with
// an error of its own, and nothing traps. Fields whose getter gives another value with every read are among them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as full from 'icelens';
import * as agent from 'icelens/agent';
import * as node from 'icelens/node';
import * as sim from 'icelens/sim';
import * as turnEntry from 'icelens/turn';

const lib = { ...full, ...agent, ...sim, ...turnEntry, ...node };
const at = (address, port) => ({ address, port, family: 'ipv4' });
const LINE = 'candidate:1 1 udp 2130706431 192.0.2.1 3478 typ host';
const SDP =
  'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-ufrag:abcd\r\na=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa\r\n' +
  'm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n';
const request = () =>
  lib.encodeMessage({
    class: 'request',
    method: 'binding',
    attributes: [['USERNAME', 'a']],
    integrity: { password: 'x' },
  });
const candidate = () => ({
  foundation: '1',
  component: 1,
  protocol: 'udp',
  priority: 5,
  address: '192.0.2.1',
  port: 5,
  type: 'srflx',
  tcpType: null,
  relatedAddress: '10.0.0.1',
  relatedPort: 5,
  extensions: [['generation', '0']],
});
const packet = () => ({ local: at('10.0.0.1', 1), remote: at('192.0.2.4', 5), protocol: 'udp', bytes: request() });
const observation = () => ({
  base: '10.0.0.2:5000',
  destination: '203.0.113.10:3478',
  from: '203.0.113.10:3478',
  mapped: '198.51.100.1:5000',
  test: 'binding',
  source: 'stun',
  time: 1,
});
const turn = () => ({ kind: 'turn', address: at('192.0.2.1', 3478), protocol: 'udp', username: 'u', credential: 'p' });
const client = () => ({ server: turn(), local: at('10.0.0.1', 4000), family: 'ipv4' });
const server = () => ({
  listen: [at('192.0.2.1', 3478)],
  relay: ['192.0.2.1'],
  realm: 'r',
  users: { u: 'p' },
  allowPeers: ['10.0.0.0/8'],
  ports: { first: 40_000, last: 41_000 },
  limits: { allocations: 5, perUser: 2 },
  lifetimes: { nonce: 10, allocation: 100 },
});
const credentials = () => ({ ufrag: 'abcd', pwd: 'x'.repeat(22) });
const scenario = () => JSON.parse(scenarioText);
const scenarioText = JSON.stringify(new lib.Simulation('cone-to-cone').scenario);
const media = { concurrent: 5, mediaKbps: 5 };
const behaviour = () => ({ mapping: 'endpoint-independent', filtering: 'address-dependent' });

let held = null;
/** An agent in use. */
function iceAgent() {
  try {
    if (held?.state !== undefined) return held;
  } catch {
    // It was lost with its instance, which is told where that happened.
  }
  held = new lib.IceAgent({ controlling: true });
  return held;
}

/** By name: arguments that are right, and the call. */
const calls = {
  encodeMessage: [
    () => [
      {
        class: 'request',
        method: 'binding',
        transactionId: new Uint8Array(12),
        dialect: 'rfc8489',
        attributes: [
          ['USERNAME', 'a'],
          ['XOR-MAPPED-ADDRESS', at('192.0.2.4', 5)],
          ['PRIORITY', 5],
          ['ICE-CONTROLLED', 5n],
          ['ERROR-CODE', { code: 400, reason: 'x' }],
          ['UNKNOWN-ATTRIBUTES', [1, 2]],
        ],
        integrity: { username: 'u', realm: 'r', password: 'p', algorithm: 'md5', sha256: 'both' },
        fingerprint: true,
        padding: 0,
      },
    ],
    lib.encodeMessage,
  ],
  decodeMessage: [() => [request()], lib.decodeMessage],
  isStunMessage: [() => [request()], lib.isStunMessage],
  'StunMessage.verify': [
    () => [{ username: 'u', realm: 'r', password: 'p', algorithm: 'md5' }],
    (...args) => lib.decodeMessage(request()).verify(...args),
  ],
  'StunMessage.get': [() => ['USERNAME'], (...args) => lib.decodeMessage(request()).get(...args)],
  parseCandidate: [() => [{ candidate: LINE, sdpMid: '0', sdpMLineIndex: 0 }], lib.parseCandidate],
  formatCandidate: [() => [candidate()], lib.formatCandidate],
  candidatePriority: [() => [{ type: 'host', localPreference: 5, component: 1 }], lib.candidatePriority],
  pairPriority: [() => [1, 2], lib.pairPriority],
  formCheckList: [() => [[LINE, candidate()], [LINE, candidate()], { controlling: true, limit: 5 }], lib.formCheckList],
  parseSdp: [() => [{ sdp: SDP, type: 'offer' }], lib.parseSdp],
  'Sdp.edit.setAttribute': [
    () => [0, 'x', 'y'],
    (...args) =>
      lib
        .parseSdp(SDP)
        .edit()
        .setAttribute(...args),
  ],
  'Sdp.edit.removeAttribute': [
    () => [0, 'mid'],
    (...args) =>
      lib
        .parseSdp(SDP)
        .edit()
        .removeAttribute(...args),
  ],
  'Sdp.edit.addCandidate': [
    () => [0, candidate()],
    (...args) =>
      lib
        .parseSdp(SDP)
        .edit()
        .addCandidate(...args),
  ],
  scan: [() => [SDP], lib.scan],
  analyze: [() => [SDP, { onProgress() {}, signal: new AbortController().signal }], lib.analyze],
  predictOffer: [() => [SDP], lib.predictOffer],
  predictCandidate: [() => [LINE], lib.predictCandidate],
  inferNat: [() => [[observation(), observation()]], lib.inferNat],
  predictTraversal: [() => [behaviour(), behaviour(), { filterScope: 'endpoint' }], lib.predictTraversal],
  NatDiscovery: [
    () => [{ procedure: 'rfc5780', server: at('192.0.2.1', 3478), tests: ['mapping', 'filtering'] }],
    (options) => new lib.NatDiscovery(options).free(),
  ],
  StunServer: [
    () => [{ primary: at('192.0.2.1', 3478), other: at('192.0.2.2', 3479), software: 'x', rate: 5 }],
    (options) => new lib.StunServer(options).free(),
  ],
  'createResponder, short-term': [
    () => [{ software: 'x', shortTerm: { username: 'u', password: 'p' }, fingerprint: true }],
    (options) => lib.createResponder(options).answer(request(), { address: '192.0.2.4', port: 5 }, 5),
  ],
  'createResponder, long-term': [
    () => [{ longTerm: { realm: 'r', users: { u: 'p' } } }],
    (options) => lib.createResponder(options).answer(request(), { address: '192.0.2.4', port: 5 }, 5),
  ],
  'Responder.answer': [
    () => [request(), { address: '192.0.2.4', port: 5 }, 5],
    (...args) => lib.createResponder({}).answer(...args),
  ],
  IceAgent: [
    () => [
      {
        controlling: true,
        lite: false,
        nomination: 'regular',
        renomination: false,
        profile: 'chrome',
        tieBreaker: 5n,
        pacing: 20,
        streams: 1,
        components: 1,
        pairLimit: 50,
        credentials: credentials(),
        servers: [turn()],
      },
    ],
    (options) => new lib.IceAgent(options).free(),
  ],
  'IceAgent.setRemoteCredentials': [
    () => [{ ...credentials(), lite: false, options: ['ice2'], pacing: 5 }],
    (...args) => iceAgent().setRemoteCredentials(...args),
  ],
  'IceAgent.addLocalCandidate': [
    () => [{ ...candidate(), stream: 0, base: at('10.0.0.1', 5) }],
    (...args) => iceAgent().addLocalCandidate(...args),
  ],
  'IceAgent.addRemoteCandidate': [() => [candidate(), 0], (...args) => iceAgent().addRemoteCandidate(...args)],
  'IceAgent.removeRemoteCandidate': [() => [LINE, 0], (...args) => iceAgent().removeRemoteCandidate(...args)],
  'IceAgent.removeLocalAddress': [() => [at('10.0.0.1', 5)], (...args) => iceAgent().removeLocalAddress(...args)],
  'IceAgent.receive': [() => [5, packet()], (...args) => iceAgent().receive(...args)],
  'IceAgent.send': [() => [5, new Uint8Array(5), 1], (...args) => iceAgent().send(...args)],
  'IceAgent.restart': [() => [credentials()], (...args) => iceAgent().restart(...args)],
  'IceAgent.timeout': [() => [5], (...args) => iceAgent().timeout(...args)],
  TurnClient: [() => [client()], (options) => new lib.TurnClient(options).free()],
  'TurnClient.receive': [() => [5, packet()], (...args) => new lib.TurnClient(client()).receive(...args)],
  TurnServer: [() => [server()], (options) => new lib.TurnServer(options).free()],
  'TurnServer.receive': [() => [5, packet()], (...args) => new lib.TurnServer(server()).receive(...args)],
  Simulation: [() => [scenario(), { seed: 5 }], (...args) => new lib.Simulation(...args).free()],
  traversalMatrix: [
    () => [{ kinds: [behaviour()], relay: true, filterScope: 'endpoint', seed: 5 }],
    lib.traversalMatrix,
  ],
  simulatePopulation: [
    () => [{ mix: [{ nat: { preset: 'home' }, share: 1 }], calls: 1, turn: ['udp'], loss: 0, seed: 5, profile: 'rfc' }],
    lib.simulatePopulation,
  ],
  relayBandwidth: [() => [{ relayed: { share: 0.1 } }, { ...media }], lib.relayBandwidth],
  // Refused before anything is bound: see `only`.
  serveStun: [() => [{ primary: 5, other: 5, rate: 5, turn: 5 }], lib.serveStun],
  discoverNat: [() => [{ servers: 5, local: 5, ports: 5 }], lib.discoverNat],
};

const hostile = () =>
  new Proxy(
    {},
    {
      get() {
        throw new Error('a trap of the caller');
      },
      has() {
        throw new Error('a trap of the caller');
      },
    },
  );
const odd = [
  () => undefined,
  () => null,
  () => 5,
  () => -1,
  () => 1.5,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => 2 ** 32,
  () => 10n,
  () => -(2n ** 70n),
  () => true,
  () => Symbol('x'),
  () => () => 1,
  () => [],
  () => [[]],
  () => new Array(5),
  () => ({}),
  () => Object.create(null),
  () => ({ length: 1e9 }),
  () => ({ length: -1 }),
  () => '',
  () => '\ud800\0',
  () => 'x'.repeat(70_000),
  () => new String('abcd'),
  () => new Uint8Array(3),
  hostile,
];

/** Every place in the arguments. */
function places(value, path = []) {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [path];
  return [path, ...Object.keys(value).flatMap((key) => places(value[key], [...path, key]))];
}

function put(root, path, value) {
  const last = path.at(-1);
  const owner = path.slice(0, -1).reduce((object, key) => object[key], root);
  owner[last] = value;
}

/** A field that is right when it is looked at first, and odd later on. */
function turnOdd(root, path, value) {
  const owner = path.slice(0, -1).reduce((object, key) => object[key], root);
  const right = owner[path.at(-1)];
  let reads = 0;
  Object.defineProperty(owner, path.at(-1), { get: () => (reads++ === 0 ? right : value) });
}

/** Words of the engine: the call went on with a value that it can't use. */
const ENGINE =
  /Cannot (?:read|convert|mix|destructure|set|create|access)|is not a (?:function|constructor)|not iterable|call stack|null pointer|recursive use|Invalid (?:array|typed)|is gone/;

function judge(what, error) {
  assert.ok(error instanceof Error, what);
  if (error.message === 'a trap of the caller') return;
  assert.ok(!(error instanceof WebAssembly.RuntimeError), `${what}: ${error.stack}`);
  // A getter that is read again may do as it likes, so long as no memory is touched.
  if (!what.endsWith(LATER)) assert.doesNotMatch(error.message, ENGINE, `${what}: ${error.stack}`);
  else assert.doesNotMatch(error.message, /is gone/, `${what}: ${error.stack}`);
}

async function attempt(what, call, args) {
  try {
    await call(...args);
  } catch (error) {
    judge(what, error);
  }
}

const LATER = ' later on';
const described = (value) => {
  try {
    return typeof value === 'object' ? JSON.stringify(value)?.slice(0, 40) : String(value).slice(0, 20);
  } catch {
    return 'a hostile object';
  }
};

for (const [name, [right, call]] of Object.entries(calls)) {
  test(`${name}: one odd field is refused, or read`, async () => {
    await attempt(`${name} as it should be`, call, right());
    for (const path of places(right()).filter(({ length }) => length > 0)) {
      for (const make of odd) {
        const what = `${name} with ${path.join('.')} = ${described(make())}`;
        for (const place of path.length > 1 ? [put, turnOdd] : [put]) {
          const args = right();
          place(args, path, make());
          await attempt(what + (place === turnOdd ? LATER : ''), call, args);
        }
      }
    }
    assert.equal(lib.parseCandidate(LINE).candidate.port, 3478);
    assert.equal(lib.decodeMessage(request()).username, 'a');
  });
}

// An error that passes through the wasm leaves its stack as it was: one of a mebibyte was used up after 500 calls.
test('values that can’t be described leave nothing of the stack behind', () => {
  const odd = {
    get [Symbol.toStringTag]() {
      throw new Error('no description');
    },
  };
  const given = observation();
  for (const key of ['time', 'sends', 'plain', 'interface']) {
    for (let i = 0; i < 1000; i++) {
      assert.throws(() => lib.inferNat([{ ...given, [key]: odd }]), {
        name: 'TypeError',
        message: new RegExp(`${key}: .+ is expected`),
      });
    }
  }
});
