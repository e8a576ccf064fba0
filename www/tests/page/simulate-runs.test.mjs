// Simulate in a real Chromium: what scenarios tell, a run beside another, NAT reports as evidence.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { nothingThrew, productOfFile, skip } from './file.mjs';
import { eventually } from './views.mjs';

let page;
const product = productOfFile(async () => {
  page = await product.open('#simulate');
  await page.locator('[data-run=direct]').waitFor();
});

const repository = (path) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
/** The messages of the ladder, whole: what is drawn of an address is its port. */
const messages = () =>
  page.locator('#sim-ladder [role=option] .words').evaluateAll((all) => all.map((words) => words.dataset.message));
const choose = (name) => page.locator('select.scenario').selectOption(name);

for (const name of ['rfc8445-15.1', 'rfc8445-15.2']) {
  test(`${name}: the ladder has the messages of the golden text, in its order`, { skip }, async () => {
    const expected = repository(`tests/fixtures/sim/${name}.txt`)
      .trim()
      .split('\n')
      // The row of the packet itself says that nobody is there.
      .filter((line) => !line.endsWith('nobody is there'))
      .map((line) => (line.includes('=>') ? 'Offer or answer' : line.split(' ').slice(3).join(' ')))
      .map((words) => words.replace(/^b/, 'B'));
    await choose(name);
    await page.locator('#sim-ladder [role=listbox]').focus();
    await page.keyboard.press('Home');
    await eventually(async () => assert.deepEqual(await messages(), expected));
  });
}

for (const [name, outcome, says, whole] of [
  ['hole-punching', 'direct', 'NAT B dropped packet'],
  ['symmetric-to-port-restricted', 'relayed', 'is a new peer-reflexive candidate'],
  ['sip-call', 'direct', 'Pair 3 is nominated'],
  ['keepalive-and-lifetime', 'direct', 'has expired after 30000 ms', true],
]) {
  test(`${name}: its acts are told, and the log has what they tell of`, { skip }, async () => {
    await choose(name);
    const { text } = JSON.parse(repository(`src/sim/scenarios/${name}.json`));
    const acts = page.locator('#sim-network .acts li span:last-child');
    await eventually(async () => {
      assert.deepEqual(
        await acts.allInnerTexts(),
        text.en.map((act) => act.replace(/^\d+\. /, '')),
      );
    });
    await page.locator(`[data-run=${outcome}]`).waitFor();
    if (whole) {
      await page.getByLabel('whole run').check();
      await page.locator('[role=slider]').focus();
      await page.keyboard.press('End');
    }
    await page.locator('#sim-log li', { hasText: says }).first().waitFor();
    await page.getByLabel('whole run').uncheck();
  });
}

test('a SIP call: INVITE, 200 OK and ACK stand in the ladder', { skip }, async () => {
  await choose('sip-call');
  await page.locator('#sim-ladder [role=listbox]').focus();
  await page.keyboard.press('Home');
  await eventually(async () => {
    const signals = (await messages()).filter((words) => /INVITE|200 OK|ACK/.test(words));
    assert.deepEqual(signals, ['INVITE with offer', '200 OK with answer', 'ACK']);
  });
});

test('a run is kept, and the next stands beside it with the message that decided', { skip }, async () => {
  await choose('cone-to-cone');
  await page.locator('[data-run=direct]').waitFor();
  await page.locator('[data-action=diff-keep]').click();
  await page.locator('#sim-diff', { hasText: 'This is the kept run' }).waitFor();
  await choose('symmetric-to-symmetric-no-relay');
  await page.locator('#sim-diff [data-head=now][data-outcome=failed]').waitFor();
  assert.equal(await page.locator('#sim-diff [data-head=before][data-outcome=direct]').count(), 1);
  assert.match(await page.locator('#sim-diff [data-deciding]').innerText(), /RFC 4787 §5/);
  const selected = () => page.locator('#sim-diff [aria-selected=true]').getAttribute('id');
  const before = await selected();
  await page.locator('.brand').click();
  await page.keyboard.press('n');
  await eventually(async () => assert.notEqual(await selected(), before));
  // The same scenario again differs in nothing.
  await choose('cone-to-cone');
  await page.locator('#sim-diff', { hasText: 'Every message is the same' }).waitFor();
  await page.locator('[data-action=diff-end]').click();
  assert.equal(await page.locator('#sim-diff').count(), 0);
});

