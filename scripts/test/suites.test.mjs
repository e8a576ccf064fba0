// `npm test` itself: every suite is run, and what fails is counted, or named when it passes alone.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { counted, runSuite, tryAgain } from '../lib/suites.mjs';
import { stages, suites } from '../suites.mjs';

test('each suite has its place in one stage, those that need the package after its build', () => {
  const lanes = stages.flat();
  assert.deepEqual(lanes.flat().sort(), ['build', ...suites.map(({ name }) => name)].sort());
  const built = suites.filter((suite) => suite.built).map(({ name }) => name);
  assert.ok(stages[0].some((lane) => lane[0] === 'build' && lane.length === 1));
  assert.deepEqual(
    built.filter((name) => stages[0].flat().includes(name)),
    [],
  );
});

/** A suite of one step: a file of tests with this source. */
function suiteOf(t, source) {
  const folder = mkdtempSync(join(tmpdir(), 'icelens-suites-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'made.test.mjs');
  const head = "import { existsSync, writeFileSync } from 'node:fs';\nimport { test } from 'node:test';\n";
  writeFileSync(file, `${head}const seen = ${JSON.stringify(join(folder, 'seen'))};\n${source}`);
  const command = [process.execPath, '--test', '--test-reporter=spec', file];
  // Else the runner inside believes to be a file of the one outside.
  const env = { NODE_TEST_CONTEXT: undefined };
  return { name: 'made', steps: () => [{ kind: 'node', command, env }] };
}

const PASSES = "test('passes', () => {});\n";

async function runTwice(t, source) {
  // Not printed: summaries of a runner would be counted with this one's.
  const printed = [];
  const print = (text) => printed.push(text);
  const results = [await runSuite(suiteOf(t, source), {}, print)];
  await tryAgain(results, {}, print);
  assert.match(printed[0], /passes/);
  const { passed, failed, skipped, flaky } = counted(results[0]);
  return { passed, failed, skipped, flaky };
}

test('what passes is counted, apart from others too', async (t) => {
  assert.deepEqual(await runTwice(t, PASSES), { passed: 1, failed: 0, skipped: 0, flaky: [] });
});

test('what fails once is run again and named', async (t) => {
  const once =
    "test('once', () => { if (existsSync(seen)) return; writeFileSync(seen, ''); throw new Error('lost'); });";
  assert.deepEqual(await runTwice(t, PASSES + once), { passed: 2, failed: 0, skipped: 0, flaky: ['once'] });
});

test('what fails twice has failed', async (t) => {
  const always = "test('always', () => { throw new Error('wrong'); });";
  assert.deepEqual(await runTwice(t, PASSES + always), { passed: 1, failed: 1, skipped: 0, flaky: [] });
});
