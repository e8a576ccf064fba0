// The worker under workerd on this machine, set up as wrangler.jsonc says.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './run.mjs';

/** Loads a CommonJS package in half the time of an import, which first looks for the names in it. */
const require = createRequire(import.meta.url);

/** wrangler.jsonc, which has comments on lines of their own only. */
export function wranglerConfig() {
  const text = readFileSync(join(root, 'worker/wrangler.jsonc'), 'utf8');
  return JSON.parse(text.replace(/^\s*\/\/.*$/gm, ''));
}

const router = ({ run_worker_first }) => ({
  has_user_worker: true,
  invoke_user_worker_ahead_of_assets: run_worker_first,
});

/**
 * Starts workerd with the built worker. `vars` override those of wrangler.jsonc; `assets` is the folder of the page, or
 * null; `date` overrides the compatibility date. `stop` ends it.
 */
export async function startWorker({ host = '127.0.0.1', port = 0, vars = {}, assets = null, date, ...more } = {}) {
  const { Miniflare } = require('miniflare');
  const config = wranglerConfig();
  const dist = join(root, 'worker/dist');
  const module = (type, path) => ({ type, path: join(dist, path) });
  const miniflare = new Miniflare({
    host,
    port,
    cf: false,
    modulesRoot: dist,
    modules: [module('ESModule', 'cloudflare.js'), module('CompiledWasm', 'stun.wasm')],
    compatibilityDate: date ?? config.compatibility_date,
    compatibilityFlags: config.compatibility_flags,
    bindings: { ...config.vars, ...vars },
    ratelimits: Object.fromEntries(config.ratelimits.map(({ name, simple }) => [name, { simple }])),
    ...(assets === null
      ? {}
      : { assets: { directory: assets, binding: config.assets.binding, routerConfig: router(config.assets) } }),
    ...more,
  });
  try {
    const url = await miniflare.ready;
    return { url, miniflare, stop: () => miniflare.dispose() };
  } catch (error) {
    await miniflare.dispose().catch(() => {});
    throw error;
  }
}
