// The readers behind the scan (logs, dumps, statistics, servers, dressed texts) on texts that were cut, mixed and changed: none throws,
// and every place they give is one of the text.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import { analyze } from 'icelens';

/** Numbers from 0 up to `below`, always the same for a seed (mulberry32). */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below);
  };
}

const fixtures = new URL('../tests/fixtures/', import.meta.url);
const read = (url) =>
  url.pathname.endsWith('.gz') ? gunzipSync(readFileSync(url)).toString() : readFileSync(url, 'utf8');
const inFolder = (name) =>
  readdirSync(new URL(name, fixtures)).map((file) => read(new URL(name + file, fixtures)).slice(0, 20_000));
const logs = readFileSync(new URL('./fixtures/logs.txt', import.meta.url), 'utf8')
  .split(/^## /m)
  .slice(1);
const seeds = [...inFolder('field/'), ...inFolder('scan/'), ...logs];

const MARKS = [
  '\x1b[0m',
  '[0m',
  '> ',
  '\r',
  '\n',
  '\n\n',
  '\\n',
  '\\',
  '"',
  '{',
  '}',
  '[',
  ']',
  '&lt;',
  '<br>',
  '%0A',
  '=\n',
  '=3D',
  '\u00a0',
  '\ud800',
  '\0',
  ' | ',
  ': ',
  '2026-01-01 10:00:00 ',
  '1: ',
  '{"log":"',
  'candidate:',
  'a=',
  'v=0\r\n',
  '"PeerConnections": {',
  '-1',
  '1e999',
  'null',
];

/** A text of the seeds: cut, with marks put in, parts taken out, said twice, and mixed with another. */
function changed(random) {
  let text = seeds[random(seeds.length)];
  for (let count = random(6); count >= 0; count--) {
    const [at, to] = [random(text.length + 1), random(text.length + 1)].sort((a, b) => a - b);
    const other = seeds[random(seeds.length)];
    const change = [
      () => text.slice(0, to),
      () => text.slice(at),
      () => text.slice(0, at) + MARKS[random(MARKS.length)].repeat(1 + random(4)) + text.slice(at),
      () => text.slice(0, at) + text.slice(Math.min(to, at + 200)),
      () => text.slice(0, to) + text.slice(at, Math.min(to, at + 500)) + text.slice(to),
      () => text.slice(0, at) + other.slice(0, 2_000) + text.slice(at),
      () => text.replaceAll('\n', MARKS[random(MARKS.length)]),
      () => text.replace(/^/gm, MARKS[random(MARKS.length)]),
    ];
    text = change[random(change.length)]().slice(0, 40_000);
  }
  return text;
}

for (let round = 0; round < 8; round++) {
  test(`readers take whatever comes: round ${round}`, async () => {
    const random = numbers(0xace1 + round);
    for (let count = 0; count < 40; count++) {
      const text = changed(random);
      const lines = text.split('\n').length;
      const { findings, logs, servers, advice, dump } = await analyze(text, { now: 1_795_000_000_000 });
      const said = () => `round ${round}, text ${count}: ${JSON.stringify(text.slice(0, 300))}`;
      for (const { start, end, line } of findings) {
        assert.ok(0 <= start && start <= end && end <= text.length && line >= 1 && line <= lines, said());
      }
      for (const log of logs) {
        assert.ok(log.read > 0 && log.read <= log.lines, said());
        for (const { line, start, end } of log.events) {
          assert.ok(line >= 1 && line <= lines && 0 <= start && start <= end && end <= text.length, said());
        }
      }
      for (const { line, start, end, url } of servers) assert.ok(line >= 1 && text.slice(start, end) === url, said());
      for (const { text: sentence } of advice) assert.doesNotMatch(sentence, /\{\w+\}|undefined|NaN/, said());
      for (const { start } of dump?.connections ?? []) assert.ok(start >= 0 && start <= text.length, said());
    }
  });
}
