// Simulate in a real Chromium: the engine runs in a thread of the page, nothing is served but the page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nothingThrew, productOfFile, skip } from './file.mjs';
import { eventually } from './views.mjs';

let page;
const product = productOfFile(async () => {
  page = await product.open('#simulate');
  await page.locator('[data-run=direct]').waitFor();
});

const verdict = () => page.locator('[data-answer] .verdict').innerText();
const time = async () => Number(await page.locator('[role=slider]').first().getAttribute('aria-valuenow'));
/** Chooses a scenario, and waits until its run is there. */
async function choose(name) {
  await page.locator('select.scenario').selectOption(name);
  await page.locator('[data-action=run]:not([aria-disabled=true])').waitFor();
}
const selectedRow = () => page.locator('#sim-ladder [role=option][aria-selected=true]');

test('a scenario runs, and the answer is a sentence', { skip }, async () => {
  assert.match(await verdict(), /A and B connect directly after \d+ ms/);
  assert.equal(await page.locator('#sim-list-3 [data-pair=succeeded].selected').count(), 1);
  await choose('symmetric-to-port-restricted');
  await page.locator('[data-run=relayed]').waitFor();
  assert.match(await verdict(), /through a relay after 1\.30 s.*dropped \d+ packets \(filtered/s);
  await choose('symmetric-to-symmetric-no-relay');
  await page.locator('[data-run=failed]').waitFor();
  assert.match(await verdict(), /do not connect/);
});

test('RFC 8445 §15.1: the messages of the ladder, and the priority of its pair', { skip }, async () => {
  await choose('rfc8445-15.1');
  await page.locator('#sim-list-3 .selected', { hasText: '7277816997797167102' }).waitFor();
  await page.locator('#sim-ladder [role=listbox]').focus();
  await page.keyboard.press('Home');
  assert.match(await selectedRow().innerText(), /^1\b/);
});

test('time goes by keys, and the check lists with it', { skip }, async () => {
  await choose('cone-to-cone');
  await page.locator('#sim-list-3 [data-pair=succeeded]').first().waitFor();
  await page.locator('[role=slider]').focus();
  await page.keyboard.press('Home');
  assert.equal(await time(), 0);
  assert.equal(await page.locator('#sim-list-3 [data-pair]').count(), 0);
  await page.locator('.brand').click();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  const third = Number((await selectedRow().innerText()).trim().split(/\s/)[0]);
  await page.keyboard.press('k');
  assert.equal(Number((await selectedRow().innerText()).trim().split(/\s/)[0]), third - 1);
  await page.keyboard.press('Space');
  await page.waitForFunction(() => Number(document.querySelector('[role=slider]').getAttribute('aria-valuenow')) > 40);
  await page.keyboard.press('Space');
});

test('the selected message has its bytes and fields, and each selects the other', { skip }, async () => {
  const row = page.locator('#sim-ladder [role=option]', { hasText: 'Binding request' }).first();
  await row.click();
  const number = (await row.innerText()).trim().split(/\s/)[0];
  await page.locator('#sim-packet header', { hasText: new RegExp(`\\b${number}\\b`) }).waitFor();
  const bytes = await page.locator('#sim-packet [role=gridcell]').count();
  assert.ok(bytes >= 20);
  await page.locator('#sim-packet [role=gridcell]').nth(8).click();
  assert.match(await page.locator('#sim-packet [role=option][aria-selected=true]').innerText(), /Transaction id/);
});

test('the matrix has 81 runs; a cell opens its run', { skip }, async () => {
  await page.locator('[data-cell="8,8"].relayed').waitFor();
  assert.equal(await page.locator('#sim-matrix [role=gridcell]').count(), 81);
  assert.equal(await page.locator('[data-cell="0,8"].direct').count(), 1);
  await page.locator('#sim-matrix [role=grid]').focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter']) {
    await page.keyboard.press(key);
  }
  await page.locator('[data-run=relayed]').waitFor();
  assert.match(await verdict(), /A and B connect through a relay/);
});

test('a link restores scenario, seed, time and message', { skip }, async () => {
  await choose('cone-to-cone');
  await page.locator('[data-run=direct]').waitFor();
  await page.locator('#sim-ladder [role=listbox]').focus();
  await page.keyboard.press('Home');
  await page.locator('#sim-row-1').click();
  const number = (await selectedRow().innerText()).trim().split(/\s/)[0];
  await page.keyboard.press('c');
  await page.waitForFunction(() => location.hash.startsWith('#simulate/'));
  const again = await product.open(new URL(page.url()).hash);
  await again.locator('[data-run=direct]').waitFor();
  const row = again.locator('#sim-ladder [role=option][aria-selected=true]');
  await eventually(async () => assert.equal((await row.innerText()).trim().split(/\s/)[0], number));
  await again.context().close();
});

test('two networks are built, and what they allow is seen at once', { skip }, async () => {
  await page.locator('[data-mode=networks]').click();
  const tile = (side, axis, n) =>
    page
      .locator(`#sim-side-${side} [role=radiogroup]`)
      .nth(axis === 'mapping' ? 0 : 1)
      .getByRole('radio')
      .nth(n);
  for (const side of ['A', 'B']) for (const axis of ['mapping', 'filtering']) await tile(side, axis, 2).click();
  await page.getByLabel('with TURN').uncheck();
  await page.locator('[data-answer=fail]').waitFor();
  await tile('A', 'mapping', 0).click();
  await tile('A', 'filtering', 0).click();
  await page.locator('[data-answer=ok]').waitFor();
  await page.locator('[data-action=open-run]').click();
  await page.locator('[data-run=direct]').waitFor();
});

