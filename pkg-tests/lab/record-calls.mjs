/**
 * Records the calls of the lab into `tests/fixtures/evidence`: `node pkg-tests/lab/record-calls.mjs [NAME…]`. Needs root,
 * Chromium, coturn and dumpcap, and takes about 20 s for each call that fails.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { launch, missingBrowser, servePage } from './browsers.mjs';
import { CALLS, record } from './calls.mjs';
import { find, missing, Network } from './network.mjs';

const why = missing() ?? missingBrowser('chromium') ?? (find('dumpcap') ? null : 'needs dumpcap');
if (why) throw new Error(why);
const folder = fileURLToPath(new URL('../../tests/fixtures/evidence/', import.meta.url));
mkdirSync(folder, { recursive: true });
const names = process.argv.slice(2);
const network = new Network();
const browsers = [];
try {
  network.addFar();
  network.set('cone');
  network.setFar('cone');
  await network.startCoturn();
  await Promise.all(['agent', 'far'].map((host) => servePage(network, host)));
  // The offerer shows its addresses, as after getUserMedia; the answerer hides them.
  browsers.push(await launch('chromium', network, 'agent', { showAddresses: true }));
  browsers.push(await launch('chromium', network, 'far'));
  for (const call of CALLS.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const { state, near, far, capture } = await record(network, browsers, call);
    // A browser without a pair to check stays in `new`.
    const as = (state === 'connected') === (call.outcome !== 'failed');
    console.log(`${call.name}: ${state}${as ? '' : ', NOT as expected'}`);
    if (!as) continue;
    for (const [end, bytes] of [
      ['near.json', near],
      ['far.json', far],
      ['pcapng', capture],
    ]) {
      writeFileSync(`${folder}${call.name}.${end}.gz`, gzipSync(bytes, { level: 9 }));
    }
  }
} finally {
  await Promise.allSettled(browsers.map((browser) => browser.close()));
  network.close();
}
