// analyze() of the built package: sessions, dumps, captures, advice, progress and cancelling.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { analyze, pairPriority } from 'icelens';

const fixture = (name) => readFileSync(new URL(`../tests/fixtures/scan/${name}`, import.meta.url));
const log = fixture('seed-000.txt').toString('utf8');

const codes = ({ advice }) => advice.map(({ code }) => code);

/** A description of one data channel. */
function sdp({
  ufrag = 'aaaa',
  pwd = 'abcdefghijklmnopqrstuv',
  setup = 'actpass',
  id = '1',
  lines = [],
  lite = false,
} = {}) {
  const head = ['v=0', `o=- ${id} 2 IN IP4 127.0.0.1`, 's=-', 't=0 0', ...(lite ? ['a=ice-lite'] : [])];
  const media = ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0', `a=ice-ufrag:${ufrag}`];
  return `${[...head, ...media, `a=ice-pwd:${pwd}`, `a=setup:${setup}`, 'a=mid:0', ...lines].join('\r\n')}\r\n`;
}

const offer = (options) => `local offer:\n${sdp(options)}\n`;
const answer = (options) => `remote answer:\n${sdp({ ufrag: 'bbbb', setup: 'active', id: '2', ...options })}\n`;
const host = (address, port = 5000, extra = '') => `a=candidate:1 1 udp 2130706431 ${address} ${port} typ host${extra}`;
const srflx = (port, base = '10.0.0.1', basePort = 5000) =>
  `a=candidate:2 1 udp 1694498815 198.51.100.1 ${port} typ srflx raddr ${base} rport ${basePort}`;

test('the seed log: three sessions of two agents on one machine', async () => {
  const { sessions, advice, format } = await analyze(log);
  assert.equal(format, 'text');
  assert.equal(sessions.length, 3);
  for (const [index, { offerer, answerer, findings }] of sessions.entries()) {
    assert.deepEqual([offerer.side, answerer.side, findings.length], ['local', 'remote', 6]);
    for (const agent of [offerer, answerer]) {
      assert.deepEqual([agent.descriptions.length, agent.candidates.length, agent.ends.length], [1, 1, 1]);
    }
    assert.deepEqual(
      advice.filter(({ session }) => session === index).map(({ code }) => code),
      ['ice.same-machine'],
    );
  }
});

/** Input and the advice it has to give, by code. */
const cases = {
  'ice.no-candidates': offer() + answer(),
  'ice.candidates-one-side': offer({ lines: [host('192.0.2.1')] }) + answer(),
  'ice.only-mdns': offer({ lines: [host('4f0e.local')] }) + answer({ lines: [host('192.0.2.1')] }),
  'ice.only-private': offer({ lines: [host('192.168.1.2')] }) + answer({ lines: [host('10.9.8.7')] }),
  'ice.no-common-component':
    offer({ lines: ['a=candidate:1 2 udp 1 192.0.2.1 5000 typ host'] }) + answer({ lines: [host('192.0.2.2')] }),
  'ice.no-common-transport':
    offer({ lines: ['a=candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype active'] }) +
    answer({ lines: [host('192.0.2.2')] }),
  'ice.no-common-family': offer({ lines: [host('2001:db8::1')] }) + answer({ lines: [host('192.0.2.2')] }),
  // Three reasons at once: IPv6 and TCP on one side meet neither in IPv4 over UDP.
  'ice.no-pair':
    offer({ lines: [host('2001:db8::1'), 'a=candidate:2 1 tcp 1 192.0.2.1 9 typ host tcptype active'] }) +
    answer({ lines: [host('192.0.2.2')] }),
  'ice.relay-tcp-only':
    offer({
      lines: ['a=candidate:3 1 udp 16785407 203.0.113.1 5 typ relay raddr 198.51.100.1 rport 6 generation 0'],
    }) + answer({ lines: [host('192.0.2.2')] }),
  'ice.symmetric-no-relay':
    offer({ lines: [host('10.0.0.1'), srflx(6000), srflx(6001)] }) + answer({ lines: [host('192.0.2.2')] }),
  'ice.ufrag-mismatch': `${offer()}candidate:1 1 udp 1 192.0.2.1 5 typ host ufrag zzzz\n`,
  'ice.same-credentials': offer({ lines: [host('192.0.2.1')] }) + answer({ ufrag: 'aaaa', lines: [host('192.0.2.2')] }),
  'ice.half-restart': offer() + offer({ pwd: 'ABCDEFGHIJKLMNOPQRSTUV' }),
  'ice.end-missing': `${offer()}local candidate: candidate:1 1 udp 1 192.0.2.1 5 typ host ufrag aaaa\n`,
  'ice.candidate-after-end': `${offer()}local candidate: candidate:1 1 udp 1 192.0.2.1 5 typ host ufrag aaaa
local candidate: (null)
local candidate: candidate:1 1 udp 1 192.0.2.1 6 typ host ufrag aaaa\n`,
  'ice.both-lite': offer({ lite: true }) + answer({ lite: true }),
  'dtls.answer-actpass': offer() + answer({ setup: 'actpass' }),
  'dtls.same-setup': offer({ setup: 'passive' }) + answer({ setup: 'passive' }),
  'sdp.no-answer': offer(),
  'sip.private-address': `INVITE sip:b@example.org SIP/2.0\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n${sdp().replace(
    '0.0.0.0',
    '192.168.7.7',
  )}`,
};

