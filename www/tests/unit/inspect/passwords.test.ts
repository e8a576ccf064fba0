import { expect, test } from 'vitest';
import { removeNamedPasswords, removePasswords } from '../../../src/views/inspect/model/passwords';

const LONG = 'SeCrEt123SeCrEt123SeCrEt';
const SHORT = 'hunter2!';
const offer = `v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-ufrag:abcd\r\na=ice-pwd:${LONG}\r\na=mid:0\r\n`;
const json = JSON.stringify;
const encode = (text: string) => btoa(text);
const hex = (text: string) => Array.from(text, (c) => c.charCodeAt(0).toString(16).padStart(2, '0'));

function dump(text: string): string {
  return Array.from({ length: Math.ceil(text.length / 16) }, (_, line) => {
    const part = text.slice(line * 16, line * 16 + 16);
    const letters = part.replace(/[^ -~]/g, '.');
    return `${(line * 16).toString(16).padStart(8, '0')}  ${hex(part).join(' ').padEnd(47)}  |${letters}|\n`;
  }).join('');
}

/** Every notation that scan reads, and those that people paste beside it. */
const NOTATIONS: Record<string, string> = {
  sdp: offer,
  'sdp in JSON': json({ type: 'offer', sdp: offer }),
  'JSON in JSON in JSON': json(json(json({ credential: SHORT }))),
  'syslog escapes': `v=0#015#012a=ice-pwd:${LONG}#015#012a=mid:0`,
  'behind a prefix': `12:00:00 | a=ice-pwd:${LONG}`,
  'with a space': `a= ice-pwd:${LONG}`,
  'with markup': `a=ice-pwd:<b>${LONG}</b>`,
  'percent-encoded': encodeURIComponent(offer),
  crypto: `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${SHORT}|2^20|1:4;inline:${LONG}`,
  'k=': `s=-\r\nk=base64:${SHORT}\r\n`,
  'Bearer and cookies': `POST /whip HTTP/1.1\r\nAuthorization: Bearer ${SHORT}\r\nCookie: sid=${LONG}; theme=dark\r\n`,
  Basic: `Authorization: Basic ${encode(`user:${SHORT}`)}`,
  Digest: `Authorization: Digest username="bob", realm="x", response="${LONG}"`,
  'JavaScript object': `{ urls: 'turn:x', username: 'u', credential : '${SHORT}' }`,
  'other languages': `Credential: "${SHORT}", 'credential' => '${SHORT}', password='${SHORT}', TURN_PASSWORD=${SHORT}`,
  'two words': `{"credential": "two ${SHORT} words"}`,
  'AWS KVS': `{"Uris":["turn:x"],"Username":"u","Password":"${SHORT}","Ttl":300}`,
  Link: `Link: <turn:x?transport=udp>; rel="ice-server"; username="u"; credential="${SHORT}"`,
  Jingle: `<transport pwd='${SHORT}' ufrag="x"/><credential>${SHORT}</credential>`,
  HTML: `&quot;credential&quot;:&quot;${SHORT}&quot;`,
  URLs: `turn://u:p@ss${SHORT}@host:3478 https://u:${SHORT}@x/whip wss://x/ws?token=${SHORT}&room=1`,
  coturn: `static-auth-secret=${SHORT}\nuser=bob:${SHORT}\n`,
  commands: `turnutils_uclient -u bob -w ${SHORT} x; curl -u bob:${SHORT} https://x`,
  'no name beside it': `then I typed ${LONG} and it worked`,
  JWT: `eyJhbGciOiJIUzI1NiJ9.${encode('{"sub":"x"}')}.${LONG}`,
};

for (const [name, text] of Object.entries(NOTATIONS)) {
  test(`removed: ${name}`, () => {
    const { text: clean, removed } = removePasswords(text);
    expect(clean).not.toContain(LONG);
    expect(clean).not.toContain(SHORT);
    expect(clean).not.toContain(encode(`user:${SHORT}`));
    expect(clean).toHaveLength(text.length);
    expect(removed).toBeGreaterThan(0);
  });
}

test('removed inside base64, hex and hex dumps, both columns', () => {
  const base64 = removePasswords(encode(json({ sdp: offer }))).text;
  expect(atob(base64)).toContain('a=ice-ufrag:abcd');
  expect(atob(base64)).not.toContain(LONG);
  const digits = removePasswords(hex(offer).join('')).text;
  expect(digits).toHaveLength(offer.length * 2);
  expect(digits).not.toContain(hex(LONG).join(''));
  const lines = removePasswords(dump(offer)).text;
  expect(lines).toHaveLength(dump(offer).length);
  expect(lines).not.toContain('SeCrEt');
  expect(lines).not.toContain(hex('SeCrEt').join(' '));
});

test('what is known to be no secret stays', () => {
  const kept = [
    'a=candidate:8a40640bad8897189d098d1ad6ba3a3a 1 udp 2130706431 192.0.2.1 47336 typ host',
    'candidate:1 1 udp 1 40a192af-d71f-4cf2-b5b4-494a95dcf739.local 44501 typ host',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
    '2026-11-28T12:00:00.123Z RTCPeerConnection.setRemoteDescription() https://app.example.net/some/long/path',
    '0111001C2112A442F4ED1164662324CE10FB71480009001000000401556E617574686F72697A6564802800048EF7F599',
    '"010100582112a4427a2f2b504c6a7457"\n "52616c560020000800019117e721c020"',
    '{"username":"1700000000:alice","credentialType":"password"}',
  ].join('\n');
  expect(removePasswords(kept)).toEqual({ text: kept, removed: 0 });
});

test('equal secrets stay equal, different ones different', () => {
  const [a, b, c] = [LONG, `${LONG}2`.slice(1), LONG].map((pwd) => `a=ice-pwd:${pwd}\n`);
  const [x, y, z] = removePasswords(`${a}${b}${c}`).text.trim().split('\n');
  expect(x).toBe(z);
  expect(x).not.toBe(y);
});

test('bytes of a capture: only what has a name', () => {
  const bytes = Uint8Array.from(`\u0001\u0001${LONG}\u0000a=ice-pwd:${SHORT}\r\n`, (c) => c.charCodeAt(0));
  const clean = String.fromCharCode(...removeNamedPasswords(bytes));
  expect(clean).toBe(`\u0001\u0001${LONG}\u0000a=ice-pwd:${'x'.repeat(SHORT.length)}\r\n`);
});
