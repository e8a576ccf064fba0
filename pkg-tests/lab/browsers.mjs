/** Real browsers inside the lab's namespaces, driven from outside, on a page that has the built package. */
import { spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHROMIUM_ARGS } from '../lib/chromium.mjs';
import { find } from './network.mjs';

const PAGE = 'http://127.0.0.1:8080/';
const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome-stable'];
const FIREFOX = ['firefox-esr', 'firefox'];

const first = (programs) => programs.map(find).find((path) => path !== null) ?? null;

/** Why a browser can't be used, or null. */
export function missingBrowser(name) {
  if (name === 'chromium') return first(CHROMIUM) ? null : 'needs Chromium (Debian: apt-get install chromium)';
  return first(FIREFOX) ? null : 'needs Firefox (Debian: apt-get install firefox-esr)';
}

/** Serves the package and an empty page on the loopback of a host. */
export async function servePage(network, host) {
  const server = network.spawn(host, process.execPath, [fileURLToPath(new URL('page-server.mjs', import.meta.url))]);
  server.stderr.pipe(process.stderr);
  for await (const text of server.stdout) if (String(text).includes('ready')) break;
  server.stdout.resume();
}

/**
 * Starts a browser on a host and opens the page of the lab, or `address`. `showAddresses` turns the hiding of local
 * addresses off.
 * Gives `evaluate(function, argument)`, which runs in the page, the `page` itself, and `close()`.
 */
export async function launch(name, network, host, { showAddresses = false, address = PAGE } = {}) {
  const program = first(name === 'chromium' ? CHROMIUM : FIREFOX);
  const wrapper = join(network.folder, `${name}-${host}`);
  writeFileSync(wrapper, `#!/bin/sh\nexec ip netns exec ${network.name(host)} ${program} "$@"\n`);
  chmodSync(wrapper, 0o755);
  const start = name === 'chromium' ? chromium : firefox;
  const { page, close } = await start(wrapper, network.name(host), showAddresses);
  try {
    await page.goto(address);
    await page.evaluate(() => globalThis.ready);
    return { evaluate: (run, argument) => page.evaluate(run, argument), page, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function chromium(executablePath, _namespace, showAddresses) {
  const { chromium } = await import('playwright-core');
  const args = showAddresses ? [...CHROMIUM_ARGS, '--disable-features=WebRtcHideLocalIpsWithMdns'] : CHROMIUM_ARGS;
  const browser = await chromium.launch({ executablePath, args });
  return { page: await browser.newPage(), close: () => browser.close() };
}

async function firefox(executablePath, namespace, showAddresses) {
  const { default: puppeteer } = await import('puppeteer-core');
  const relay = await relayInto(namespace);
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    debuggingPort: relay.port,
    extraPrefsFirefox: showAddresses ? { 'media.peerconnection.ice.obfuscate_host_addresses': false } : {},
  });
  const close = () => browser.close().finally(relay.close);
  return { page: await browser.newPage(), close };
}

/** WebDriver BiDi listens on the namespace's loopback: a port of the same number outside leads to it. */
async function relayInto(namespace) {
  const sockets = new Set();
  const server = createServer((socket) => {
    const tunnel = spawn('ip', ['netns', 'exec', namespace, find('nc'), '127.0.0.1', String(server.address().port)]);
    sockets.add(socket);
    socket.pipe(tunnel.stdin).on('error', () => {});
    tunnel.stdout.pipe(socket);
    tunnel.on('exit', () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      tunnel.kill();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: server.address().port, close };
}
