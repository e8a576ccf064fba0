// The answer above Live's panes: at once when nothing is left to check, with the evidence of each clause.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { after, test } from 'node:test';
import { decodeMessage, encodeMessage } from 'icelens';
import { nothingThrew, productOfFile, skip } from './file.mjs';
import { eventually } from './views.mjs';

let turn;
const product = productOfFile(async () => {
  turn = await refusingTurn();
});

/** A TURN server that takes no password: every Allocate gets 401 (RFC 8489 §9.2.4). */
async function refusingTurn() {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, { address, port }) => {
    const { transactionId, method } = decodeMessage(bytes);
    const attributes = [
      ['ERROR-CODE', { code: 401, reason: 'Unauthorized' }],
      ['REALM', 'example.org'],
      ['NONCE', 'abcdef'],
    ];
    socket.send(encodeMessage({ class: 'error', method, transactionId, attributes }), port, address);
  });
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}

after(() => turn?.close());

test('relays only and a wrong password: failed at once, why, and what would help', { skip }, async () => {
  const page = await product.open('#live');
  await page.addInitScript(() => {
    globalThis.made = [];
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(...args) {
        super(...args);
        globalThis.made.push(this);
      }
    };
  });
  await page.reload();
  await page.locator('#live-servers textarea').fill(`turn:127.0.0.1:${turn.address().port}\nnonsense`);
  await page.locator('#live-servers input').nth(0).fill('me');
  await page.locator('#live-servers input[type=password]').fill('wrong');
  await page.getByRole('button', { name: 'Relay only' }).click();
  await page.locator('[data-action=start]').click();
  await page.locator('[data-answer=fail]').waitFor();
  // The browser itself does not say so for a long time.
  const states = await page.evaluate(() => globalThis.made.map((connection) => connection.connectionState));
  assert.ok(states.length >= 2 && !states.includes('failed'), states.join());
  const band = page.locator('[data-answer]');
  await band.filter({ hasText: 'refused the user or password (401)' }).waitFor();
  assert.match(await band.innerText(), /Not connected[\s\S]*401[\s\S]*only relays may be used[\s\S]*What would help:/);
  assert.equal(await page.locator('[data-phase]').getAttribute('data-phase'), 'failed');
  // The line that was not understood is still there.
  assert.match(await page.locator('#live-servers [data-problem]').innerText(), /nonsense[\s\S]*Not used/);
  // Each number stands at its evidence too, and a clause leads there.
  assert.match(await page.locator('#live-servers header').innerText(), /2/);
  // What is chosen for the next run says nothing of this one.
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await page.locator('.tools [aria-pressed=true]', { hasText: 'All' }).waitFor();
  assert.match(await band.innerText(), /only relays may be used/);
  await band.getByRole('button', { name: /401/ }).click();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'live-servers');
  await band.locator('[data-action=remedy]').click();
  await page.locator('#live-servers textarea').waitFor();
  await page.context().close();
});

test('no pair to check and a server that is silent: gathering, and which server is waited for', { skip }, async () => {
  const deaf = createSocket('udp4');
  await new Promise((resolve) => deaf.bind(0, '127.0.0.1', resolve));
  const url = `turn:127.0.0.1:${deaf.address().port}`;
  const page = await product.open('#live');
  await page.locator('#live-servers textarea').fill(url);
  await page.locator('#live-servers input').nth(0).fill('me');
  await page.locator('#live-servers input[type=password]').fill('any');
  await page.getByRole('button', { name: 'Relay only' }).click();
  await page.locator('[data-action=start]').click();
  await page.locator('[data-answer]', { hasText: `So far: waiting for ${url}.` }).waitFor();
  assert.equal(await page.locator('[data-phase]').innerText(), 'Gathering');
  await page.context().close();
  deaf.close();
});

test('connected: how, and in the other language too; a clause opens the tab of its evidence', { skip }, async () => {
  const page = await product.open('#live', { width: 900 });
  await page.locator('[data-action=start]').click();
  const band = page.locator('[data-answer=ok]');
  await band.filter({ hasText: 'the data channel is open' }).waitFor();
  // The pair in use is known from the next statistics, which may come after the channel opened.
  await eventually(async () => assert.match(await band.innerText(), /Connected directly[\s\S]*(?:host|flx) to/));
  assert.equal(await page.locator('#live-data').isVisible(), false);
  await band.getByRole('button', { name: 'the data channel is open' }).click();
  await page.locator('#live-data').waitFor({ state: 'visible' });
  await page.getByRole('button', { name: '中文' }).click();
  await page.locator('[data-answer=ok]', { hasText: '已直连' }).waitFor();
  await page.context().close();
});

nothingThrew(product);
