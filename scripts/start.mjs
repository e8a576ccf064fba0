// npm start: builds everything and serves it: the page and the worker on one URL, STUN and TURN beside them.
// `npm start -- --port 9000` serves on that port; 0 takes a free one.
import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { build } from './build.mjs';
import { buildProduct, pageFolder } from './lib/product.mjs';
import { Problem, say, script } from './lib/run.mjs';
import { ensureBuildTools } from './lib/tools.mjs';
import { startWorker } from './lib/worker.mjs';

const DEFAULT_PORT = 8787;
const stops = [];

function chosenPort(args) {
  const at = args.indexOf('--port');
  const given = at >= 0 ? args[at + 1] : process.env.PORT;
  if (given === undefined) return { port: DEFAULT_PORT, given: false };
  if (!/^\d{1,5}$/.test(given) || Number(given) > 65535)
    throw new Problem(`--port takes a number from 0 to 65535, not "${given}"`);
  return { port: Number(given), given: true };
}

async function isFree(port) {
  const { createServer } = await import('node:net');
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

const TURN_USER = 'icelens';

/** TURN for whoever knows the password, to this machine's own addresses and to public ones. */
function turnOptions(password) {
  const own = Object.values(networkInterfaces()).flatMap((interfaces) => interfaces ?? []);
  const allowPeers = ['127.0.0.0/8', ...own.map(({ address }) => address.replace(/%.*/, ''))];
  return { realm: 'icelens', users: { [TURN_USER]: password }, allowPeers, limits: { perUser: 200 } };
}

/** STUN on two addresses and two ports each (RFC 5780), and TURN, so that the page has something to ask. */
async function startStun(turn) {
  const { serveStun } = await import('icelens/node');
  const at = (address, port) => ({ address, port, family: 'ipv4' });
  // The usual ports; others where something listens there.
  for (const port of [3478, 13478, 23478]) {
    try {
      return await serveStun({ primary: at('127.0.0.1', port), other: at('127.0.0.2', port + 1), turn });
    } catch (error) {
      if (error.code === 'EADDRNOTAVAIL') break;
      if (error.code !== 'EADDRINUSE') throw error;
    }
  }
  say('127.0.0.2 or every port tried is not to be had: STUN runs on one address, which shows no NAT mapping');
  return serveStun({ primary: at('127.0.0.1', 0), turn });
}

async function main(args) {
  const wanted = chosenPort(args);
  await build(await ensureBuildTools());
  await buildProduct();
  const free = await isFree(wanted.port);
  if (!free && wanted.given) throw new Problem(`port ${wanted.port} is in use: choose another with --port`);
  if (!free) say(`port ${wanted.port} is in use, taking a free one`);
  const password = randomBytes(9).toString('base64url');
  const stun = await startStun(turnOptions(password));
  stops.push(() => stun.close());
  const urls = stun.addresses.map(({ address, port }) => `stun:${address}:${port}`);
  const vars = { ICE_SERVERS: urls.join(',') };
  const { url, stop } = await startWorker({ port: free ? wanted.port : 0, assets: pageFolder, vars });
  stops.push(stop);
  say(`STUN over UDP and TCP: ${urls.join(' ')}`);
  const [first] = stun.addresses;
  say(`TURN over UDP and TCP: turn:${first.address}:${first.port}, user ${TURN_USER}, password ${password}`);
  console.log(`\n  icelens: ${url.href}\n\n  Ctrl-C stops it.\n`);
}

await script(main, () => Promise.all(stops.map((stop) => stop())));
