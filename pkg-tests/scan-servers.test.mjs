// STUN and TURN servers of configurations, in the code of languages and in the answers of services.
import assert from 'node:assert/strict';
import test from 'node:test';
import { analyze } from 'icelens';

const STUN = 'stun:stun.example.org:3478';
const TURN = 'turn:turn.example.org:3478?transport=udp';
const both = [STUN, `${TURN} u +`];

/** Name, text, servers as `url user credential`, and the codes of what is wrong. */
const cases = [
  [
    'JavaScript',
    `new RTCPeerConnection({ iceServers: [{ urls: '${STUN}' }, { urls: ['${TURN}'], username: 'u', credential: 'c' }] })`,
    both,
  ],
  ['JSON', JSON.stringify({ iceServers: [{ urls: STUN }, { urls: [TURN], username: 'u', credential: 'c' }] }), both],
  [
    'Python',
    `RTCConfiguration(iceServers=[\n    RTCIceServer(urls="${STUN}"),\n    RTCIceServer(urls=["${TURN}"], username="u", credential="c"),\n])`,
    both,
  ],
  [
    'Go',
    `webrtc.Configuration{\n\tICEServers: []webrtc.ICEServer{\n\t\t{URLs: []string{"${STUN}"}},\n\t\t{\n\t\t\tURLs:       []string{"${TURN}"},\n\t\t\tUsername:   "u",\n\t\t\tCredential: "c",\n\t\t},\n\t},\n}`,
    both,
  ],
  [
    'Kotlin',
    `val iceServers = listOf(\n    PeerConnection.IceServer.builder("${STUN}").createIceServer(),\n    PeerConnection.IceServer.builder("${TURN}").setUsername("u").setPassword("c").createIceServer()\n)`,
    both,
  ],
  [
    'Swift',
    `config.iceServers = [RTCIceServer(urlStrings: ["${STUN}"]), RTCIceServer(urlStrings: ["${TURN}"], username: "u", credential: "c")]`,
    both,
  ],
  [
    'Dart',
    `final configuration = {\n  "iceServers": [\n    {"urls": "${STUN}"},\n    {"urls": "${TURN}", "username": "u", "credential": "c"},\n  ]\n};`,
    both,
  ],
  [
    'YAML',
    `ice_servers:\n  - urls: ["${STUN}"]\n  - urls: "${TURN}"\n    username: u\n    credential: c\nother: 1\n`,
    both,
  ],
  [
    'YAML without quotes',
    `webrtcICEServers2:\n  - url: ${STUN}\n  - url: ${TURN}\n    username: u\n    password: c\n`,
    both,
  ],
  [
    'YAML with a list',
    `ice_servers:\n  - urls:\n      - ${STUN}\n  - urls:\n      - ${TURN}\n    username: u\n    credential: c\n`,
    both,
  ],
  [
    'Link headers',
    `Link: <${STUN}>; rel="ice-server"\r\nLink: <${TURN}>; rel="ice-server"; username="u"; credential="c"\r\n`,
    both,
  ],
  [
    'KVS',
    JSON.stringify({ IceServerList: [{ Password: 'c', Ttl: 299, Uris: [TURN], Username: 'u' }] }, null, 1),
    [`${TURN} u +`],
  ],
  ['REST draft', JSON.stringify({ username: 'u', password: 'c', ttl: 86400, uris: [TURN] }), [`${TURN} u +`]],
  [
    'Go without credentials',
    `ICEServers: []webrtc.ICEServer{\n\t{URLs: []string{"${TURN}"}},\n}`,
    [TURN],
    ['servers.no-credentials'],
  ],
  [
    'slashes',
    `{ iceServers: [{ urls: 'turn://turn.example.org', username: 'u', credential: 'c' }] }`,
    ['turn://turn.example.org u +'],
    ['servers.scheme'],
  ],
  [
    'another scheme',
    `{ iceServers: [{ urls: 'http://turn.example.org' }] }`,
    ['http://turn.example.org'],
    ['servers.scheme'],
  ],
  [
    'a no-break space',
    `{ iceServers: [{ urls: 'stun:stun.example.org\u00a0' }] }`,
    ['stun:stun.example.org\u00a0'],
    ['servers.space'],
  ],
  [
    'a time that is over',
    `{ iceServers: [{ urls: '${TURN}', username: '1700000000:u', credential: 'c' }] }`,
    [`${TURN} 1700000000:u +`],
    ['servers.expired'],
  ],
  ['Python, by places', `RTCIceServer("${TURN}", "u", "c")`, [`${TURN} u +`]],
  [
    'Python, as printed without credentials',
    `RTCIceServer(urls='${TURN}', username=None, credential=None, credentialType='password')`,
    [TURN],
    ['servers.no-credentials'],
  ],
  [
    'an event, no configuration',
    `{"url":"${STUN}","errorCode":701,"errorText":"timed out"}`,
    [],
    ['log.server-silent'],
  ],
];

for (const [name, text, servers, codes = []] of cases) {
  test(name, async () => {
    const analysis = await analyze(text);
    assert.deepEqual(
      analysis.servers.map(({ url, username, hasCredential }) =>
        [url, username, hasCredential ? '+' : null].filter((part) => part !== null).join(' '),
      ),
      servers,
    );
    const told = analysis.advice.filter(({ severity }) => severity !== 'info').map(({ code }) => code);
    assert.deepEqual(told, codes);
  });
}

test('the address of a private network as a server', async () => {
  const configuration = (host) => `{ iceServers: [{ urls: 'turn:${host}', username: 'u', credential: 'c' }] }`;
  for (const host of ['192.168.1.10:3478', '10.0.0.4', '[fd00::1]:3478', '100.64.0.7']) {
    const { advice } = await analyze(configuration(host));
    assert.deepEqual(
      advice.map(({ code, severity }) => `${severity} ${code}`),
      ['info servers.private'],
      host,
    );
  }
  for (const host of ['203.0.113.7', 'turn.example.org', '[2001:db8::1]'])
    assert.deepEqual((await analyze(configuration(host))).advice, [], host);
});
