// Echo in a real Chromium against the worker under workerd.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeMessage } from 'icelens';
import { nothingThrew, productOfFile, skip } from './file.mjs';
import { startProduct } from './product.mjs';
import { eventually } from './views.mjs';

let page;
const product = productOfFile(async () => {
  page = await product.open('#echo');
  await page.locator('#echo-compose').waitFor();
});

/** The bytes that a pane shows. */
async function shownBytes(pane) {
  const cells = await page.locator(`#${pane} [role=gridcell]`).allInnerTexts();
  return Uint8Array.from(cells, (cell) => Number.parseInt(cell.trim(), 16));
}

const outcome = () => page.locator('[data-outcome]');

test('before anything is sent the request is there, byte by byte', { skip }, async () => {
  const message = decodeMessage(await shownBytes('echo-request'));
  assert.equal(message.method, 'binding');
  assert.equal(message.fingerprint, 'valid');
});

test('Send gets a success response with the address the worker saw', { skip }, async () => {
  await page.locator('[data-action=send]').click();
  await page.locator('[data-outcome].ok').waitFor();
  const request = decodeMessage(await shownBytes('echo-request'));
  const response = decodeMessage(await shownBytes('echo-response'));
  assert.equal(response.class, 'success');
  assert.deepEqual(response.transactionId, request.transactionId);
  assert.equal(response.mappedAddress.address, '127.0.0.1');
  assert.match(await page.locator('footer').innerText(), /Transaction ID matches/);
});

test('the XOR table works the address out', { skip }, async () => {
  const rows = await page.locator('#echo-xor tbody tr').allInnerTexts();
  const bytes = rows.map((row) =>
    row
      .split('\t')
      .slice(1)
      .filter((cell) => cell.trim() !== ''),
  );
  const [wire, mask, result, read] = bytes;
  wire.forEach((byte, i) => {
    assert.equal(Number.parseInt(byte, 16) ^ Number.parseInt(mask[i], 16), Number.parseInt(result[i], 16));
  });
  assert.equal(read.slice(1).join('.'), '127.0.0.1');
  assert.match(await page.locator('#echo-xor').innerText(), /Port 0 is not your port/);
});

test('bytes and fields select each other', { skip }, async () => {
  await page.locator('#echo-response [role=option]', { hasText: 'SOFTWARE' }).click();
  const on = page.locator('#echo-response .hex .byte.on');
  assert.ok((await on.count()) >= 8);
  await page.locator('#echo-response [role=gridcell]').nth(9).click();
  assert.match(await page.locator('#echo-response [role=option][aria-selected=true]').innerText(), /Transaction id/);
});

test('the rules that led to the answer are told, each with its section', { skip }, async () => {
  const lines = await page.locator('#echo-why li').allInnerTexts();
  assert.ok(lines.length >= 6);
  assert.ok(
    lines.every((line) => /RFC \d+ §/.test(line)),
    lines.join('\n'),
  );
  assert.equal(await page.locator('#echo-why [data-differs]').count(), 0);
});

for (const [how, expected] of [
  ['unknown', '420 Unknown Attribute'],
  ['fingerprint', '400 Bad Request'],
  ['length', '400 Bad Request'],
  ['overrun', '400 Bad Request'],
  ['cut', 'closed 1007'],
  ['big', 'closed 1009'],
  ['text', 'closed 1003'],
  ['indication', 'no answer'],
]) {
  test(`Break it: ${how} gets ${expected}, as foretold`, { skip }, async () => {
    const button = page.locator(`[data-break=${how}]`);
    const foretold = await button.locator('.dense').innerText();
    await button.click();
    await outcome().filter({ hasText: expected }).waitFor();
    assert.ok(expected.includes(foretold), `foretold ${foretold}`);
    await page.locator('#echo-why li').first().waitFor();
    assert.equal(await page.locator('#echo-why [data-differs]').count(), 0);
  });
}

test('a closed connection is opened anew, and the history keeps all', { skip }, async () => {
  await page.locator('[data-action=send]').click();
  await page.locator('[data-outcome].ok').waitFor();
  await eventually(async () => assert.equal(await page.locator('#echo-history [role=option]').count(), 10));
});

test('the classic dialect gets MAPPED-ADDRESS', { skip }, async () => {
  await page.locator('#echo-compose select').nth(1).selectOption('rfc3489');
  await page.locator('[data-action=send]').click();
  await page.locator('#echo-response [role=option]', { hasText: /^\s*MAPPED-ADDRESS/ }).waitFor();
  assert.match(await page.locator('#echo-xor').innerText(), /as they are/);
  await page.locator('#echo-compose select').nth(1).selectOption('rfc8489');
});