for (const [code, text] of Object.entries(cases)) {
  test(`advice ${code}`, async () => {
    const { advice, findings } = await analyze(text);
    const found = advice.find((one) => one.code === code);
    assert.ok(found, `${code} expected, got ${advice.map((one) => one.code)}`);
    assert.ok(found.evidence.length > 0);
    for (const { kind, index } of found.evidence) assert.ok(kind === 'finding' && findings[index], kind);
    assert.doesNotMatch(found.text, /[{}]|undefined/);
  });
}

test('a sound exchange gives no advice but notes', async () => {
  const lines = [host('192.0.2.1'), 'a=end-of-candidates'];
  const report = await analyze(offer({ lines }) + answer({ lines: [host('192.0.2.2'), 'a=end-of-candidates'] }));
  assert.deepEqual(codes(report), []);
});

test('both ends in one log: the same description, local here and remote there, is one agent', async () => {
  const a = sdp();
  const b = sdp({ ufrag: 'bbbb', setup: 'active', id: '2' });
  const text = `pc1 setLocalDescription ${JSON.stringify({ type: 'offer', sdp: a })}
pc2 setRemoteDescription ${JSON.stringify({ type: 'offer', sdp: a })}
pc2 setLocalDescription ${JSON.stringify({ type: 'answer', sdp: b })}
pc1 setRemoteDescription ${JSON.stringify({ type: 'answer', sdp: b })}\n`;
  const { sessions } = await analyze(text);
  assert.equal(sessions.length, 1);
  assert.deepEqual(
    [sessions[0].offerer.descriptions, sessions[0].answerer.descriptions],
    [
      [0, 1],
      [2, 3],
    ],
  );
});

// Without ufrag in the candidates, only the names of the connections say whose they are.
const inOnePage = (one, two) => {
  const a = JSON.stringify({ type: 'offer', sdp: sdp() });
  const b = JSON.stringify({ type: 'answer', sdp: sdp({ ufrag: 'bbbb', setup: 'active', id: '2' }) });
  return `${one}.setLocalDescription ${a}
${two}.setRemoteDescription ${a}
${two}.setLocalDescription ${b}
${one} onicecandidate candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host
${two} onicecandidate candidate:1 1 udp 2130706431 198.51.100.2 6000 typ host
${two} addIceCandidate candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host
${one} onicecandidate candidate:2 1 udp 2130706175 192.0.2.1 5002 typ host
${one} addIceCandidate candidate:1 1 udp 2130706431 198.51.100.2 6000 typ host
${one}.setRemoteDescription ${b}
`;
};

test('two agents of one page, each local to itself: two agents, named, each with its own candidates', async () => {
  for (const names of [
    ['pc1', 'pc2'],
    ['caller', 'callee'],
    ['localPeerConnection', 'remotePeerConnection'],
  ]) {
    const { sessions } = await analyze(inOnePage(...names));
    assert.equal(sessions.length, 1);
    const { offerer, answerer } = sessions[0];
    assert.deepEqual([offerer.side, answerer.side, offerer.name, answerer.name], ['local', 'remote', ...names]);
    const ports = ({ candidates }) => candidates.map(({ candidate }) => candidate.port);
    assert.deepEqual([ports(offerer), ports(answerer)], [[5000, 5002], [6000]]);
    assert.deepEqual(
      [offerer, answerer].map(({ descriptions, fragments }) => [descriptions.length, fragments]),
      [
        [2, ['aaaa']],
        [2, ['bbbb']],
      ],
    );
  }
});

