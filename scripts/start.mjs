// npm start: builds everything and serves it: the page and the worker on one URL, STUN over UDP beside them.
// `npm start -- --port 9000` serves on that port; 0 takes a free one.
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

async function main(args) {
  const wanted = chosenPort(args);
  await build(await ensureBuildTools());
  await buildProduct();
  const free = await isFree(wanted.port);
  if (!free && wanted.given) throw new Problem(`port ${wanted.port} is in use: choose another with --port`);
  if (!free) say(`port ${wanted.port} is in use, taking a free one`);
  const { url, stop } = await startWorker({ port: free ? wanted.port : 0, assets: pageFolder });
  stops.push(stop);
  console.log(`\n  icelens: ${url.href}\n\n  Ctrl-C stops it.\n`);
}

await script(main, () => Promise.all(stops.map((stop) => stop())));
