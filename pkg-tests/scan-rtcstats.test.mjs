// Dumps of rtcstats, in the older form and in file format 3: the same connection, pairs, sides and advice.
import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { analyze } from 'icelens';

const START = 1_790_000_000_000;

const sdp = (ufrag, setup, session) =>
  ['v=0', `o=- ${session} 2 IN IP4 127.0.0.1`, 's=-', 't=0 0', 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel']
    .concat(['c=IN IP4 0.0.0.0', `a=ice-ufrag:${ufrag}`, `a=ice-pwd:${ufrag}fs93hbZLuUE2K50HVbkr`])
    .concat(['a=ice-options:trickle ice2', `a=fingerprint:sha-256 ${Array(32).fill('68').join(':')}`])
    .concat([`a=setup:${setup}`, 'a=mid:0', 'a=sctp-port:5000', ''])
    .join('\r\n');
const offer = { type: 'offer', sdp: sdp('kz5u', 'actpass', 11) };
const answer = { type: 'answer', sdp: sdp('KCs5', 'active', 22) };
const candidate = (ufrag, address) => ({
  candidate: `candidate:1 1 udp 2122260223 ${address} 50000 typ host generation 0 ufrag ${ufrag}`,
  sdpMid: '0',
  sdpMLineIndex: 0,
});

/** Rows [method, value, milliseconds since the start]; `getStats` has whole reports. */
const begin = [
  ['create', { iceServers: [{ urls: 'stun:stun.example.org' }] }, 0],
  ['createOffer', null, 5],
  ['createOfferOnSuccess', offer, 9],
  ['setLocalDescription', offer, 10],
  ['setLocalDescriptionOnSuccess', null, 12],
  ['onicegatheringstatechange', 'gathering', 13],
  ['onicecandidate', candidate('kz5u', '192.0.2.7'), 15],
];
const rest = [
  ['setRemoteDescription', answer, 50],
  ['addIceCandidate', candidate('KCs5', '198.51.100.9'), 60],
  ['onicegatheringstatechange', 'complete', 113],
];

const sample = (state, ice, requestsSent, responsesReceived) => ({
  CP: { type: 'candidate-pair', state, requestsSent, responsesReceived, localCandidateId: 'L', remoteCandidateId: 'R' },
  T: { type: 'transport', iceState: ice, dtlsState: ice === 'connected' ? 'connected' : 'new' },
  L: { type: 'local-candidate', candidateType: 'host', address: '192.0.2.7', port: 50000, protocol: 'udp' },
  R: { type: 'remote-candidate', candidateType: 'host', address: '198.51.100.9', port: 50000, protocol: 'udp' },
});
const failing = [
  ['getStats', sample('in-progress', 'checking', 1, 0), 1_000],
  ['getStats', sample('failed', 'failed', 12, 0), 15_000],
];
const working = [
  ['getStats', sample('in-progress', 'checking', 1, 0), 1_000],
  ['getStats', sample('succeeded', 'connected', 12, 12), 15_000],
];

/** Only what changed since the sample before, as the library sends it. */
function delta(before, report) {
  const changed = Object.entries(report).filter(([name, value]) => before?.[name] !== value);
  return Object.fromEntries(changed);
}

function older(rows) {
  let before = {};
  const lines = rows.map(([method, value, at]) => {
    if (method !== 'getStats') return [method, 'PC_0', value, START + at];
    const reports = Object.entries(value).map(([id, report]) => [id, { ...delta(before[id], report), timestamp: 0 }]);
    before = value;
    return ['getstats', 'PC_0', { ...Object.fromEntries(reports), timestamp: START + at }, START + at];
  });
  return text([{ path: '/', origin: 'https://app.example.org', userAgent: 'Browser' }, ...lines]);
}

const METHODS = { create: 39, createOffer: 2, createOfferOnSuccess: 3, setLocalDescription: 6 };
Object.assign(METHODS, {
  setLocalDescriptionOnSuccess: 7,
  setRemoteDescription: 8,
  addIceCandidate: 10,
  getStats: 'g',
});
Object.assign(METHODS, { setRemoteDescriptionOnFailure: 15, addIceCandidateOnFailure: 16, onicecandidate: 20 });
Object.assign(METHODS, { onicecandidateerror: 21, onicegatheringstatechange: 26 });
const MEMBERS = {
  protocol: 116,
  state: 118,
  dtlsState: 123,
  iceState: 124,
  address: 134,
  port: 135,
  candidateType: 136,
};
Object.assign(MEMBERS, { localCandidateId: 148, remoteCandidateId: 149, requestsSent: 156, responsesReceived: 157 });
const IDS = { CP: '0', T: '1', L: '2', R: '3' };
const TYPES = { 'candidate-pair': 6, transport: 5, 'local-candidate': 7, 'remote-candidate': 8 };

function newer(rows) {
  let last = 0;
  let before = {};
  const lines = rows.map(([method, value, at]) => {
    const time = START + at - last;
    last = START + at;
    if (method !== 'getStats') return [METHODS[method] ?? method, 'PC_0', value, time];
    const reports = Object.entries(value).map(([id, report]) => {
      const members = Object.entries(delta(before[id], report));
      const short = members.map(([name, one]) => [MEMBERS[name] ?? name, TYPES[one] ?? IDS[one] ?? one]);
      return [IDS[id], Object.fromEntries(short)];
    });
    before = value;
    return ['g', 'PC_0', { ...Object.fromEntries(reports), t: START + at }, 'connected-0', time];
  });
  return `RTCStatsDump\n${text([{ fileFormat: 3, userAgent: 'Browser', url: 'https://app.example.org' }, ...lines])}`;
}

const text = (lines) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');
const told = ({ advice }) => advice.filter(({ severity }) => severity !== 'info').map(({ code }) => code);

for (const [name, form] of Object.entries({ older, newer })) {
  test(`${name}: a connection that failed`, async () => {
    const analysis = await analyze(form([...begin, ...rest, ...failing]));
    assert.equal(analysis.format, 'rtcstats');
    const { userAgent, connections } = analysis.dump;
    assert.equal(userAgent, 'Browser');
    const [{ id, url, pairs, transports }] = connections;
    assert.deepEqual([id, url], ['PC_0', 'https://app.example.org']);
    const [{ states, requestsSent, responsesReceived, local, remote }] = pairs;
    assert.deepEqual(
      states.map(({ time, value }) => [time - START, value]),
      [
        [1_000, 'in-progress'],
        [15_000, 'failed'],
      ],
    );
    assert.deepEqual([requestsSent, responsesReceived], [12, 0]);
    assert.deepEqual([local.address, local.type, remote.address], ['192.0.2.7', 'host', '198.51.100.9']);
    assert.equal(transports[0].iceStates.at(-1).value, 'failed');
    assert.deepEqual(told(analysis), ['dump.no-pair']);
  });

  test(`${name}: descriptions and candidates have their side, and are one session`, async () => {
    const { findings, sessions } = await analyze(form([...begin, ...rest, ...failing]));
    assert.deepEqual(
      findings.map(({ kind, side }) => [kind, side]),
      [
        ['sdp', 'local'],
        ['sdp', 'local'],
        ['candidate', 'local'],
        ['sdp', 'remote'],
        ['candidate', 'remote'],
      ],
    );
    assert.deepEqual(
      sessions.map(({ connection, offerer, answerer }) => [connection, offerer.side, answerer.candidates.length]),
      [['PC_0', 'local', 1]],
    );
  });

  test(`${name}: a connection that worked, and how long gathering took`, async () => {
    const analysis = await analyze(form([...begin, ...rest, ...working]));
    assert.deepEqual(told(analysis), []);
    const { parameters } = analysis.advice.find(({ code }) => code === 'dump.gathering-time');
    assert.equal(parameters.time, 100);
  });

  test(`${name}: calls that failed, and candidates before the description`, async () => {
    const reason = 'InvalidStateError: The remote description was null';
    const early = [
      ['addIceCandidate', candidate('KCs5', '198.51.100.9'), 40],
      ['addIceCandidateOnFailure', reason, 41],
    ];
    const analysis = await analyze(form([...begin, ...early, ...rest, ...working]));
    assert.deepEqual(told(analysis), ['dump.call-failed', 'dump.candidate-early']);
    const { text } = analysis.advice.find(({ code }) => code === 'dump.call-failed');
    assert.match(text, /addIceCandidate failed \(1 time\): "InvalidStateError: The remote description was null"/);
  });

  test(`${name}: offers that crossed`, async () => {
    const theirs = { type: 'offer', sdp: sdp('KCs5', 'actpass', 22) };
    const glare = [['setRemoteDescription', theirs, 30]];
    const settled = await analyze(form([...begin, ...glare, ...rest, ...working]));
    assert.match(settled.advice.find(({ code }) => code === 'dump.glare').text, /One side gave way/);
    glare.push(['setRemoteDescriptionOnFailure', 'InvalidStateError: wrong state', 31]);
    const refused = await analyze(form([...begin, ...glare, ...rest, ...working]));
    assert.ok(told(refused).includes('dump.glare'));
  });

  test(`${name}: gzip, and a last line that is cut off`, async () => {
    const whole = form([...begin, ...rest, ...failing]);
    const packed = await analyze(new Uint8Array(gzipSync(whole)));
    assert.equal(packed.format, 'rtcstats');
    const cut = await analyze(whole.slice(0, -40));
    assert.deepEqual(
      cut.dump.connections[0].pairs[0].states.map(({ value }) => value),
      ['in-progress'],
    );
  });
}

test('sections that are those of the description before are put in', async () => {
  const short = { type: 'offer', sdp: 'v=\r\nm=\r\n' };
  const rows = begin.map(([method, value, at]) => [method, method === 'setLocalDescription' ? short : value, at]);
  const [plain, packed] = [newer([...begin, ...rest]), newer([...rows, ...rest])];
  assert.notEqual(plain, packed);
  const [expected, got] = [await analyze(plain), await analyze(packed)];
  const descriptions = ({ findings }) => findings.filter(({ kind }) => kind === 'sdp');
  assert.deepEqual(
    descriptions(got).map(({ text, side }) => [text, side]),
    descriptions(expected).map(({ text, side }) => [text, side]),
  );
  assert.deepEqual(told(got), told(expected));
  const place = packed.indexOf('v=\\r\\nm=\\r\\n');
  assert.ok(descriptions(got).some(({ start, end }) => start === place && end > start));
});

test('a log with arrays in it is not a dump', async () => {
  const { format } = await analyze('["a"]\n[1, 2]\n["getStats was called"]\nmore\n');
  assert.equal(format, 'text');
});
