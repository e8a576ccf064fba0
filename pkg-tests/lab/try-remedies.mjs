/**
 * Tries each remedy of each failed call with two real Chromiums behind kernel NATs, and writes what came of it to
 * `tests/fixtures/evidence/remedies.tsv`: `node pkg-tests/lab/try-remedies.mjs`. Needs root, Chromium and coturn, and
 * takes some minutes. `pkg-tests/evidence.test.mjs` holds the table to what the package says today.
 */
import { writeFileSync } from 'node:fs';
import { launch, missingBrowser, servePage } from './browsers.mjs';
import { runCall } from './calls.mjs';
import { missing, Network } from './network.mjs';
import { FAILING, remediesOf, withRemedy } from './remedies.mjs';

const TABLE = new URL('../../tests/fixtures/evidence/remedies.tsv', import.meta.url);
const why = missing() ?? missingBrowser('chromium');
if (why) throw new Error(why);

/** `direct` or `relayed` by the pair that the offerer uses, or the state it came to. */
async function outcome(near) {
  return near.evaluate(async () => {
    if (globalThis.pc.connectionState !== 'connected') return globalThis.pc.connectionState;
    const stats = await globalThis.pc.getStats();
    const transport = [...stats.values()].find(({ type }) => type === 'transport');
    const pair = stats.get(transport.selectedCandidatePairId);
    const types = [pair.localCandidateId, pair.remoteCandidateId].map((id) => stats.get(id).candidateType);
    return types.includes('relay') ? 'relayed' : 'direct';
  });
}

const network = new Network();
const browsers = [];
const rows = [
  '# call\tchange\tside\tsimulated\tassumptions it rests on\tin the lab; - where nftables form no such NAT',
];
try {
  network.addFar();
  network.set('cone');
  network.setFar('cone');
  await network.startCoturn();
  await Promise.all(['agent', 'far'].map((host) => servePage(network, host)));
  browsers.push(await launch('chromium', network, 'agent', { showAddresses: true }));
  browsers.push(await launch('chromium', network, 'far'));
  for (const call of FAILING) {
    for (const remedy of await remediesOf(call)) {
      const changed = withRemedy(call, remedy);
      let found = '-';
      if (changed !== null) {
        network.set(changed.near);
        network.setFar(changed.far);
        await runCall(browsers, changed);
        found = await outcome(browsers[0]);
        for (const browser of browsers) await browser.evaluate(() => globalThis.pc.close());
      }
      const rests = remedy.restsOn.map((at) => remedy.assumptions[at].code).join(' ');
      rows.push([call.name, remedy.code, remedy.side, remedy.outcome, rests, found].join('\t'));
      console.log(rows.at(-1));
    }
  }
} finally {
  await Promise.allSettled(browsers.map((browser) => browser.close()));
  network.close();
}
writeFileSync(TABLE, `${rows.join('\n')}\n`);
