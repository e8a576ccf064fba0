// Servers as processes, for the benches that load them: each on one core, and what they use of it.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const REQUEST = Buffer.from(`000100002112a442${'00'.repeat(12)}`, 'hex');

/** Path of an example of the crate. */
export const example = (name) => join(root, 'target/release/examples', name);

/** Path of a program, if it is installed. */
export const find = (name) =>
  ['/usr/bin', '/usr/sbin', '/usr/local/bin'].map((folder) => join(folder, name)).find((file) => existsSync(file));

const taskset = find('taskset');

/** The command on one core, where the system can do that. */
export const pin = (core, command) => (taskset ? [taskset, '-c', String(core), ...command] : command);

export const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

/** Microseconds of CPU that a server has used so far, where the system tells. */
export function cpu({ child }) {
  const file = `/proc/${child.pid}/stat`;
  if (!existsSync(file)) return Number.NaN;
  const fields = readFileSync(file, 'utf8').split(') ')[1].split(' ');
  // utime and stime, in hundredths of a second.
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** Waits until a server answers `request`: by default a Binding request. */
async function answers({ port, command, request = REQUEST }) {
  const socket = createSocket('udp4');
  socket.on('error', () => {});
  const asking = setInterval(() => socket.send(request, port, '127.0.0.1', () => {}), 200);
  const answered = await Promise.race([once(socket, 'message'), sleep(30_000, null, { ref: false })]);
  clearInterval(asking);
  socket.close();
  if (answered === null) throw new Error(`no answer from ${command.join(' ')}`);
}

/** Starts servers on the first core, runs `work` once all of them answer, and ends them. */
export async function withServers(servers, work) {
  const children = [];
  try {
    for (const server of servers) {
      const [program, ...args] = pin(0, server.command);
      server.child = spawn(program, args, { stdio: 'ignore' });
      children.push(server.child);
    }
    await Promise.all(servers.map(answers));
    await work();
  } finally {
    for (const child of children) child.kill();
    await Promise.all(
      children.filter(({ exitCode, signalCode }) => exitCode === null && !signalCode).map((c) => once(c, 'exit')),
    );
  }
}
