// Reports of getStats() and dumps of webrtc-internals in the shapes that people paste: each tells of the same pair.
import assert from 'node:assert/strict';
import test from 'node:test';
import { inspect } from 'node:util';
import { analyze } from 'icelens';

const reports = [
  {
    id: 'L1',
    timestamp: 1,
    type: 'local-candidate',
    candidateType: 'host',
    address: '10.0.0.4',
    port: 50000,
    protocol: 'udp',
  },
  {
    id: 'R1',
    timestamp: 1,
    type: 'remote-candidate',
    candidateType: 'host',
    address: '192.168.7.9',
    port: 50002,
    protocol: 'udp',
  },
  {
    id: 'CP1',
    timestamp: 1,
    type: 'candidate-pair',
    localCandidateId: 'L1',
    remoteCandidateId: 'R1',
    state: 'failed',
    requestsSent: 12,
    responsesReceived: 0,
  },
];
const map = new Map(reports.map((report) => [report.id, report]));
const valuesOf = ({ id: _, type: __, timestamp: ___, ...values }) => values;
const dart = (value) => inspect(value, { breakLength: Number.POSITIVE_INFINITY }).replaceAll("'", '');

const shapes = {
  'an array': JSON.stringify(reports),
  'a Map as entries': JSON.stringify([...map]),
  'an object by id': JSON.stringify(Object.fromEntries(map)),
  'within another object': JSON.stringify({ room: 7, stats: reports }),
  'one after the other in time': JSON.stringify([
    { time: 1, report: reports },
    { time: 2, report: reports },
  ]),
  'React Native': JSON.stringify(
    reports.map((report) => ({
      ...report,
      values: Object.entries(valuesOf(report)).map(([name, value]) => ({ [name]: value })),
    })),
  ),
  'lines of JSON': reports.map((report) => JSON.stringify(report)).join('\n'),
  'lines of a log': reports.map((report) => `12:00:01 stats ${JSON.stringify(report)}`).join('\n'),
  'as Node prints an array': inspect(reports, { breakLength: 80 }),
  'as Node prints a Map': `RTCStatsReport ${inspect(map)}`,
  Flutter: reports
    .map(
      (report) =>
        `StatsReport{id: ${report.id}, type: ${report.type}, timestamp: 1, values: ${dart(valuesOf(report))}}`,
    )
    .join(', '),
};

const series = (name, values) => ({ values: JSON.stringify(values), statsType: name });
const internals = {
  getUserMedia: [],
  PeerConnections: {
    '11-1': {
      url: 'https://example.org/',
      rtcConfiguration: '{ iceServers: [turn:turn.example.org:3478], iceTransportPolicy: all }',
      updateLog: [{ time: '1/1/2026, 12:00:00 AM', type: 'iceconnectionstatechange', value: '"failed"' }],
      stats: {
        'L1-address': series('local-candidate', ['10.0.0.4']),
        'L1-port': series('local-candidate', [50000]),
        'L1-candidateType': series('local-candidate', ['host']),
        'R1-address': series('remote-candidate', ['192.168.7.9']),
        'R1-port': series('remote-candidate', [50002]),
        'R1-candidateType': series('remote-candidate', ['host']),
        'CP1-localCandidateId': series('candidate-pair', ['L1']),
        'CP1-remoteCandidateId': series('candidate-pair', ['R1']),
        'CP1-requestsSent': series('candidate-pair', [1, 12]),
        'CP1-responsesReceived': series('candidate-pair', [0, 0]),
        'CP1-state': series('candidate-pair', ['in-progress', 'failed']),
      },
    },
  },
  UserAgent: 'Mozilla/5.0',
};
const whole = JSON.stringify(internals, null, 2);
const dumps = {
  'webrtc-internals': whole,
  'webrtc-internals in other text': `This is my dump:\n\n${whole}\n\nWhat is wrong?\n`,
  'webrtc-internals that is cut off': whole.slice(0, whole.indexOf('"UserAgent"') - 30),
  'webrtc-internals with values as lists': whole.replaceAll(/"(\[.*\])"/g, (_, list) => list.replaceAll('\\"', '"')),
};