test('a population run gives shares that sum to all calls', { skip }, async () => {
  await page.locator('[data-mode=population]').click();
  await page.locator('[data-action=population]').click();
  await page.locator('#sim-outcome .bar').waitFor({ timeout: 60_000 });
  const counts = (await page.locator('#sim-outcome .three').innerText()).matchAll(/(\d+) calls?/g);
  assert.equal(
    [...counts].reduce((sum, [, n]) => sum + Number(n), 0),
    200,
  );
  await page.locator('#sim-who td button').first().click();
  await page.locator('[data-run=direct], [data-run=relayed], [data-run=failed]').waitFor();
});

test('from evidence: a recorded call that failed, and what would have connected it', { skip }, async () => {
  await page.locator('[data-mode=evidence]').click();
  await page.locator('[data-action=example-evidence]').click();
  await page.locator('[data-evidence=failed]').waitFor();
  assert.match(await verdict(), /This call failed as it had to.*drops the checks/s);
  assert.equal(await page.locator('[data-step=outcome][data-agreement=same]').count(), 1);
  // Facts that were put in prove nothing.
  for (const step of ['host', 'srflx', 'described']) {
    const rows = page.locator(`[data-step=${step}]`);
    const given = page.locator(`[data-step=${step}][data-agreement=given]`);
    assert.equal(await given.count(), await rows.count());
    assert.ok((await rows.count()) > 0);
  }
  await page.locator('#sim-ev-whatif [data-head=now][data-outcome=relayed]').waitFor();
  assert.equal(await page.locator('[data-row=decides]').count(), 1);
  assert.match(await page.locator('[data-deciding]').innerText(), /RFC 8656 §9/);
  const change = page.locator('#sim-ev-change');
  const label = await change.locator('option', { hasText: 'filters by address only' }).last().innerText();
  await change.selectOption({ label });
  await page.locator('#sim-ev-whatif [data-head=now][data-outcome=direct]').waitFor();
  assert.match(await page.locator('[data-deciding]').innerText(), /RFC 4787 §5/);
});

test('from evidence by keys: messages, differences, assumptions', { skip }, async () => {
  await page.locator('.brand').click();
  const selected = () => page.locator('#sim-ev-whatif [role=option][aria-selected=true]').getAttribute('id');
  const first = await selected();
  await page.keyboard.press('n');
  await page.waitForFunction((id) => document.querySelector('#sim-ev-whatif [aria-selected=true]')?.id !== id, first);
  await page.keyboard.press('a');
  await page.waitForFunction(() => document.activeElement?.id === 'sim-ev-as-0');
  await page.locator('[data-assumption=filtering] select').first().selectOption('0');
  await page.locator('[data-assumption].hot').waitFor();
});

test('from evidence: text is taken too, and what shows no call is said', { skip }, async () => {
  await page.locator('[data-action=new-evidence]').click();
  await page.locator('#sim-ev-text').fill('hello');
  await page.locator('[data-action=use-evidence]').click();
  await page.locator('[role=alert]', { hasText: 'shows no call' }).waitFor();
  const line = (type, address, more = '') => `a=candidate:1 1 udp 1 ${address} 5000 typ ${type}${more}`;
  const sdp = (setup, lines) =>
    [
      'v=0',
      `o=- ${setup.length} 2 IN IP4 127.0.0.1`,
      's=-',
      't=0 0',
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
      'c=IN IP4 0.0.0.0',
      `a=ice-ufrag:${setup}`,
      `a=ice-pwd:${'x'.repeat(24)}`,
      `a=setup:${setup}`,
      ...lines,
      '',
    ].join('\r\n');
  const [offer, answer] = [
    sdp('actpass', [line('host', '10.0.0.2'), line('srflx', '192.0.2.1', ' raddr 10.0.0.2 rport 5000')]),
    sdp('active', [line('host', '10.1.0.2'), line('srflx', '192.0.2.2', ' raddr 10.1.0.2 rport 5000')]),
  ];
  await page.locator('#sim-ev-text').fill(`${offer}\r\n${answer}`);
  await page.locator('[data-action=use-evidence]').click();
  await page.locator('[data-evidence=direct]').waitFor();
  await page.locator('[data-action=as-scenario]').click();
  await page.locator('[data-run=direct]').waitFor();
});

test('a scenario file that can not run is refused, and says why', { skip }, async () => {
  await page.locator('[data-mode=run]').click();
  const load = (text) =>
    page.locator('input[type=file]').setInputFiles({
      name: 'scenario.json',
      mimeType: 'application/json',
      buffer: Buffer.from(text),
    });
  const refused = [
    ['hello', 'the file is not JSON'],
    [' '.repeat(5_000_000), 'the file has 5000000 bytes; 4194304 are the limit'],
    [`{"text":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 'nested more than 64 deep'],
    ['{"seed":"x"}', 'seed must be a whole number'],
  ];
  for (const [text, why] of refused) {
    await load(text);
    await page.locator('[role=alert]', { hasText: why }).waitFor();
  }
  await load('{"title":"nobody"}');
  await page.locator('[data-answer] .verdict', { hasText: 'nobody calls in this scenario' }).waitFor();
  await choose('cone-to-cone');
  await page.locator('[data-run=direct]').waitFor();
});

test('a run is saved as a trace for other programs', { skip }, async () => {
  await page.locator('[data-mode=run]').click();
  await page.locator('[data-run=direct]').waitFor();
  const saved = page.waitForEvent('download');
  await page.locator('[data-action=export]').click();
  await page.locator('[data-export=pcapng]').click();
  assert.equal((await saved).suggestedFilename(), 'icelens-trace.pcapng');
});

nothingThrew(product);
