// Packets relayed and allocations made per second over UDP: `icelens serve --turn`, the example server of the crate, coturn
// where it is installed, and a bare relay loop over Node's dgram, each on one core, in one run: `node benches/js/turn.mjs`. Rounds
// alternate, so that all see the same machine; the figures are medians. What counts is what a server does in a second of its
// own CPU: the load beside it takes turns with it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { cpu, example, find, median, pin, root, withServers } from './processes.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
// The CPU of a server is told in hundredths of a second.
const SECONDS = 3;
const WORKS = ['channel', 'send', 'allocate'];
const GOALS = { native: 0.8, node: 0.9 };
const USER = ['user', 'pass'];

// The first two bytes are the port that is sent to, as the load writes them; a packet to itself tells that it runs.
const bare = `
const socket = require('node:dgram').createSocket('udp4');
const out = require('node:dgram').createSocket('udp4');
out.bind(0, '127.0.0.1');
socket.on('message', (bytes, from) => {
  if (bytes.length < 8) socket.send(bytes, from.port, from.address);
  else out.send(bytes.subarray(4), bytes.readUInt16BE(0), '127.0.0.1');
});
socket.bind(Number(process.argv[1]), '127.0.0.1');`;

const port = 20_000 + Math.floor(Math.random() * 20_000);
const cli = join(root, 'pkg/bin/icelens.js');
const loopback = '127.0.0.0/8';
const serve = [
  'serve',
  '127.0.0.1',
  '-p',
  String(port + 1),
  '--turn',
  '--user',
  USER.join(':'),
  '--allow-peer',
  loopback,
];
const servers = {
  'bare loop': {
    port,
    command: [process.execPath, '-e', bare, String(port)],
    request: Buffer.from('here'),
    works: ['bare'],
  },
  'icelens serve': { port: port + 1, command: [process.execPath, cli, ...serve], works: WORKS },
  native: {
    port: port + 2,
    command: [example('turn_server'), `127.0.0.1:${port + 2}`, USER.join(':'), loopback],
    works: WORKS,
  },
};
const turnserver = find('turnserver');
if (turnserver) {
  const options = ['-n', '-L', '127.0.0.1', '--no-cli', '--no-tls', '--no-dtls', '--no-tcp', '-m', '1', '-a'];
  const user = ['-u', USER.join(':'), '-r', 'bench', '--allow-loopback-peers', '--userdb', '/dev/null'];
  const quiet = ['--log-file', '/dev/null', '--pidfile', '/dev/null', '-p', String(port + 3)];
  servers.coturn = { port: port + 3, command: [turnserver, ...options, ...user, ...quiet], works: WORKS };
}

/** Per second of the load's time, and per second of the server's CPU. */
function load(server, work) {
  const before = cpu(server);
  const command = pin(1, [example('turn_load'), `127.0.0.1:${server.port}`, USER.join(':'), work, String(SECONDS)]);
  const { stdout, status, stderr } = spawnSync(command[0], command.slice(1), { encoding: 'utf8' });
  const found = /done (\d+)/.exec(stdout);
  if (status !== 0 || !found) throw new Error(`${server.command[0]}, ${work}: ${stderr}`);
  const done = Number(found[1]);
  return { rate: done, each: (cpu(server) - before) / (done * SECONDS) };
}

spawnSync('cargo', ['build', '-q', '--release', '--examples'], { cwd: root, stdio: 'inherit' });
await withServers(Object.values(servers), () => {
  const empty = ({ works }) => Object.fromEntries(works.map((work) => [work, []]));
  const results = Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, empty(server)]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, server] of Object.entries(servers)) {
      for (const work of server.works) {
        const result = load(server, work);
        // The first round warms up.
        if (round > 0) results[name][work].push(result);
      }
    }
  }
  const of = (name, work, what) => median(results[name][work].map((result) => result[what]));
  console.log('| server | work | per second | µs of CPU each |\n|---|---|---|---|');
  for (const [name, works] of Object.entries(results)) {
    for (const work of Object.keys(works)) {
      console.log(`| ${name} | ${work} | ${of(name, work, 'rate')} | ${of(name, work, 'each').toFixed(1)} |`);
    }
  }
  const ratio = (a, b, work, other = work) => (of(b, other, 'each') / of(a, work, 'each')).toFixed(2);
  const told = WORKS.map((work) => `${work} ${turnserver ? ratio('native', 'coturn', work) : '–'}`);
  console.log(`\nnative example to coturn, per core: ${told.join(', ')} (goal ${GOALS.native})`);
  const node = WORKS.map((work) => `${work} ${turnserver ? ratio('icelens serve', 'coturn', work) : '–'}`);
  console.log(`icelens serve to coturn, per core: ${node.join(', ')}`);
  console.log(
    `icelens serve to the bare loop, channel: ${ratio('icelens serve', 'bare loop', 'channel', 'bare')} (goal ${GOALS.node})`,
  );
});