test('agents have the names the text gives them', async () => {
  const seeds = await analyze(log);
  for (const { offerer, answerer } of seeds.sessions) {
    assert.deepEqual([offerer.name, answerer.name], ['localConnection', 'remoteConnection']);
  }
  const nameless = await analyze(offer() + answer());
  assert.deepEqual([nameless.sessions[0].offerer.name, nameless.sessions[0].answerer.name], [null, null]);
  const parties = 'From: "Alice" <sip:alice@example.org>;tag=1\r\nTo: <sip:bob@example.org>';
  const call = (start, id) =>
    `${start}\r\n${parties}\r\nCall-ID: 7\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n\r\n${sdp({ ufrag: `u${id}xx`, id })}\r\n`;
  const { sessions } = await analyze(call('INVITE sip:bob@example.org SIP/2.0', 1) + call('SIP/2.0 200 OK', 2));
  assert.deepEqual([sessions[0].offerer.name, sessions[0].answerer.name], ['Alice', 'bob']);
});

test('SIP calls are told apart by Call-ID, whatever lies between', async () => {
  const message = (start, call, ufrag, id) =>
    `${start}\r\nCall-ID: ${call}\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n\r\n${sdp({ ufrag, id })}\r\n`;
  const { sessions, findings } = await analyze(
    message('INVITE sip:b@example.org SIP/2.0', 'one', 'aaaa', 1) +
      message('INVITE sip:c@example.org SIP/2.0', 'two', 'cccc', 3) +
      message('SIP/2.0 200 OK', 'two', 'dddd', 4) +
      message('SIP/2.0 200 OK', 'one', 'bbbb', 2),
  );
  assert.deepEqual(
    sessions.map(({ call, offerer, answerer }) => [call, offerer.fragments, answerer.fragments]),
    [
      ['one', ['aaaa'], ['bbbb']],
      ['two', ['cccc'], ['dddd']],
    ],
  );
  assert.deepEqual(
    findings.filter(({ kind }) => kind === 'sdp').map(({ type }) => type),
    ['offer', 'offer', 'answer', 'answer'],
  );
});

test('a dump of Chromium 156: connections, pairs over time, the selected pair', async () => {
  const report = await analyze(new Uint8Array(fixture('webrtc-internals.json.gz')));
  assert.equal(report.format, 'webrtc-internals');
  const { dump, sessions, findings } = report;
  assert.deepEqual(
    dump.connections.map(({ id, events, pairs, transports }) => [id, events.length, pairs.length, transports.length]),
    [
      ['8-1', 20, 2, 1],
      ['8-2', 19, 2, 1],
    ],
  );
  for (const { pairs, transports, candidates } of dump.connections) {
    const selected = pairs.find(({ id }) => id === transports[0].selected.at(-1).value);
    assert.equal(selected.local.address, 'fd00::2');
    for (const { local, remote } of pairs) {
      assert.ok(
        candidates.local.some(({ id }) => id === local.id) && candidates.remote.some(({ id }) => id === remote.id),
      );
    }
    assert.deepEqual(
      selected.states.map(({ value }) => value),
      ['succeeded'],
    );
    assert.equal(selected.nominated.at(-1).value, true);
    assert.equal(selected.priority, 9079312923804853758n);
    assert.equal(selected.priority, pairPriority(selected.local.priority, selected.remote.priority));
  }
  // Every description and candidate of the log, each on its connection's side.
  assert.deepEqual(
    sessions.map(({ connection, offerer, answerer }) => [connection, offerer.side, answerer.side]),
    [
      ['8-1', 'local', 'remote'],
      ['8-2', 'remote', 'local'],
    ],
  );
  const kinds = (kind) => findings.filter((finding) => finding.kind === kind).length;
  assert.deepEqual([kinds('sdp'), kinds('candidate')], [6, 8]);
  for (const { offerer, answerer } of sessions) {
    assert.deepEqual([offerer.candidates.length, answerer.candidates.length], [2, 2]);
  }
  assert.deepEqual(
    codes(report).filter((code) => code !== 'ice.same-machine'),
    ['dump.selected', 'dump.gathering-time', 'dump.selected', 'dump.gathering-time'],
  );
});