test('credentials are signed, and the byte view checks them', { skip }, async () => {
  await page.getByLabel('USERNAME', { exact: true }).check();
  await page.getByLabel('Value of USERNAME').fill('me');
  await page.getByLabel('MESSAGE-INTEGRITY', { exact: true }).check();
  await page.locator('#echo-compose [role=alert]').waitFor();
  await page.locator('#echo-password').fill('secret');
  await page.locator('[data-action=send]').click();
  const field = page.locator('#echo-request [role=option]', { hasText: 'MESSAGE-INTEGRITY' });
  await eventually(async () => assert.match(await field.innerText(), /(?<!in)valid/));
});

test('rubbish in any field gives a sentence', { skip }, async () => {
  const alert = page.locator('#echo-compose [role=alert]');
  const id = page.locator('#echo-id');
  for (const rubbish of ['', 'zz', '00', '🙂', '0'.repeat(64)]) {
    await page.keyboard.press('Escape');
    await id.fill(rubbish);
    await alert.waitFor();
    await page.locator('[data-action=send]').click();
  }
  await page.getByRole('button', { name: 'New' }).click();
  await alert.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Add any attribute' }).click();
  for (const [name, value] of [
    ['nothing like it', 'x'],
    ['0x8022', '0xabc'],
    ['PRIORITY', 'many'],
    ['XOR-MAPPED-ADDRESS', '1.2.3'],
    ['ERROR-CODE', '99999'],
    ['', ''],
  ]) {
    await page.getByLabel('Attribute name or type').fill(name);
    await page.getByLabel('Attribute value').fill(value);
    await alert.waitFor();
  }
  await page.getByRole('button', { name: 'Remove the attribute' }).click();
  const url = page.locator('.url input');
  const good = await url.inputValue();
  for (const rubbish of ['', 'http://x', 'ws://', 'javascript:alert(1)']) {
    await url.fill(rubbish);
    await page.locator('.tools [role=alert]').waitFor();
  }
  await url.fill(good);
});

test('a worker that is not there is told, and tried again', { skip }, async () => {
  const other = await product.open('#echo');
  await other.locator('.url input').fill('ws://127.0.0.1:1/stun');
  await other.locator('[data-action=send]').click();
  await other.locator('.tools [role=alert]', { hasText: 'No connection' }).waitFor();
  await other.locator('[data-link=offline]', { hasText: 'retrying in' }).waitFor();
  await other.context().close();
});

test('a worker that asks for credentials is told apart from these rules', { skip }, async (context) => {
  const strict = await startProduct({ vars: { STUN_USERNAME: 'me', STUN_PASSWORD: 'secret', STUN_REALM: 'example' } });
  context.after(() => strict.stop());
  const other = await strict.open('#echo');
  await other.locator('[data-action=send]').click();
  await other.locator('[data-outcome]', { hasText: '401' }).waitFor();
  await other.locator('#echo-why [data-differs]').waitFor();
});

test('a link restores what was composed, without the password', { skip }, async () => {
  await page.getByLabel('Value of SOFTWARE').fill('from a link');
  await page.evaluate(() => {
    Object.defineProperty(navigator, 'clipboard', {
      value: {
        writeText: async (text) => {
          window.copied = text;
        },
      },
    });
  });
  await page.getByRole('button', { name: 'Copy link' }).click();
  const link = await page.waitForFunction(() => window.copied).then((handle) => handle.jsonValue());
  const other = await product.open(new URL(link).hash);
  // The view is on the page before the link's state is read.
  await other.waitForFunction(() => [...document.querySelectorAll('input')].some((it) => it.value === 'from a link'));
  assert.equal(await other.getByLabel('Value of SOFTWARE').inputValue(), 'from a link');
  assert.equal(await other.locator('#echo-password').inputValue(), '');
  await other.context().close();
});

test('an edit after Send shows at once, and an indication is judged for what it is', { skip }, async () => {
  const other = await product.open('#echo');
  await other.locator('[data-action=send]').click();
  await other.locator('[data-outcome].ok').waitFor();
  await other.locator('#echo-compose li', { hasText: 'SOFTWARE' }).locator('input.input').fill('edited');
  await other.locator('#echo-request header', { hasText: 'not sent' }).waitFor();
  assert.match(await other.locator('#echo-request').innerText(), /edited/);
  await other.locator('[data-break=indication]').click();
  await other.locator('#echo-why li', { hasText: 'Not a request' }).waitFor();
  assert.match(await other.locator('#echo-why').innerText(), /FINGERPRINT is last and its CRC-32 agrees/);
  assert.match(await other.locator('#echo-request').innerText(), /FINGERPRINT[\s\S]*valid/);
  await other.context().close();
});

test('an answer that did not come may be lost, and is not blamed on settings alone', { skip }, async () => {
  const other = await product.open('#blank');
  await other.routeWebSocket(/./, () => undefined);
  await other.goto(new URL('#echo', product.url).href);
  await other.reload();
  await other.locator('[data-action=send]').click();
  await other.locator('[data-differs]', { hasText: 'was lost' }).waitFor();
  assert.doesNotMatch(await other.locator('#echo-why').innerText(), /Nothing was sent back/);
  await other.context().close();
});

nothingThrew(product);
