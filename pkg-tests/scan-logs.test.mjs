// Logs of programs, by the table of rules: each text leads to its true cause. Texts of coturn and aioice are their own, and those that
// name a version are lines of a log that it printed, in order.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { analyze } from 'icelens';

/** `## family | title | advice codes`, then the text; a code with `?` may be missing. */
const cases = readFileSync(new URL('./fixtures/logs.txt', import.meta.url), 'utf8')
  .split(/^## /m)
  .slice(1)
  .map((part) => {
    const [head, ...lines] = part.split('\n');
    const [family, title, codes] = head.split('|').map((cell) => cell.trim());
    return { family, title, codes: codes === '' ? [] : codes.split(/\s+/), text: lines.join('\n') };
  });

for (const { family, title, codes, text } of cases) {
  test(`${family}: ${title}`, async () => {
    const { logs, advice } = await analyze(text);
    assert.deepEqual(
      logs.map((log) => log.family),
      [family],
    );
    const [log] = logs;
    assert.ok(log.read > 0 && log.read <= log.lines);
    const lines = text.split('\n');
    for (const { line, start, end } of log.events) assert.equal(text.slice(start, end), lines[line - 1].trimEnd());
    const told = advice.filter(({ severity }) => severity !== 'info');
    const wanted = codes.filter((code) => !code.endsWith('?'));
    assert.deepEqual(
      told
        .map(({ code }) => code)
        .filter((code) => !codes.includes(`${code}?`))
        .sort(),
      wanted.sort(),
    );
    for (const { evidence, text: sentence } of told) {
      assert.ok(evidence.length > 0, sentence);
      assert.doesNotMatch(sentence, /[{}]|undefined/);
    }
  });
}

test('a log tells of allocations with user, client, permissions and end', async () => {
  const { text } = cases.find(({ title }) => title.startsWith('a denied peer'));
  const { logs } = await analyze(text);
  const [one] = logs[0].allocations;
  assert.deepEqual(
    [one.user, one.realm, one.client, one.granted, one.closed.reason],
    ['1615803454:alice', 'example.org', '198.51.100.7:11307', 4, 'allocation timeout'],
  );
});

test('a log tells of pairs with their states', async () => {
  const { text } = cases.find(({ family, title }) => family === 'aioice' && title === 'a connection');
  const { logs } = await analyze(text);
  assert.deepEqual(
    logs[0].pairs[0].states.map(({ value }) => value),
    ['waiting', 'in-progress', 'succeeded'],
  );
});

test('a text with nothing in it says which readers were tried', async () => {
  const { advice } = await analyze('nothing\nat all\n');
  assert.deepEqual(
    advice.map(({ code, severity }) => [code, severity]),
    [['log.nothing', 'info']],
  );
  assert.match(advice[0].text, /coturn.*pion.*libnice/);
});

test('a log that is read in parts gives the same', async () => {
  const { text } = cases.find(({ title }) => title === 'a user it does not know');
  const filler = 'nothing of note\n'.repeat(Math.ceil((33 << 20) / 16));
  async function* parts() {
    for (const part of text.match(/[\s\S]{1,50}/g)) yield new TextEncoder().encode(part);
    yield new TextEncoder().encode(filler);
  }
  const whole = await analyze(text);
  const { logs, advice } = await analyze(parts());
  assert.deepEqual(logs, whole.logs);
  assert.deepEqual(
    advice.map(({ code }) => code),
    whole.advice.map(({ code }) => code),
  );
});

test('lines made to be slow are not', async () => {
  const words = [
    'new candidate ',
    'TURN error ',
    'Conn[',
    'juice: ',
    'session 123456: ',
    'livekit juice: ',
    'local ',
    '-> ',
  ];
  const begins = ['Agent 0x1 : ', 'livekit ', 'juice: ', 'Conn[a: ', 'org.ice4j ', 'icess0x1 ', 'iceAgentX() '];
  const lines = begins.flatMap((begin) => words.map((word) => begin + word.repeat(500)));
  const began = performance.now();
  await analyze(lines.join('\n'));
  // A line took ten seconds where a pattern had two stars in a row.
  assert.ok(performance.now() - began < 5_000);
});