// Chromium 156: candidates that nothing answers and a STUN name that does not exist; and a fingerprint that is wrong.
test('a dump of Chromium 156 that failed: pairs, DTLS and gathering, each with its connection', async () => {
  const { dump, advice } = await analyze(new Uint8Array(fixture('webrtc-internals-failed.json.gz')));
  assert.deepEqual(
    advice
      .filter(({ code, severity }) => severity !== 'info' && /^dump|gathering/.test(code))
      .map(({ code, severity, parameters, evidence }) => ({
        code,
        severity,
        parameters,
        evidence: evidence.map(({ kind, index }) => [kind, dump.connections[index].id]),
      })),
    [
      {
        code: 'dump.no-pair',
        severity: 'error',
        parameters: { count: 2, connection: '8-1', states: 'in-progress' },
        evidence: [['connection', '8-1']],
      },
      ...['8-3', '8-4'].map((connection) => ({
        code: 'dump.dtls',
        severity: 'error',
        parameters: { connection, ice: 'connected', dtls: 'failed' },
        evidence: [['connection', connection]],
      })),
      {
        code: 'ice.gathering-error',
        severity: 'warning',
        parameters: {
          url: 'stun:nowhere.invalid:3478',
          code: 701,
          meaning: 'gathering.701',
        },
        evidence: [['connection', '8-1']],
      },
    ],
  );
});

const aboutWebrtc = fixture('about-webrtc.txt').toString('utf8');

test('the text of about:webrtc: connections with their pairs, the selected one, and candidates', async () => {
  const { format, dump, sessions, findings, advice } = await analyze(aboutWebrtc);
  assert.equal(format, 'about-webrtc');
  const time = Date.parse('2026-11-21T06:27:53.978Z');
  assert.deepEqual(
    dump.connections.map(({ id, url, pairs, transports }) => ({ id, url, pairs, transports })),
    [
      {
        id: '1795242464620362',
        ports: [
          [41267, 50159],
          [41237, 54583],
        ],
        type: 'host',
        bytes: [2468, 2419],
      },
      {
        id: '1795242464617673',
        ports: [
          [50159, 41267],
          [54583, 41237],
        ],
        type: 'prflx',
        bytes: [2419, 2468],
      },
    ].map(({ id, ports, type, bytes }) => ({
      id,
      url: 'about:blank',
      pairs: ports.map(([local, remote], at) => {
        const candidate = (side, address, port, kind) => ({
          id: `pair ${at + 1} ${side}`,
          type: kind,
          address,
          port,
          protocol: 'udp',
          priority: null,
          url: null,
          relayProtocol: null,
          span: null,
        });
        const [address, state, remoteType] =
          at === 0 ? ['fd00::2', 'succeeded', type] : ['192.0.2.2', 'cancelled', 'host'];
        return {
          id: `pair ${at + 1}`,
          transport: at === 0 ? 'transport 1' : null,
          local: candidate('local', address, local, 'host'),
          remote: candidate('remote', address, remote, remoteType),
          states: [{ time, value: state }],
          nominated: [{ time, value: at === 0 }],
          bytesSent: at === 0 ? bytes[0] : 0,
          bytesReceived: at === 0 ? bytes[1] : 0,
          requestsSent: 0,
          requestsReceived: null,
          responsesReceived: 0,
          currentRoundTripTime: null,
          priority: null,
        };
      }),
      transports: [
        {
          id: 'transport 1',
          selected: [{ time, value: 'pair 1' }],
          iceStates: [],
          dtlsStates: [],
          role: null,
          localFragment: null,
        },
      ],
    })),
  );
  for (const { id, start, candidates } of dump.connections) {
    assert.ok(aboutWebrtc.slice(start).startsWith('{') && aboutWebrtc.slice(start, start + 60).includes(id));
    assert.deepEqual(
      candidates.local.map(({ type, address, protocol }) => [type, address, protocol]).sort(),
      ['192.0.2.2', 'fd00::2'].flatMap((address) => ['tcp', 'udp'].map((protocol) => ['host', address, protocol])),
    );
    for (const { id, span } of candidates.local) assert.equal(aboutWebrtc.slice(span.start, span.end), id);
  }
  // Each connection has its own remote side: the description and the candidates are on the sides Firefox names.
  assert.deepEqual(
    sessions.map(({ connection, offerer, answerer }) => [
      connection,
      offerer.side,
      offerer.candidates.length,
      answerer.descriptions.map((at) => findings[at].side),
      answerer.candidates.length,
    ]),
    [
      ['1795242464620362', 'remote', 4, ['local'], 0],
      ['1795242464617673', 'local', 0, ['remote'], 4],
    ],
  );
  assert.deepEqual(advice, []);
});

