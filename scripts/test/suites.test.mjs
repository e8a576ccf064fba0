// `npm test` itself: every suite is run, and what fails is counted, or named when it passes alone.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { counted, nodeTest, runSuite, tryAgain } from '../lib/suites.mjs';

/** A suite of one step: a file of tests with this source. `limits`: `step` is in seconds, `flags` are node's. */
function suiteOf(t, source, { step, flags = [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'icelens-suites-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'made.test.mjs');
  const head = "import { existsSync, writeFileSync } from 'node:fs';\nimport { test } from 'node:test';\n";
  writeFileSync(file, `${head}const seen = ${JSON.stringify(join(folder, 'seen'))};\n${source}`);
  const command = [process.execPath, ...nodeTest.slice(1), ...flags, file];
  // Else the runner inside believes to be a file of the one outside.
  const env = { NODE_TEST_CONTEXT: undefined };
  return { name: 'made', steps: () => [{ kind: 'node', command, env, limit: step }] };
}

const PASSES = "test('passes', () => {});\n";

async function runTwice(t, source, limits) {
  // Not printed: summaries of a runner would be counted with this one's.
  const printed = [];
  const print = (text) => printed.push(text);
  const results = [await runSuite(suiteOf(t, source, limits), {}, print)];
  await tryAgain(results, {}, print);
  const { passed, failed, skipped, flaky } = counted(results[0]);
  return { passed, failed, skipped, flaky, printed: printed.join('') };
}

async function counts(t, source, limits) {
  const { printed, ...counted } = await runTwice(t, source, limits);
  assert.match(printed, /passes/);
  return counted;
}

test('what passes is counted, apart from others too', async (t) => {
  assert.deepEqual(await counts(t, PASSES), { passed: 1, failed: 0, skipped: 0, flaky: [] });
});

test('what fails once is run again and named', async (t) => {
  const once =
    "test('once', () => { if (existsSync(seen)) return; writeFileSync(seen, ''); throw new Error('lost'); });";
  assert.deepEqual(await counts(t, PASSES + once), { passed: 2, failed: 0, skipped: 0, flaky: ['once'] });
});

test('what fails twice has failed', async (t) => {
  const always = "test('always', () => { throw new Error('wrong'); });";
  assert.deepEqual(await counts(t, PASSES + always), { passed: 1, failed: 1, skipped: 0, flaky: [] });
});

// The limits are of real time and as long as a passing test can need on a busy machine.
const HANGS = "test('hangs', async () => { await new Promise((done) => setTimeout(done, 600_000)); });\n";

test('a file that never ends is stopped, and has failed when it does not end again', async (t) => {
  const { printed, ...counts } = await runTwice(t, PASSES + HANGS, { flags: ['--test-timeout=3000'] });
  assert.deepEqual(counts, { passed: 1, failed: 1, skipped: 0, flaky: [] });
  assert.match(printed, /made\.test\.mjs .*\n.*timed out after 3000ms/);
});

test('a runner that never ends is stopped', async (t) => {
  const { printed, ...counts } = await runTwice(t, PASSES + HANGS, { step: 5 });
  assert.deepEqual(counts, { passed: 0, failed: 1, skipped: 0, flaky: [] });
  assert.match(printed, /did not end within 5 s and was stopped/);
});

test('a program that a test leaves behind does not keep the run from its end', async (t) => {
  const leaves = `import { spawn } from 'node:child_process';
test('leaves', () => spawn('sleep', ['60'], { stdio: 'inherit', detached: true }).unref());
`;
  const { printed, ...counts } = await runTwice(t, PASSES + leaves, { flags: ['--test-timeout=3000'] });
  assert.deepEqual(counts, { passed: 2, failed: 1, skipped: 0, flaky: [] });
  assert.match(printed, /did not end after its last line/);
});
