// `icelens scan` and `icelens decode`: what the library knows is printed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { spawn } from './lib/ends.mjs';
import { once, spawnSync } from './lib/limited.mjs';

const bin = fileURLToPath(new URL('../pkg/bin/icelens.js', import.meta.url));

function icelens(args, input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { input, encoding: 'utf8' });
  return { status, stdout, stderr };
}

const offer = readFileSync(new URL('../tests/fixtures/scan/seed-000.txt', import.meta.url), 'utf8');
const fingerprint = `sha-256 ${Array(32).fill('AB').join(':')}`;
const refused = `offer:\nv=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r
a=rtpmap:111 opus/48000/2\r\na=fmtp:111\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\na=fingerprint:${fingerprint}\r
a=setup:actpass\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\n`;

test('scan prints a diagnostic with its place, the line, the span, the browsers and the fix', () => {
  const { status, stdout } = icelens(['scan', '-'], `a=candidate:1  1 udp 1 192.0.2.1 5 typ host\n`);
  const lines = stdout.split('\n');
  const at = lines.findIndex((line) => line.startsWith('warning cand.spaces 1:'));
  assert.equal(lines[at + 1], '  | a=candidate:1  1 udp 1 192.0.2.1 5 typ host');
  assert.match(lines[at + 2], /^ {2}\| \^+$/);
  assert.match(lines[at + 3], /RFC: .*Chromium: .*Firefox: /);
  assert.match(lines[at + 4], /Write: "a=candidate:1 1 udp/);
  assert.equal(status, 0);
});

test('scan says that a browser refuses an offer, and where', () => {
  const { stdout } = icelens(['scan', '-'], refused);
  assert.match(stdout, /^warning sdp\.fmtp \d+:\d+/m);
  assert.match(stdout, /^Chromium refuses the offer at line \d+, line \d+ of the description: sdp\.fmtp/m);
});

test('the exit code is 1 where something stops the connection', () => {
  assert.equal(icelens(['scan', '-'], offer).status, 0);
  assert.equal(icelens(['scan', '-'], 'candidate:1 1 udp 99999999999 192.0.2.1 5 typ host\n').status, 1);
  assert.equal(
    icelens(['scan', '-'], 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nc=\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n').status,
    1,
  );
});

test('the exit code is 1 where a capture is damaged', () => {
  const head = [0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0xffffffff, 0xffffffff, 28];
  const bytes = Buffer.concat(head.map((word) => Buffer.from(Uint32Array.of(word).buffer)));
  assert.equal(icelens(['scan', '-'], bytes).status, 0);
  assert.equal(icelens(['scan', '-'], bytes.subarray(0, 20)).status, 1);
});

test('--json has diagnostics and what the browsers do', () => {
  const { findings } = JSON.parse(icelens(['scan', '--json', '-'], refused).stdout);
  const first = findings.find(({ kind }) => kind === 'sdp');
  assert.ok(first.diagnostics.some(({ code, verdicts }) => code === 'sdp.fmtp' && verdicts.chrome === 'refuses'));
  assert.equal(first.browsers.chromium.code, 'sdp.fmtp');
  assert.equal(first.browsers.firefox, null);
});

/** A Data indication that carries a check, as a log of KVS had it. */
const indication = readFileSync(new URL('../tests/fixtures/field/H04.txt', import.meta.url), 'utf8').match(
  /\b0017[0-9A-F]+/,
)[0];

test('decode opens the message in DATA and says whether FINGERPRINT is right', () => {
  const { stdout, status } = icelens(['decode', indication]);
  assert.equal(status, 0);
  assert.match(stdout, /in DATA: binding request/);
  assert.match(stdout, /USERNAME\s+6gzJ:bYL2/);
  assert.match(stdout, /^ {4}FINGERPRINT is right\.$/m);
  const wrong = indication.replace(/4D5AE14A/, '4D5AE14B');
  assert.match(icelens(['decode', wrong]).stdout, /^ {4}FINGERPRINT is wrong/m);
  assert.equal(JSON.parse(icelens(['decode', '--json', indication]).stdout).inData[0].fingerprint, 'valid');
});

test('decode shows the fields before a fault', () => {
  const { stdout, stderr, status } = icelens([
    'decode',
    '000100182112a4420b47a30d5994ac5cd9bf4ba08022000c5374756e436c69656e740000802800ff',
  ]);
  assert.match(stdout, /Transaction id\s+0b47a30d5994ac5cd9bf4ba0/);
  assert.match(stdout, /SOFTWARE/);
  assert.match(stdout, /FINGERPRINT\s+says 255 bytes, 0 are here/);
  assert.match(stderr, /length field asks for 44 bytes/);
  assert.equal(status, 2);
});

test('decode says that a cookie is nearly the right one', () => {
  const { stdout } = icelens(['decode', '0101000c2112a4436c554d6c417a6441616442440020000800019f61e721c047']);
  assert.match(stdout, /2112a443 is nearly the magic cookie 2112a442 \(1 bit off\)/);
});

test('output that nobody reads to its end is not an error', async () => {
  const candidates = Array.from({ length: 3000 }, (_, n) => `candidate:${n}  1 udp 1 192.0.2.1 ${n} typ host\n`).join(
    '',
  );
  const child = spawn(process.execPath, [bin, 'scan', '-f', '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (part) => {
    stderr += part;
  });
  child.stdout.once('data', () => child.stdout.destroy());
  child.stdin.on('error', () => {});
  child.stdin.end(candidates);
  const [code] = await once(child, 'exit');
  assert.equal(stderr, '');
  assert.ok(code === 0 || code === 1, `${code}`);
});
