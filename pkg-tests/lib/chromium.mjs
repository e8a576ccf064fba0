// A headless Chromium, or the reason why there is none.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome'];
const folders = (process.env.PATH ?? '').split(delimiter);

/** Path of the browser; undefined when there is none. `CHROMIUM` overrides. */
export const executablePath =
  process.env.CHROMIUM ??
  folders.flatMap((folder) => names.map((name) => join(folder, name))).find((file) => existsSync(file));

/** For node:test's `skip`: false, or why. */
export const noChromium = executablePath === undefined ? 'Chromium not found: install it or set CHROMIUM' : false;

/** Starts it, without anything that talks to the outside. */
export function launchChromium(args = []) {
  const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
  const more = ['--no-sandbox', '--disable-component-update', '--disable-sync'];
  return chromium.launch({ executablePath, args: [...quiet, ...more, ...args] });
}
