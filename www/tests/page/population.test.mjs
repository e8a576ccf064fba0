// The population of Simulate in a real Chromium: mixes and their sources, what would change it, the call behind a cell.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { nothingThrew, productOfFile, skip } from './file.mjs';

const product = productOfFile();

/** A page of its own that shows the population. */
async function opened(hash = '#simulate') {
  const page = await product.open(hash);
  await page.locator('[data-mode=population]').click();
  return page;
}

/** Runs it, and waits until each remedy has been tried. */
async function run(page) {
  await page.locator('[data-action=population]').click();
  await page.locator('[data-change=now]').waitFor();
  await page.waitForFunction(() => document.querySelector('[data-tried=false]') === null, null, { timeout: 180_000 });
}

const figures = async (page, change) =>
  (await page.locator(`[data-change="${change}"] .figures`).innerText()).split(' / ').map(Number);

test('each thing that would change it is a run of its own, and the best server stands in the answer', {
  skip,
}, async () => {
  const page = await opened();
  await run(page);
  const now = await figures(page, 'now');
  const changes = await page.locator('[data-tried]').evaluateAll((rows) => rows.map((row) => row.dataset.change));
  assert.deepEqual(changes, ['turn-tcp', 'no-turn', 'filter', 'mapping', 'ipv6', 'twice']);
  const [, relayed, failed] = await figures(page, 'no-turn');
  assert.ok(relayed === 0 && failed > now[2], `${relayed} ${failed}`);
  const tcp = await figures(page, 'turn-tcp');
  assert.equal(tcp[2], 0);
  assert.match(
    await page.locator('[data-answer=warn]').innerText(),
    /What would help: TURN over UDP and TCP 443: 0\.0 % fail instead of 5\.0 %/,
  );
  await page.context().close();
});

test('a cell opens the call that it stands for, with the same end', { skip }, async () => {
  const page = await opened();
  await run(page);
  for (const [words, outcome] of [
    [/, 0 relayed, [1-9]\d* failed$/, 'failed'],
    [/, [1-9]\d* relayed, 0 failed$/, 'relayed'],
    [/, 0 relayed, 0 failed$/, 'direct'],
  ]) {
    await page.locator('#sim-who').getByRole('button', { name: words }).first().click();
    await page.locator(`[data-run=${outcome}]`).waitFor();
    await page.locator('[data-mode=population]').click();
  }
  await page.context().close();
});

test('the relay follows its assumptions without another run, and the plot says what the answer says', {
  skip,
}, async () => {
  const page = await opened();
  await run(page);
  const plot = page.locator('#sim-bandwidth svg');
  const share = (await figures(page, 'now'))[1] / 100;
  for (const [concurrent, media] of [
    [1000, 500],
    [250, 800],
  ]) {
    await page.locator('#sim-pop-concurrent').fill(String(concurrent));
    await page.locator('#sim-pop-media').fill(String(media));
    // Two directions, each in and out again.
    const mean = Math.round((concurrent * share * media * 4) / 1000);
    await page.locator(`#sim-bandwidth svg[aria-label*=": ${mean} Mbit/s"]`).waitFor();
    assert.match(await plot.innerHTML(), new RegExp(`>${2 * concurrent} calls<`));
    assert.match(
      await page.locator('[data-answer]').innerText(),
      new RegExp(`plan ${mean} Mbit/s of relay for ${concurrent} `),
    );
  }
  await page.context().close();
});

test('a single call ends as its row says when it is opened, and all is saved as JSON', { skip }, async () => {
  const page = await opened();
  await page.locator('[data-profile]').selectOption('chrome');
  await page.getByRole('group', { name: 'Filter kept per' }).getByRole('button', { name: 'endpoint' }).click();
  await run(page);
  const saved = page.waitForEvent('download');
  await page.locator('[data-action=save-population]').click();
  const { asked, result, bandwidth, single, changes } = JSON.parse(readFileSync(await (await saved).path(), 'utf8'));
  assert.equal(asked.profile, 'chrome');
  assert.ok(asked.mix.every(({ nat }) => nat.filterScope === 'endpoint'));
  assert.equal(result.direct.calls + result.relayed.calls + result.failed.calls, 200);
  assert.equal(bandwidth.concurrent, 1000);
  assert.ok(changes.every((change) => change.result !== null));
  const rows = page.locator('[data-call]');
  assert.equal(await rows.count(), single.length);
  for (const at of [0, single.length - 1]) {
    const { outcome, elapsed } = single[at].result;
    await rows.nth(at).focus();
    await page.keyboard.press('Enter');
    await page.locator(`[data-run=${outcome}]`).waitFor();
    const said =
      elapsed < 1000 ? `${elapsed.toFixed(0)} ms` : `${(elapsed / 1000).toFixed(elapsed < 10_000 ? 2 : 1)} s`;
    assert.ok((await page.locator('[data-answer] .verdict').innerText()).includes(said), said);
    await page.locator('[data-mode=population]').click();
  }
  await page.context().close();
});

test('a mix names the source of its shares, and a share set by hand is yours', { skip }, async () => {
  const page = await opened();
  const sources = page.locator('#sim-sources li');
  await page.locator('select[data-mix=assumed]').selectOption('ford2005');
  await page.locator('select[data-mix=ford2005]').waitFor();
  assert.match(await sources.first().innerText(), /Ford, Srisuresh, Kegel 2005: 82 %/);
  await page.locator('#sim-share-0').focus();
  await page.keyboard.press('ArrowRight');
  await page.locator('select[data-mix=yours]').waitFor();
  assert.equal(await sources.count(), 2);
  assert.match(await sources.last().innerText(), /Set by you/);
  await page.context().close();
});

nothingThrew(product);
