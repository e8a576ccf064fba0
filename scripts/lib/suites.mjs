// Running a suite of tests and counting what ran, from the summary each runner prints.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Problem, root, run, say } from './run.mjs';
import { hasProgram } from './tools.mjs';

const none = { passed: 0, failed: 0, skipped: 0 };

function sum(text, pattern) {
  let total = 0;
  for (const [, number] of text.matchAll(pattern)) total += Number(number);
  return total;
}

// Colour codes would sit between the words of a summary.
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is removed
const plain = (text) => text.replace(/\x1b\[[0-9;]*m/g, '');

/** How each kind of command says what it ran. A check is one test, by its exit code. */
const counters = {
  check: (_, code) => ({ ...none, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 }),
  cargo: (output) => ({
    passed: sum(output, /^test result: .*?(\d+) passed/gm),
    failed: sum(output, /^test result: .*?(\d+) failed/gm),
    skipped: sum(output, /^test result: .*?(\d+) ignored/gm),
  }),
  node: (output) => ({
    passed: sum(output, /^ℹ pass (\d+)/gm),
    failed: sum(output, /^ℹ (?:fail|cancelled) (\d+)/gm),
    skipped: sum(output, /^ℹ skipped (\d+)/gm),
  }),
  vitest: (output) => ({
    passed: sum(output, /^\s*Tests\b.*?(\d+) passed/gm),
    failed: sum(output, /^\s*Tests\b.*?(\d+) failed/gm),
    skipped: sum(output, /^\s*Tests\b.*?(\d+) skipped/gm),
  }),
};

/** The line after which a runner should end. */
const lastLines = { node: /^ℹ duration_ms /m };

/** Each skipped test with the reason, as node:test and cargo print them. */
function skippedTests(output) {
  const node = [...output.matchAll(/^\s*﹣ (.*?) \([\d.]+ms\) # (.+)$/gm)].map(([, name, why]) => `${name}: ${why}`);
  const cargo = [...output.matchAll(/^test (.*?) \.\.\. ignored, (.+)$/gm)].map(([, name, why]) => `${name}: ${why}`);
  return [...new Set([...node, ...cargo])];
}

/**
 * Whether everything that tests need can be had: as root on Debian. There a package or page test that is skipped has
 * failed, unless its reason begins with "extra:" (it reads what a fresh clone does not have) or namespaces are refused.
 */
const canInstall = () => hasProgram('apt-get') && process.getuid?.() === 0;
const mustRun = (kind, test) =>
  kind === 'node' && canInstall() && !/: (extra:|can't make a network namespace)/.test(test);

/** The files of a folder that end in `.test.mjs`, for `node --test`. */
export function testFiles(folder) {
  const files = readdirSync(join(root, folder)).filter((name) => name.endsWith('.test.mjs'));
  if (files.length === 0) throw new Problem(`${folder} has no test files`);
  return files.sort().map((name) => join(folder, name));
}

/**
 * Seconds that one file of tests may take, and one step of a suite. They are several times what a slow machine needs: a
 * test that never ends must fail and be named, not keep the whole run from its end.
 */
const FILE_LIMIT = 400;
const STEP_LIMIT = 1800;

/** Node's words that run test files, each with a limit of time. */
export const nodeTest = ['node', '--test', '--test-reporter=spec', `--test-timeout=${FILE_LIMIT * 1000}`];

/** A step that runs test files under node:test; `flags` are node's. */
export function nodeTests(folder, ...flags) {
  return { kind: 'node', command: [...nodeTest, ...flags, ...testFiles(folder)] };
}

/** Files and names of the tests that failed, as node:test lists them at the end. */
function failedTests(output) {
  const failed = [...output.matchAll(/^test at (\S+\.test\.mjs):\d+:\d+\n✖ (.*?) \([\d.]+ms\)/gm)];
  return { files: [...new Set(failed.map(([, file]) => file))], names: failed.map(([, , name]) => name) };
}

/** Runs a step's command. Its output goes to `print` when it has ended; without one it is passed through. */
async function runCommand({ kind, command: [program, ...args], cwd, env: extra, limit = STEP_LIMIT }, env, print) {
  const how = { limit, last: lastLines[kind], ...(print ? { capture: true } : { tee: true }) };
  const { code, output } = await run(program, args, { env: { ...env, ...extra }, ...how, mayFail: true, cwd });
  print?.(output);
  const text = plain(output);
  const counts = counters[kind](text, code);
  // A runner that broke, or found nothing to run, is a failure even when no test says so.
  if (counts.failed === 0 && (code !== 0 || counts.passed + counts.skipped === 0)) counts.failed = 1;
  return { counts, text };
}

async function runStep(step, env, print) {
  const { counts, text } = await runCommand(step, env, print);
  const reasons = skippedTests(text);
  const forbidden = reasons.filter((test) => mustRun(step.kind, test)).length;
  return { step, counts, forbidden, failures: failedTests(text), reasons, flaky: [] };
}

async function runSteps(suite, env, print) {
  const missing = suite.needs?.() ?? null;
  if (missing !== null) {
    const counts = { ...none, ...(canInstall() ? { failed: 1 } : { skipped: 1 }) };
    return [{ counts, forbidden: 0, reasons: [`${suite.name}: ${missing}`], flaky: [] }];
  }
  const steps = [];
  for (const step of suite.steps()) steps.push(await runStep(step, env, print));
  return steps;
}

/**
 * Runs one suite: its steps in order. A suite that can't run here counts as one skipped test, with the reason. With
 * `print` it runs beside others: what it printed goes there when it has ended.
 */
export async function runSuite(suite, env, print) {
  const started = performance.now();
  say(`suite ${suite.name}${print ? ' begins' : ''}`);
  const printed = [];
  const steps = await runSteps(suite, env, print && ((text) => printed.push(text)));
  if (print) say(`suite ${suite.name} has ended; what it printed:`);
  print?.(printed.join(''));
  return { name: suite.name, steps, seconds: (performance.now() - started) / 1000 };
}

async function tryStep(ran, env, print) {
  const { step, counts, failures } = ran;
  const { files, names } = failures ?? { files: [], names: [] };
  if (step?.kind !== 'node' || files.length === 0 || names.length !== counts.failed) return;
  say(`once more, for ${names.length} failed: ${files.join(' ')}`);
  const flags = step.command.filter((word) => !word.endsWith('.test.mjs'));
  const second = await runCommand({ ...step, command: [...flags, ...files] }, env, print);
  if (second.counts.failed > 0) return;
  counts.passed += counts.failed;
  counts.failed = 0;
  ran.flaky = names;
}

/**
 * Runs the files of failed tests once more, alone: when every suite has ended. Tests with real browsers, sockets and
 * clocks fail now and then on a busy machine; one that fails twice has failed, one that passes then is named as flaky, so
 * that somebody mends it.
 */
export async function tryAgain(results, env, print) {
  for (const { steps } of results) for (const ran of steps) await tryStep(ran, env, print);
}

/** Counts of a suite: a test that must not be skipped here has failed. */
export function counted({ name, steps, seconds }) {
  const total = (count) => steps.reduce((n, ran) => n + count(ran), 0);
  return {
    name,
    seconds,
    passed: total(({ counts }) => counts.passed),
    failed: total(({ counts, forbidden }) => counts.failed + forbidden),
    skipped: total(({ counts, forbidden }) => Math.max(0, counts.skipped - forbidden)),
    reasons: steps.flatMap(({ reasons }) => reasons),
    flaky: steps.flatMap(({ flaky }) => flaky),
  };
}

function line(result) {
  const mark = result.failed > 0 ? '✗' : result.passed === 0 ? '–' : '✓';
  const counts = `${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`;
  return `${mark} ${result.name.padEnd(10)} ${`${result.seconds.toFixed(1)} s`.padStart(8)}  ${counts}`;
}

/** Prints every suite and the sum; returns whether nothing failed. */
export function report(ran) {
  const results = ran.map(counted);
  console.log('');
  for (const result of results) {
    console.log(line(result));
    for (const why of result.reasons) console.log(`    skipped: ${why}`);
    for (const name of result.flaky) console.log(`    flaky, passed when run again: ${name}`);
  }
  const total = (key) => results.reduce((n, result) => n + result[key], 0);
  console.log(`\n${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`);
  return total('failed') === 0;
}