test('TURN over TCP connects the calls of a population that UDP does not', { skip }, async () => {
  await page.locator('[data-mode=population]').click();
  await page.getByLabel('TURN over TCP').check();
  await page.locator('[data-action=population]').click();
  await page.locator('#sim-outcome .bar').waitFor();
  assert.match(await page.locator('#sim-outcome .three').innerText(), /failed 0\.0 %/);
});

const report = (mapping, filtering) =>
  JSON.stringify({
    paths: [{ family: 4, classic: 'symmetric', mapping: { value: mapping }, filtering: { value: filtering } }],
  });

test('NAT reports of both sides are evidence, and are given', { skip }, async () => {
  await page.locator('[data-mode=evidence]').click();
  const description = (setup, host, outside) =>
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
      `a=candidate:1 1 udp 1 ${host} 5000 typ host`,
      `a=candidate:1 1 udp 1 ${outside} 5000 typ srflx raddr ${host} rport 5000`,
      '',
    ].join('\r\n');
  const text = `${description('actpass', '10.0.0.2', '192.0.2.1')}\r\n${description('active', '10.1.0.2', '192.0.2.2')}`;
  await page.locator('#sim-ev-text').fill(text);
  await page.locator('#sim-ev-steps summary').click();
  await page.locator('#sim-ev-report-local').fill('no JSON');
  await page.locator('[data-action=use-evidence]').click();
  await page.locator('[role=alert]', { hasText: 'the NAT report of L is no JSON' }).waitFor();
  const port = 'address-and-port-dependent';
  await page.locator('#sim-ev-report-local').fill(report(port, port));
  await page.locator('#sim-ev-report-remote').fill(report(port, port));
  await page.locator('[data-action=use-evidence]').click();
  await page.locator('[data-evidence=failed]').waitFor();
  assert.match(await page.locator('#sim-ev-made').innerText(), /the NAT report says so/);
});

test('a link with content that is no such thing says what it left out, and runs the rest', { skip }, async () => {
  const state = {
    mode: 'population',
    name: 'cone-to-cone',
    seed: -3,
    population: { mix: [{ nat: { preset: 'toaster' }, share: 5 }], loss: -1 },
  };
  const packed = deflateRawSync(JSON.stringify(state)).toString('base64url');
  const other = await product.open(`#simulate/${packed}`);
  assert.match(
    await other.locator('[data-left]').innerText(),
    /seed: -3, population\.mix\[0\]: \{"nat":\{"preset":"toaster"\},"share":5\}, population\.loss: -1/,
  );
  await other.locator('[data-mode=run]').click();
  await other.locator('[data-run=direct]').waitFor();
  await other.context().close();
  const preset = deflateRawSync(JSON.stringify({ name: 'own', a: { preset: 'toaster' } })).toString('base64url');
  const third = await product.open(`#simulate/${preset}`);
  await third.locator('[role=alert]', { hasText: 'toaster' }).waitFor();
  await third.context().close();
});

test('What if, 360 px: both runs are in sight, and nothing scrolls sideways', { skip }, async () => {
  const narrow = await product.open('#simulate', { width: 360, height: 780 });
  await narrow.locator('[data-mode=evidence]').click();
  await narrow.locator('[data-action=example-evidence]').click();
  await narrow.locator('#sim-ev-whatif [role=option]').first().waitFor();
  const beyond = await narrow.evaluate(
    () =>
      [...document.querySelectorAll('#sim-ev-whatif .half, #sim-ev-whatif .half svg')]
        .map((it) => it.getBoundingClientRect())
        .filter(({ left, right }) => left < 0 || right > innerWidth).length,
  );
  assert.equal(beyond, 0);
  const scrolls = await narrow.evaluate(() =>
    [...document.querySelectorAll('#sim-ev-whatif, #sim-ev-whatif *')].some(
      (it) => it.scrollWidth > it.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(it).overflowX),
    ),
  );
  assert.equal(scrolls, false);
  await narrow.context().close();
});

nothingThrew(product);
