// The product as `npm start` serves it, on ports of its own, and a browser to drive it.
import { serveStun } from 'icelens/node';
import { launchChromium, shellPath } from '../../../pkg-tests/lib/chromium.mjs';
import { buildProduct, pageFolder } from '../../../scripts/lib/product.mjs';
import { startWorker } from '../../../scripts/lib/worker.mjs';

const TRIES = 20;

/** STUN on two addresses and two ports each; ports are drawn until a free pair is found, since tests run side by side. */
async function startStun(turn) {
  for (let tries = 0; ; tries++) {
    const port = 20_000 + Math.floor(Math.random() * 30_000);
    const at = (address, p) => ({ address, port: p, family: 'ipv4' });
    try {
      return await serveStun({ primary: at('127.0.0.1', port), other: at('127.0.0.2', port + 1), turn });
    } catch (error) {
      if (error.code !== 'EADDRINUSE' || tries === TRIES) throw error;
    }
  }
}

/**
 * Starts all of it, with TURN when `turn` is given; `program` is the browser's path. `url` has no hash; `open` gives a page
 * whose errors are collected in `errors`.
 */
export async function startProduct({ vars = {}, turn, program = shellPath } = {}) {
  await buildProduct();
  const stun = await startStun(turn);
  const iceServers = stun.addresses.map(({ address, port }) => `stun:${address}:${port}`);
  const worker = await startWorker({ assets: pageFolder, vars: { ICE_SERVERS: iceServers.join(','), ...vars } });
  const browser = await launchChromium([], program);
  const errors = [];

  async function open(hash = '', { width = 1280, height = 800, ...context } = {}) {
    const session = await browser.newContext({ viewport: { width, height }, locale: 'en-US', ...context });
    // Long, since the machine may be busy with other things.
    session.setDefaultTimeout(60_000);
    const page = await session.newPage();
    page.on('pageerror', (error) => errors.push(`${error.message}\n${error.stack ?? ''}`));
    await page.goto(new URL(hash, worker.url).href);
    return page;
  }

  async function stop() {
    await browser.close();
    await worker.stop();
    await stun.close();
  }

  return { url: worker.url, iceServers, open, errors, stop };
}
