// A headless Chromium, or the reason why there is none.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { networkInterfaces } from 'node:os';
import { delimiter, join } from 'node:path';

// An import takes twice the time: it first looks for the names in the package, which is CommonJS.
const { chromium } = createRequire(import.meta.url)('playwright-core');

const folders = (process.env.PATH ?? '').split(delimiter);
const first = (...names) =>
  folders.flatMap((folder) => names.map((name) => join(folder, name))).find((file) => existsSync(file));

/** Path of the browser; undefined when there is none. `CHROMIUM` overrides. */
export const executablePath = process.env.CHROMIUM ?? first('chromium', 'chromium-browser', 'google-chrome');

/**
 * Path of its headless shell, which is the engine without the browser around it: it opens a page for half of the CPU. The
 * browser where there is none.
 */
export const shellPath = process.env.CHROMIUM ?? first('chromium-headless-shell') ?? executablePath;

/** For node:test's `skip`: false, or why. */
export const noChromium = executablePath === undefined ? 'Chromium not found: install it or set CHROMIUM' : false;

const hasNetwork = Object.values(networkInterfaces()).some((addresses) => addresses.some(({ internal }) => !internal));

/** The same for tests whose page opens an RTCPeerConnection: Chromium's gathers for ever where loopback is the only network. */
export const noWebRtc = noChromium || (!hasNetwork && 'extra: Chromium gathers no candidates without a network');

/** Arguments with which it talks to nobody on its own, and runs as root without a GPU. */
export const CHROMIUM_ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'].concat([
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]);

/** Starts the browser, or the program that is given, without anything that talks to the outside. */
export function launchChromium(args = [], program = executablePath) {
  return chromium.launch({ executablePath: program, args: [...CHROMIUM_ARGS, ...args] });
}

/** Opens a page and returns its title when it has run, and whatever went wrong. */
export async function open(browser, url) {
  const tab = await browser.newPage();
  const problems = [];
  tab.on('pageerror', (error) => problems.push(String(error)));
  tab.on('response', (response) => response.status() >= 400 && problems.push(`${response.status()} ${response.url()}`));
  await tab.goto(url);
  await tab.waitForFunction(() => document.title !== 'waiting', null, { timeout: 20_000 }).catch(() => {});
  const title = await tab.title();
  await tab.close();
  return { title, problems };
}
