// Binding requests per second over UDP: `icelens serve`, a bare echo over Node's dgram, the example server of the crate, and
// coturn where it is installed, each on one core, in one run: `node benches/js/serve.mjs`. Rounds alternate, so that all see
// the same machine; the figures are medians, and the best of a closed loop is what the server can do.
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SECONDS = 1;
/** Requests per second of the round that does not wait for answers. */
const FLOOD = 100_000;
const REQUEST = Buffer.from(`000100002112a442${'00'.repeat(12)}`, 'hex');
const GOALS = { echo: 0.9, coturn: 0.6, native: 1 };

const root = fileURLToPath(new URL('../..', import.meta.url));
const example = (name) => join(root, 'target/release/examples', name);
const find = (name) => ['/usr/bin', '/usr/sbin', '/usr/local/bin'].map((d) => join(d, name)).find((f) => existsSync(f));

// One core for the server, another for what asks.
const pin = find('taskset') ? (core, command) => ['taskset', '-c', String(core), ...command] : (_, command) => command;

const echo = `
const socket = require('node:dgram').createSocket('udp4');
socket.on('message', (bytes, from) => socket.send(bytes, from.port, from.address));
socket.bind(Number(process.argv[1]), '127.0.0.1');`;

const port = 20_000 + Math.floor(Math.random() * 20_000);
const servers = {
  echo: { port, command: [process.execPath, '-e', echo, String(port)] },
  icelens: {
    port: port + 1,
    command: [process.execPath, join(root, 'pkg/bin/icelens.js'), 'serve', '127.0.0.1', '-p', String(port + 1)],
  },
  native: { port: port + 2, command: [example('stun_server'), `127.0.0.1:${port + 2}`] },
};
const turnserver = find('turnserver');
if (turnserver) {
  const options = ['-n', '-S', '-L', '127.0.0.1', '--no-cli', '--no-tls', '--no-dtls', '--no-tcp', '-m', '1'];
  servers.coturn = {
    port: port + 3,
    command: [turnserver, ...options, '--log-file', '/dev/null', '--pidfile', '/dev/null', '-p', String(port + 3)],
  };
}

/** Microseconds of CPU that a server has used so far, where the system tells. */
function cpu({ child }) {
  const file = `/proc/${child.pid}/stat`;
  if (!existsSync(file)) return Number.NaN;
  const fields = readFileSync(file, 'utf8').split(') ')[1].split(' ');
  // utime and stime, in hundredths of a second.
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

function load(port, rate = []) {
  const command = pin(1, [example('stun_load'), `127.0.0.1:${port}`, String(SECONDS), ...rate.map(String)]);
  const { stdout, status, stderr } = spawnSync(command[0], command.slice(1), { encoding: 'utf8' });
  const found = /answered (\d+) asked (\d+)/.exec(stdout);
  if (status !== 0 || !found) throw new Error(`stun_load failed: ${stderr}`);
  return { answered: Number(found[1]), asked: Number(found[2]) };
}

/** Waits until a server answers. */
async function answers({ port, command }) {
  const socket = createSocket('udp4');
  socket.on('error', () => {});
  const asking = setInterval(() => socket.send(REQUEST, port, '127.0.0.1', () => {}), 200);
  const answered = await Promise.race([once(socket, 'message'), sleep(30_000, null, { ref: false })]);
  clearInterval(asking);
  socket.close();
  if (answered === null) throw new Error(`no answer from ${command.join(' ')}`);
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

spawnSync('cargo', ['build', '-q', '--release', '--examples'], { cwd: root, stdio: 'inherit' });
const children = [];
try {
  for (const server of Object.values(servers)) {
    const [program, ...args] = pin(0, server.command);
    server.child = spawn(program, args, { stdio: 'ignore' });
    children.push(server.child);
    Object.assign(server, { rounds: [], lost: [], cost: [] });
  }
  await Promise.all(Object.values(servers).map(answers));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const server of Object.values(servers)) {
      const before = cpu(server);
      const { answered } = load(server.port);
      const cost = (cpu(server) - before) / (answered * SECONDS);
      const flood = load(server.port, [FLOOD]);
      // The first round warms up.
      if (round === 0) continue;
      server.rounds.push(answered);
      server.cost.push(cost);
      server.lost.push(1 - flood.answered / flood.asked);
    }
  }
  const rate = (name) => median(servers[name].rounds);
  for (const [name, server] of Object.entries(servers)) {
    const percent = Math.round(100 * median(server.lost));
    const cost = median(server.cost).toFixed(1);
    console.log(
      `${name.padEnd(8)} ${rate(name)} answers/s, ${cost} µs of CPU each, ${percent} % lost at ${FLOOD} requests/s`,
    );
  }
  const ratio = (a, b) => median(servers[a].rounds.map((answered, i) => answered / servers[b].rounds[i])).toFixed(2);
  console.log(`icelens serve to the bare echo ${ratio('icelens', 'echo')} (goal ${GOALS.echo})`);
  if (turnserver) {
    console.log(
      `icelens serve to coturn ${ratio('icelens', 'coturn')} (goal ${GOALS.coturn}, where Node's dgram reaches it)`,
    );
    console.log(`native example to coturn ${ratio('native', 'coturn')} (goal ${GOALS.native})`);
  } else console.log('coturn is not installed: not measured');
} finally {
  for (const child of children) child.kill();
  await Promise.all(
    children.filter(({ exitCode, signalCode }) => exitCode === null && !signalCode).map((c) => once(c, 'exit')),
  );
}
