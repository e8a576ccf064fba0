// The TURN servers: coturn, and that of the crate's examples.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { find } from '../../pkg-tests/lab/network.mjs';
import { COTURN, OWN_TURN } from './conditions.mjs';
import { TURN_SERVER } from './prepare.mjs';

const running = new Set();

function start(command, args) {
  const child = spawn(command, args, { stdio: 'ignore' });
  running.add(child);
  return child;
}

const hostAndPort = ({ address }) => address.split(':');

/** A Binding request is answered once the server is up. */
async function answers({ address }, child) {
  const [host, port] = address.split(':');
  const socket = createSocket('udp4');
  // A port that nobody has yet may refuse: the next attempt asks again.
  socket.on('error', () => {});
  const request = Buffer.from('000100002112a442000102030405060708090a0b', 'hex');
  try {
    const answer = new Promise((resolve) => socket.once('message', resolve));
    for (let attempt = 0; attempt < 100 && child.exitCode === null; attempt++) {
      socket.send(request, Number(port), host);
      const waited = new Promise((resolve) => setTimeout(resolve, 100, null));
      if ((await Promise.race([answer, waited])) !== null) return true;
    }
    return false;
  } finally {
    socket.close();
  }
}

async function startCoturn() {
  const program = find('turnserver');
  if (program === null) return 'coturn is not installed';
  const [host, port] = hostAndPort(COTURN);
  const common = ['-n', '--no-tls', '--no-dtls', '--no-cli', '--pidfile', '/dev/null', '--userdb', '/dev/null'];
  const addresses = ['-L', host, '-E', host, '-p', port];
  const user = ['-a', '-u', `${COTURN.username}:${COTURN.password}`, '-r', 'interop'];
  const child = start(program, [...common, ...addresses, ...user, '-l', 'stdout', '--simple-log']);
  return (await answers(COTURN, child)) ? null : 'coturn did not start';
}

async function startOwn() {
  const child = start(TURN_SERVER, [OWN_TURN.address, `${OWN_TURN.username}:${OWN_TURN.password}`]);
  return (await answers(OWN_TURN, child)) ? null : 'examples/turn_server did not start';
}

/** Starts both; gives why one can't be used, by the name of its condition. */
export async function startServers() {
  return { 'relay, coturn': await startCoturn(), 'relay, icelens': await startOwn() };
}

export function stopServers() {
  for (const child of running) child.kill('SIGKILL');
}
