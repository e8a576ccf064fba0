// Waits with a limit: children, events and conditions that never come fail by name instead of hanging the file.
// `spawnSync` and `execFileSync` hold the thread, so that no timeout of node:test would end them.
import * as processes from 'node:child_process';
import { once as eventOf } from 'node:events';

/** Milliseconds that anything may take; the machine may be busy with other things. */
export const PATIENCE = 120_000;

/** Rejects after `milliseconds` with what was waited for; else settles as `promise` does. */
export async function within(promise, what, milliseconds = PATIENCE) {
  let timer;
  const late = new Promise((_, reject) => {
    const fail = () => reject(new Error(`waited ${milliseconds / 1000} s in vain for ${what}`));
    // Nothing waits for the limit alone: where nothing else is left to happen, node:test says so at once.
    timer = setTimeout(fail, milliseconds).unref();
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** `once` of node:events, with the limit. */
export async function once(emitter, name, { milliseconds = PATIENCE } = {}) {
  const stop = new AbortController();
  try {
    return await within(eventOf(emitter, name, { signal: stop.signal }), `'${name}' of ${kind(emitter)}`, milliseconds);
  } finally {
    stop.abort();
  }
}

const kind = (emitter) => emitter.spawnargs?.join(' ') ?? emitter.constructor.name;

/** Resolves once `fits` says so, asked now and at each event of this type of an EventTarget. */
export async function until(target, type, fits, milliseconds = PATIENCE) {
  let look;
  const met = new Promise((resolve, reject) => {
    look = () => {
      try {
        if (fits()) resolve();
      } catch (error) {
        reject(error);
      }
    };
  });
  target.addEventListener(type, look);
  try {
    look();
    await within(met, `${type}: ${fits}`, milliseconds);
  } finally {
    target.removeEventListener(type, look);
  }
}

/** Asks every 10 ms until `fits` says so. */
export async function eventually(fits, what, milliseconds = PATIENCE) {
  const end = performance.now() + milliseconds;
  while (!(await fits())) {
    if (performance.now() > end) throw new Error(`waited ${milliseconds / 1000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const limits = { timeout: PATIENCE, killSignal: 'SIGKILL' };
/** Nothing is read from a terminal or pipe that the tests were started with. */
const noInput = ({ input, stdio }) => (input === undefined && stdio === undefined ? { input: '' } : {});

/** As in node:child_process; a child that goes on for too long is killed, and that is thrown. */
export function spawnSync(program, args = [], options = {}) {
  const result = processes.spawnSync(program, args, { ...limits, ...noInput(options), ...options });
  if (result.error?.code === 'ETIMEDOUT') throw new Error(tooLong(program, args, result));
  return result;
}

/** As in node:child_process; a child that goes on for too long is killed, and that is thrown. */
export function execFileSync(program, args = [], options = {}) {
  return processes.execFileSync(program, args, { ...limits, ...noInput(options), ...options });
}

/** As the promise of node:child_process; a child that goes on for too long is killed, and that is thrown. */
export function execFile(program, args = [], options = {}) {
  return new Promise((resolve, reject) => {
    const child = processes.execFile(program, args, { ...limits, ...options }, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr });
      else reject(Object.assign(error, { stdout, stderr }));
    });
    child.stdin.end();
  });
}

const tooLong = (program, args, { stdout, stderr }) =>
  `${program} ${args.join(' ')} went on for ${PATIENCE / 1000} s and was killed:\n${stdout}\n${stderr}`;
