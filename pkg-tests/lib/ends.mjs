// A file of tests ends when its tests have run, whatever one that failed has left open: a socket or a browser would keep the
// process for ever, and with it whoever waits for the suite.
import * as processes from 'node:child_process';
import { after } from 'node:test';

/** Milliseconds in which what was open is over, browsers too, on a busy machine. */
const GRACE = Number(process.env.ICELENS_GRACE ?? 30_000);

/** Functions that close what is open when the tests of the file have run. */
export const open = [];

after(() => {
  for (const end of open) end();
  setTimeout(leave, GRACE).unref();
  // Node 20 turns for ever in `Environment::CleanupHandles` where a request to the system was left, which sockets that were
  // reset by the thousand do under load. `exit` goes without it, and keeps the exit code.
  process.once('exit', () => process.exit());
});

function leave() {
  console.error(`still open ${GRACE / 1000} s after the last test: ${process.getActiveResourcesInfo().join(', ')}`);
  process.exit(1);
}

/** As in node:child_process, without input unless asked for; a child that is left ends with the tests of the file. */
export function spawn(program, args = [], options = {}) {
  const child = processes.spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  open.push(() => child.kill('SIGKILL'));
  return child;
}