test('about:webrtc: relay candidates, hidden cells, a connection that failed', async () => {
  const failed = aboutWebrtc
    .replace(
      'succeeded\ttrue\ttrue\tfd00::2:41267/udp(host) [non-proxied]',
      'failed\t\t\t10.0.0.1:7/udp(relay-tcp) [proxied]',
    )
    .replace('host(IP4:192.0.2.2:41237/UDP)', 'srflx(IP4:192.0.2.2:41237/UDP|stun.example.org:3478)');
  const { dump, advice } = await analyze(failed);
  const [{ pairs, transports, candidates }] = dump.connections;
  const { type, relayProtocol, port, address } = pairs[0].local;
  assert.deepEqual([type, relayProtocol, address, port], ['relay', 'tcp', '10.0.0.1', 7]);
  assert.deepEqual([pairs[0].nominated, transports], [[], []]);
  const { type: kind, address: hidden, url } = candidates.local[0];
  assert.deepEqual([kind, hidden, url], ['srflx', '', 'stun.example.org:3478']);
  assert.deepEqual(
    advice.map(({ code, parameters }) => [code, parameters.states]),
    [['dump.no-pair', 'failed, cancelled']],
  );
});

test('a name of a connection in a log does not make it about:webrtc', async () => {
  const line = 'PeerConnection 1795242464620362 (id=12884901889 url=about:blank) closed\n';
  assert.equal((await analyze(line.repeat(3))).format, 'text');
  const rows = 'succeeded\ttrue\ttrue\tx\ty\n'.repeat(10);
  const many = await analyze(Array.from({ length: 600 }, () => line + rows).join(''));
  assert.deepEqual([many.dump.connections.length, many.dump.over.connections], [500, 100]);
});

test('a dump that is cut off gives what is whole in it', async () => {
  const whole = await analyze(new Uint8Array(fixture('webrtc-internals.json.gz')));
  const cut = await analyze(whole.input.slice(0, whole.input.length / 2));
  assert.equal(cut.format, 'webrtc-internals');
  assert.ok(cut.findings.length > 0 && cut.dump.connections.length > 0);
});

test('gzip, UTF-16 and plain text are the same', async () => {
  const plain = await analyze(log);
  const sideways = Buffer.from(`\ufeff${log}`, 'utf16le');
  for (const input of [new Uint8Array(gzipSync(log)), new Uint8Array(sideways), new Uint8Array(sideways.swap16())]) {
    const other = await analyze(input);
    assert.deepEqual(
      other.findings.map(({ start, end, kind }) => [kind, other.input.slice(start, end)]),
      plain.findings.map(({ start, end, kind }) => [kind, log.slice(start, end)]),
    );
  }
});

test('progress grows to the end, and a signal stops', async () => {
  const long = log.repeat(100);
  const seen = [];
  await analyze(long, { onProgress: (progress) => seen.push(progress) });
  const scanned = seen.filter(({ phase }) => phase === 'scan');
  assert.ok(scanned.length > 1);
  assert.ok(scanned.every(({ done, total }, at) => done <= total && done >= (scanned[at - 1]?.done ?? 0)));
  assert.ok(seen.some(({ phase }) => phase === 'explain'));
  const controller = new AbortController();
  const stopped = analyze(long, {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('enough')),
  });
  await assert.rejects(stopped, /enough/);
  await assert.rejects(analyze(log, { signal: AbortSignal.abort(new Error('early')) }), /early/);
});

test('an analysis while another runs', async () => {
  const [a, b] = await Promise.all([analyze(log.repeat(50)), analyze(log)]);
  assert.deepEqual([a.findings.length, b.findings.length], [900, 18]);
});

