// Long texts: searched in windows, the same whether they come as a string, as bytes, or as a stream that is not kept.
import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { analyze, scan } from 'icelens';
import { spawnSync } from './lib/limited.mjs';

/** Units of a window, as in npm/src/scan/windows.ts. */
const WINDOW = 1 << 20;
const LINE = '2026-11-28 12:00:00 nothing to be found here, only words of a program that runs\n';
const description = (id) =>
  `POST /whip HTTP/1.1\r\nContent-Type: application/sdp\r\n\r\nv=0\r\no=- ${id} 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:u${id}\r\n\r\n`;
const candidate = (id) => `本地 local candidate:${id} 1 udp 1 192.0.2.1 ${1024 + (id % 60000)} typ host nonsense\n`;

/** A text of `windows` windows, with what is found at every 10 000 units or so, thus at every window's end too. */
function longText(windows) {
  const parts = [];
  let length = 0;
  const add = (part) => {
    parts.push(part);
    length += part.length;
  };
  for (let id = 1; length < windows * WINDOW; id++) {
    add(LINE.repeat(100 + (id % 37)));
    add(id % 2 ? candidate(id) : description(id));
  }
  return parts.join('');
}

const shown = (finding) => [finding.kind, finding.start, finding.end, finding.line, finding.side, finding.written];
const told = (finding) =>
  finding.kind === 'sdp' || finding.kind === 'candidate'
    ? finding.diagnostics.map(({ code, line, column, start }) => [code, line, column, start])
    : [];

const text = longText(4);
const whole = scan(text);
const analyzed = (await analyze(text)).findings;

test('what lies across the ends of windows is found whole, once, at its place', () => {
  const ids = whole.flatMap((finding) =>
    finding.kind === 'candidate'
      ? [Number(finding.value.foundation)]
      : finding.kind === 'sdp'
        ? [/\d+/.exec(finding.value.lines[1].value)?.[0]].map(Number)
        : [],
  );
  assert.deepEqual(
    ids,
    Array.from({ length: ids.length }, (_, at) => at + 1),
  );
  assert.equal(whole.filter(({ kind }) => kind === 'http').length, whole.filter(({ kind }) => kind === 'sdp').length);
  for (const finding of whole) {
    assert.equal(finding.written, text.slice(finding.start, finding.end));
    if (finding.kind === 'sdp') assert.equal(whole[finding.message].kind, 'http');
  }
  let line = 1;
  let at = 0;
  for (const finding of whole) {
    line += text.slice(at, finding.start).split('\n').length - 1;
    at = finding.start;
    assert.equal(finding.line, line);
  }
});

test('a stream that is not kept gives the same as the string, with places', async () => {
  const bytes = new TextEncoder().encode(text);
  // Longer than what is read as a whole.
  const filler = new TextEncoder().encode(LINE.repeat(Math.ceil((33 << 20) / LINE.length)));
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += 70_001) yield bytes.subarray(at, at + 70_001);
    for (let at = 0; at < filler.length; at += 1 << 20) yield filler.subarray(at, at + (1 << 20));
  }
  const { input, findings, truncated } = await analyze(chunks());
  assert.equal(input, null);
  assert.equal(truncated, null);
  assert.deepEqual(findings.map(shown), analyzed.map(shown));
  assert.deepEqual(findings.map(told), analyzed.map(told));
  assert.ok(whole.flatMap(told).length > 100);
});

test('files, gzip and bytes are read the same way', async () => {
  const bytes = new TextEncoder().encode(text);
  for (const input of [new Blob([bytes]), bytes, gzipSync(bytes), new Blob([gzipSync(bytes)]).stream()]) {
    const { findings } = await analyze(input);
    assert.deepEqual(findings.map(shown), analyzed.map(shown));
  }
});

test('a gzip file that unpacks to far more than it has, or is cut off, is read to there, and says so', async () => {
  const line = new TextEncoder().encode(candidate(7));
  const bytes = new Uint8Array(80 << 20).fill(0x20);
  bytes.set(line, 0);
  const bomb = await analyze(new Uint8Array(gzipSync(bytes)));
  assert.equal(bomb.findings.length, 1);
  assert.ok(bomb.truncated > 0 && bomb.truncated <= 33 << 20, `${bomb.truncated}`);
  assert.match(bomb.advice.find(({ code }) => code === 'input.unpacked').text, /more than 32 MiB/);
  // What is packed as logs are is read whole, whatever its length.
  const packed = gzipSync(new TextEncoder().encode(text));
  const half = await analyze(packed.subarray(0, packed.length / 2));
  assert.equal(half.truncated, half.input.length);
  assert.ok(half.advice.some(({ code }) => code === 'input.gzip-cut'));
  assert.equal((await analyze(packed)).truncated, null);
});

test('far more than fits in memory: progress, bounded memory, cancelling', async () => {
  const chunk = new TextEncoder().encode(LINE.repeat(Math.ceil((4 << 20) / LINE.length)));
  const count = 40;
  async function* chunks() {
    for (let at = 0; at < count; at++) yield chunk;
    yield new TextEncoder().encode(candidate(7));
  }
  let done = 0;
  const before = process.memoryUsage().rss;
  let most = 0;
  const { findings } = await analyze(chunks(), {
    onProgress: (progress) => {
      if (progress.phase !== 'explain') done = progress.done;
      most = Math.max(most, process.memoryUsage().rss);
    },
  });
  assert.equal(findings.length, 1);
  assert.equal(findings[0].line, Math.ceil((4 << 20) / LINE.length) * count + 1);
  assert.ok(done > count * chunk.length * 0.95, `${done}`);
  assert.ok(most - before < 300 << 20, `${(most - before) >> 20} MiB more for ${(count * chunk.length) >> 20} MiB`);
  const stop = new AbortController();
  const reading = analyze(chunks(), { signal: stop.signal, onProgress: ({ done }) => done > 50 << 20 && stop.abort() });
  await assert.rejects(reading, { name: 'AbortError' });
});

test('a line without an end is not kept', () => {
  const program = `import { analyze } from 'icelens';
    const chunk = new Uint8Array(1 << 20);
    async function* chunks(count) { for (let at = 0; at < count; at++) yield chunk; }
    for (const count of [40, 160]) {
      await analyze(chunks(count));
      console.log(process.resourceUsage().maxRSS);
    }`;
  const args = ['--input-type=module', '--eval', program];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const [short, long] = stdout.split('\n').map(Number);
  assert.ok(long - short < 80 << 10, `${long - short} KiB more for 120 MiB more`);
});

test('a dump is given to its connections by where they stand, however their names are written', async () => {
  const update = (n) => ({ type: 'icecandidate', value: `candidate:${n} 1 udp 1 192.0.2.1 ${1000 + n} typ host` });
  const connections = { b: { updateLog: [update(1)], stats: {} }, 'c"{': { updateLog: [update(2)], stats: {} } };
  const dump = JSON.stringify({ getUserMedia: [], PeerConnections: connections }).replace('"b"', '"\\u0062"');
  const { sessions } = await analyze(dump.replace(/\}$/, ',"7":1}'));
  assert.deepEqual(
    sessions.map(({ connection, findings }) => [connection, findings]),
    [
      ['b', [0]],
      ['c"{', [1]],
    ],
  );
});
