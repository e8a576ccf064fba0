// Chromium and Firefox in this process's network, each started when first asked for.
import { CHROMIUM_ARGS } from '../../pkg-tests/lib/chromium.mjs';

const SHOWN = '--disable-features=WebRtcHideLocalIpsWithMdns';

async function chromium(executablePath) {
  const { chromium } = await import('playwright-core');
  return await chromium.launch({ executablePath, args: [...CHROMIUM_ARGS, SHOWN] });
}

async function firefox(executablePath) {
  const { default: puppeteer } = await import('puppeteer-core');
  const extraPrefsFirefox = { 'media.peerconnection.ice.obfuscate_host_addresses': false };
  return await puppeteer.launch({ browser: 'firefox', executablePath, headless: true, extraPrefsFirefox });
}

export class Browsers {
  #running = new Map();

  /** A new page of the browser with this program. */
  async page(name, executablePath) {
    const launch = name === 'Firefox' ? firefox : chromium;
    if (!this.#running.has(name)) this.#running.set(name, launch(executablePath));
    return await (await this.#running.get(name)).newPage();
  }

  async close() {
    for (const browser of this.#running.values()) await (await browser).close();
  }
}