test('a getStats() array: pairs, candidates and transport, as a connection', async () => {
  const pair = {
    id: 'CP',
    type: 'candidate-pair',
    timestamp: 1,
    localCandidateId: 'L',
    remoteCandidateId: 'R',
    transportId: 'T',
  };
  const stats = [
    {
      ...pair,
      state: 'in-progress',
      nominated: false,
      requestsSent: 12,
      responsesReceived: 0,
      bytesSent: 0,
      bytesReceived: 0,
    },
    {
      id: 'L',
      type: 'local-candidate',
      candidateType: 'host',
      address: '10.0.0.4',
      port: 50000,
      protocol: 'udp',
      priority: 1,
    },
    {
      id: 'R',
      type: 'remote-candidate',
      candidateType: 'host',
      address: '192.168.7.9',
      port: 50002,
      protocol: 'udp',
      priority: 1,
    },
    { id: 'T', type: 'transport', dtlsState: 'new', iceRole: 'controlling', iceState: 'checking' },
  ];
  for (const shape of [
    stats,
    stats.map((one) => [one.id, one]),
    Object.fromEntries(stats.map((one) => [one.id, one])),
  ]) {
    const { format, dump, advice } = await analyze(JSON.stringify(shape));
    assert.equal(format, 'getstats');
    const [{ pairs, candidates, transports }] = dump.connections;
    assert.deepEqual(
      pairs.map(({ local, remote, states, requestsSent }) => [
        local.address,
        remote.port,
        states.at(-1).value,
        requestsSent,
      ]),
      [['10.0.0.4', 50002, 'in-progress', 12]],
    );
    assert.deepEqual([candidates.local.length, candidates.remote.length, transports[0].role], [1, 1, 'controlling']);
    assert.ok(advice.some(({ code }) => code === 'dump.no-pair'));
  }
});

test('about:webrtc of old versions of Firefox', async () => {
  const rows = [
    '1418576434953000 (id=17 url=https://app.example.net/#!/r/FoO73Xm): stream1/audio',
    'Local candidate\tRemote candidate\tICE State\tPriority\tNominated\tSelected',
    '198.51.100.7:50880/udp(host)\t172.17.42.1:56710/udp(host)\tfailed\t9115005270295052000\t\t',
    '203.0.113.126:60430/udp(relayed-tcp)\t10.0.2.15:33735/udp(host)\tfailed\t63331869709304320\t\t',
  ];
  const { format, dump } = await analyze(rows.join('\n'));
  assert.equal(format, 'about-webrtc');
  assert.deepEqual(
    dump.connections[0].pairs.map(({ local, states }) => [local.type, local.relayProtocol, states[0].value]),
    [
      ['host', null, 'failed'],
      ['relay', 'tcp', 'failed'],
    ],
  );
});

test('the side of a lone agent is said only where something tells it', async () => {
  const silent = await analyze('candidate:1 1 udp 1 192.0.2.1 5 typ host\n');
  assert.equal(silent.sessions[0].offerer.side, null);
  assert.equal(silent.findings[0].side, null);
  const janus = await analyze('[1] Trickle candidate (0): candidate:1 1 udp 1 192.0.2.1 5 typ host\n');
  assert.equal(janus.findings[0].side, 'remote');
});

/** Candidates whose address can't be right, and what is said. */
const addresses = {
  'ice.relay-address': `${host('192.0.2.1')}\na=candidate:2 1 udp 2 172.17.0.3 5 typ relay raddr 0.0.0.0 rport 0`,
  'ice.srflx-address': 'a=candidate:2 1 udp 2 172.17.0.3 5 typ srflx raddr 10.0.0.1 rport 5',
  'ice.unspecified-address': 'a=candidate:2 1 udp 2 :: 5 typ srflx raddr 10.0.0.1 rport 5',
  'ice.interface-only': `${host('172.17.0.2')}\n${host('192.168.122.1', 5001)}`,
};

for (const [code, lines] of Object.entries(addresses)) {
  test(`addresses: ${code}`, async () => {
    const report = await analyze(offer({ lines: lines.split('\n') }) + answer({ lines: [host('198.51.100.2')] }));
    assert.ok(codes(report).includes(code), codes(report).join());
  });
}

test('a server that announces private addresses only, and a peer elsewhere', async () => {
  const lines = [host('10.1.2.3')];
  const peer = (address) => answer({ lines: [host(address)] });
  const elsewhere = await analyze(offer({ lite: true, lines }) + peer('198.51.100.2'));
  assert.ok(codes(elsewhere).includes('ice.server-private'));
  const inside = await analyze(offer({ lite: true, lines }) + peer('10.1.2.4'));
  assert.ok(!codes(inside).includes('ice.server-private'));
});

test('lines that were wrapped are read as they were, and that is said once', async () => {
  const wrapped = offer({ lines: [srflx(6000), host('192.0.2.1')] }).replace('raddr 10', 'raddr \r\n10');
  const { advice, findings } = await analyze(wrapped);
  const told = advice.filter(({ code }) => code === 'sdp.wrapped');
  assert.deepEqual(
    told.map(({ parameters }) => parameters.count),
    [1],
  );
  assert.equal(findings.length, 1);
  assert.equal(findings[0].value.media[0].candidates[0].relatedAddress, '10.0.0.1');
});