for (const [name, text] of Object.entries({ ...shapes, ...dumps })) {
  test(name, async () => {
    const { dump, servers, advice } = await analyze(text);
    const pairs = dump.connections.flatMap((connection) => connection.pairs);
    assert.deepEqual(
      pairs.map(({ local, remote, states, requestsSent, responsesReceived }) => [
        `${local.type} ${local.address}:${local.port}`,
        `${remote.type} ${remote.address}:${remote.port}`,
        states.at(-1)?.value,
        Number(requestsSent),
        Number(responsesReceived),
      ]),
      [['host 10.0.0.4:50000', 'host 192.168.7.9:50002', 'failed', 12, 0]],
    );
    assert.deepEqual(
      advice.filter(({ severity }) => severity === 'error').map(({ code }) => code),
      ['dump.no-pair'],
    );
    assert.deepEqual(servers, []);
  });
}

/** The connection that failed as Chromium before version 117 counted it: every value is a text. */
const old = {
  'Conn-0-1-0': {
    type: 'googCandidatePair',
    googChannelId: 'Channel-0-1',
    googActiveConnection: 'false',
    googWritable: 'false',
    googReadable: 'false',
    googLocalAddress: '10.0.0.4:50000',
    googLocalCandidateType: 'local',
    googRemoteAddress: '192.168.7.9:50002',
    googRemoteCandidateType: 'local',
    googTransportType: 'udp',
    requestsSent: '12',
    responsesReceived: '0',
  },
};
const oldSeries = Object.fromEntries(
  Object.entries(old).flatMap(([id, report]) =>
    Object.entries(report)
      .filter(([name]) => name !== 'type')
      .map(([name, value]) => [`${id}-${name}`, { startTime: 1, endTime: 2, values: JSON.stringify([value, value]) }]),
  ),
);
const oldInternals = structuredClone(internals);
oldInternals.PeerConnections['11-1'].stats = oldSeries;
const oldShapes = {
  'old webrtc-internals': JSON.stringify(oldInternals, null, 1),
  'old getStats()': JSON.stringify(Object.entries(old).map(([id, report]) => ({ id, timestamp: 1, ...report }))),
  'old getStats() of a console': `stats ${JSON.stringify({ id: 'Conn-0-1-0', ...old['Conn-0-1-0'] })}\nfailed\n`,
};

for (const [name, text] of Object.entries(oldShapes)) {
  test(name, async () => {
    const { dump, advice } = await analyze(text);
    const [{ local, remote, states, requestsSent }] = dump.connections[0].pairs;
    assert.deepEqual([local.type, local.address, local.port], ['host', '10.0.0.4', 50000]);
    assert.deepEqual([remote.type, remote.address, remote.port], ['host', '192.168.7.9', 50002]);
    assert.deepEqual([states.at(-1).value, requestsSent], ['in-progress', 12]);
    assert.ok(advice.some(({ code }) => code === 'dump.no-pair'));
  });
}

test('old statistics of a pair that worked: it is selected, with its candidates by id', async () => {
  const working = structuredClone(old);
  Object.assign(working['Conn-0-1-0'], {
    googActiveConnection: 'true',
    googWritable: 'true',
    responsesReceived: '11',
    googRtt: '25',
    localCandidateId: 'Cand-1',
    remoteCandidateId: 'Cand-2',
  });
  const candidate = { ipAddress: '203.0.113.7', portNumber: '6000', transport: 'udp', priority: '1677729535' };
  working['Cand-1'] = { type: 'localcandidate', candidateType: 'serverreflexive', ...candidate };
  working['Cand-2'] = { type: 'remotecandidate', candidateType: 'relayed', ...candidate };
  const { dump, advice } = await analyze(
    JSON.stringify(Object.entries(working).map(([id, report]) => ({ id, timestamp: 1, ...report }))),
  );
  const [{ pairs, transports, candidates }] = dump.connections;
  assert.deepEqual([pairs[0].local.type, pairs[0].remote.type], ['srflx', 'relay']);
  assert.deepEqual([pairs[0].states.at(-1).value, pairs[0].currentRoundTripTime], ['succeeded', 0.025]);
  assert.deepEqual([candidates.local.length, candidates.remote.length], [1, 1]);
  assert.equal(transports[0].selected.at(-1).value, 'Conn-0-1-0');
  assert.ok(!advice.some(({ code }) => code === 'dump.no-pair'));
});

test('reports in a log leave the log readable', async () => {
  const log = 'ice INFO: 2026/11/28 19:42:34 Setting new connection state: Failed\n';
  const { format, dump, logs } = await analyze(log + shapes['lines of a log']);
  assert.deepEqual([format, dump.connections.length, logs.map(({ family }) => family)], ['text', 1, ['pion']]);
});
