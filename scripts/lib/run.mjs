// Running commands: output passed through or kept, children stopped with us.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Something a person has to fix; printed without a stack. */
export class Problem extends Error {}

const children = new Set();

/** Says what is being done. */
export function say(text) {
  console.log(`\x1b[36m·\x1b[0m ${text}`);
}

/** Sends a signal to a child and to its group. */
function stop(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}

/** Kills what `run` started and has not ended. */
export function stopChildren(signal = 'SIGTERM') {
  for (const child of children) stop(child, signal);
}

/** Seconds that a child has to end after it was stopped, or after it printed its `last` line. */
const GRACE = 5;

/** Characters of a line that the next piece of output may continue. */
const LINE = 200;

/** Stops a child and its group after so many seconds unless it has ended, and waits for no output then. Returns what ends the watch. */
function stopAfter(child, seconds, tell, why) {
  const timers = [];
  const after = (delay, act) => timers.push(setTimeout(act, delay * 1000));
  after(seconds, () => {
    tell(`${why} and was stopped\n`);
    stop(child, 'SIGTERM');
    after(GRACE / 2, () => stop(child, 'SIGKILL'));
    // A program that left the group may keep the output open.
    after(GRACE, () => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    });
  });
  const end = () => {
    timers.forEach(clearTimeout);
    child.off('close', end);
  };
  child.once('close', end);
  return end;
}

/**
 * Runs a command to its end. Returns `{ code, output }`; rejects with a `Problem` when it fails, unless `mayFail`.
 * `capture` keeps the output instead of passing it through; `tee` does both. `limit`: seconds after which it is stopped; `last`:
 * pattern of the line after which it should end, and is stopped when it doesn't.
 */
export function run(command, args = [], options = {}) {
  const { cwd = root, env = {}, capture = false, tee = false, mayFail = false, limit = null, last = null } = options;
  return new Promise((resolve, reject) => {
    const keep = capture || tee;
    const stdio = keep ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'];
    // A group of its own, so that stopping it stops its children; Ctrl-C reaches it through `onStop`.
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio,
      detached: process.platform !== 'win32',
    });
    children.add(child);
    let output = '';
    let hadLast = false;
    let unwatch;
    const add = (stream, text) => {
      output += text;
      if (tee) stream.write(text);
    };
    const tell = (text) => add(process.stderr, `${command} ${text}`);
    const collect = (stream) => (text) => {
      add(stream, text);
      hadLast ||= last?.test(output.slice(-text.length - LINE));
      unwatch?.();
      if (hadLast)
        unwatch = stopAfter(child, GRACE, tell, 'did not end after its last line, perhaps for a program left behind,');
    };
    child.stdout?.setEncoding('utf8').on('data', collect(process.stdout));
    child.stderr?.setEncoding('utf8').on('data', collect(process.stderr));
    if (limit !== null) stopAfter(child, limit, tell, `did not end within ${limit} s`);
    child.on('error', (error) => {
      children.delete(child);
      if (mayFail) resolve({ code: 127, output: String(error) });
      else reject(new Problem(`${command} did not start: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      children.delete(child);
      if (code === 0 || mayFail) return resolve({ code: code ?? 1, output });
      if (capture) process.stderr.write(output);
      reject(new Problem(`${command} ${args.join(' ')} failed (${signal ?? `exit code ${code}`})`));
    });
  });
}

/** The output of a command, trimmed; null when it is not there or fails. */
export async function ask(command, args = []) {
  const { code, output } = await run(command, args, { capture: true, mayFail: true });
  return code === 0 ? output.trim() : null;
}

/** Runs `stop` once on Ctrl-C or SIGTERM, then ends the process with the conventional code. */
export function onStop(stop) {
  let stopping = false;
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ]) {
    process.on(signal, async () => {
      if (stopping) return;
      stopping = true;
      stopChildren();
      try {
        await stop();
      } finally {
        process.exit(code);
      }
    });
  }
}

/** Runs a script's `main`; a `Problem` is a sentence on stderr and exit code 1. */
export async function script(main, stop = () => {}) {
  onStop(stop);
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    stopChildren();
    console.error(error instanceof Problem ? `\x1b[31m✗\x1b[0m ${error.message}` : error);
    process.exitCode = 1;
  }
}

/** Whether this module was started by name, not imported. */
export function isMain(url) {
  return process.argv[1] !== undefined && fileURLToPath(url) === process.argv[1];
}
