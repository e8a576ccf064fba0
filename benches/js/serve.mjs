// Binding requests per second over UDP: `icelens serve`, a bare echo over Node's dgram, the example server of the crate, and
// coturn where it is installed, each on one core, in one run: `node benches/js/serve.mjs`. Rounds alternate, so that all see
// the same machine; the figures are medians, and the best of a closed loop is what the server can do.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { cpu, example, find, median, pin, root, withServers } from './processes.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SECONDS = 1;
/** Requests per second of the round that does not wait for answers. */
const FLOOD = 100_000;
const GOALS = { echo: 0.9, coturn: 0.6, native: 1 };

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

function load(port, rate = []) {
  const command = pin(1, [example('stun_load'), `127.0.0.1:${port}`, String(SECONDS), ...rate.map(String)]);
  const { stdout, status, stderr } = spawnSync(command[0], command.slice(1), { encoding: 'utf8' });
  const found = /answered (\d+) asked (\d+)/.exec(stdout);
  if (status !== 0 || !found) throw new Error(`stun_load failed: ${stderr}`);
  return { answered: Number(found[1]), asked: Number(found[2]) };
}

spawnSync('cargo', ['build', '-q', '--release', '--examples'], { cwd: root, stdio: 'inherit' });
for (const server of Object.values(servers)) Object.assign(server, { rounds: [], lost: [], cost: [] });
await withServers(Object.values(servers), () => {
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
});
