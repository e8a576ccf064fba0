// The four parts of Simulate by keys alone: each kind of control does what it is for, keeps the focus, and shows that it has it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nothingThrew, productOfFile, skip } from './file.mjs';
import { eventually } from './views.mjs';

let page;
const product = productOfFile(async () => {
  page = await product.open('#simulate', { reducedMotion: 'reduce' });

  await page.locator('[data-run=direct]').waitFor();
  await page.locator('#sim-matrix .cell.direct').first().waitFor();
});

/** Focuses a control and presses keys; it has to keep the focus, with a frame around it. */
async function press(control, ...keys) {
  await control.focus();
  for (const key of keys) await page.keyboard.press(key);
  await eventually(async () =>
    assert.deepEqual(
      await control.evaluate((it) => ({
        focused: document.activeElement === it,
        frame: getComputedStyle(it).outlineStyle,
      })),
      { focused: true, frame: 'solid' },
      keys.join(' '),
    ),
  );
}
const time = async () => Number(await page.locator('[role=slider]').first().getAttribute('aria-valuenow'));

test('Run: scenario, seed, run again', { skip }, async () => {
  const scenario = page.locator('select.scenario');
  const before = await scenario.inputValue();
  await press(scenario, 'ArrowDown');
  assert.notEqual(await scenario.inputValue(), before);
  await scenario.selectOption('cone-to-cone');
  await page.locator('[data-run=direct]').waitFor();
  const seed = page.locator('input.seed');
  const value = Number(await seed.inputValue());
  const at = await time();
  await press(seed, 'ArrowUp');
  assert.equal(Number(await seed.inputValue()), value + 1);
  await page.locator('[data-action=run]:not([aria-disabled=true])').waitFor();
  await press(seed, 'ArrowDown', 'ArrowLeft', 'ArrowRight');
  await page.locator('[data-action=run]:not([aria-disabled=true])').waitFor();
  await eventually(async () => assert.equal(await time(), at, 'arrows in a field are the field’s'));
  await press(page.locator('[data-action=run]'), 'Enter');
  await page.locator('[data-run=direct]').waitFor();
});

test('Run: Space is the control’s that has the focus, and plays elsewhere', { skip }, async () => {
  const play = page.locator('[data-action=play]');
  const pressed = () => play.getAttribute('aria-pressed');
  for (const box of [
    page.locator('.scrubber input[type=checkbox]'),
    page.locator('#sim-matrix input[type=checkbox]'),
  ]) {
    const checked = await box.isChecked();
    await press(box, 'Space');
    assert.equal(await box.isChecked(), !checked);
    assert.equal(await pressed(), 'false');
    await press(box, 'Space');
    assert.equal(await box.isChecked(), checked);
  }
  const summary = page.locator('summary[data-action=export]');
  await press(summary, 'Space');
  assert.equal(await page.locator('[data-export=pcapng]').isVisible(), true);
  await press(summary, 'Space');
  assert.equal(await pressed(), 'false');
  await page.locator('[role=slider]').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Space');
  assert.equal(await pressed(), 'true');
  await page.keyboard.press('Space');
  assert.equal(await pressed(), 'false');
  await press(play, 'Enter');
  assert.equal(await pressed(), 'true');
  await press(play, 'Enter');
});

test('Run: time, ladder, bytes, fields, matrix', { skip }, async () => {
  await press(page.locator('[role=slider]'), 'End', 'ArrowLeft');
  assert.ok((await time()) > 0);
  const ladder = page.locator('#sim-ladder [role=listbox]');
  await press(ladder, 'Home', 'ArrowDown');
  assert.equal(await page.locator('#sim-row-2').getAttribute('aria-selected'), 'true');
  const fields = page.locator('#sim-packet [role=listbox]');
  await press(fields, 'ArrowDown');
  await eventually(async () => assert.equal(await fields.locator('[aria-selected=true]').count(), 1));
  const matrix = page.locator('#sim-matrix [role=grid]');
  await press(matrix, 'ArrowUp', 'ArrowLeft');
  assert.equal(await page.locator('#sim-matrix .cursor').getAttribute('data-cell'), '1,7');
});

test('a part that is chosen by keys keeps the focus on its button', { skip }, async () => {
  for (const mode of ['networks', 'evidence', 'population', 'run', 'networks']) {
    await page.locator(`[data-mode=${mode}]`).focus();
    await page.keyboard.press('Enter');
    await eventually(async () =>
      assert.deepEqual(
        await page.evaluate(() => [document.activeElement?.dataset.mode, document.activeElement?.ariaPressed]),
        [mode, 'true'],
      ),
    );
  }
});

test('Networks: devices, tiles, fields, servers', { skip }, async () => {
  const side = page.locator('#sim-side-A');
  const device = side.locator('.presets button').nth(3);
  await press(device, 'Enter');
  assert.equal(await device.getAttribute('aria-pressed'), 'true');
  for (const at of [1, 4]) {
    const tile = side.locator('[role=radio]').nth(at);
    await press(tile, 'Space');
    assert.equal(await tile.getAttribute('aria-checked'), 'true');
  }
  const ports = page.locator('#sim-ports-A');
  await press(ports, 'ArrowDown');
  assert.equal(await ports.inputValue(), 'preserve');
  const timeout = page.locator('#sim-timeout-A');
  await press(timeout, '4', '5');
  assert.equal(await timeout.inputValue(), '45');
  const relay = page.locator('#sim-conditions input[type=checkbox]').first();
  await press(relay, 'Space');
  assert.equal(await relay.isChecked(), false);
  await press(relay, 'Space');
});

test('From evidence: the example, an assumption, the other change, the two runs', { skip }, async () => {
  await page.locator('[data-mode=evidence]').click();
  await page.locator('[data-action=example-evidence]').focus();
  await page.keyboard.press('Enter');
  const rows = page.locator('#sim-ev-whatif [role=listbox]');
  await rows.waitFor();
  await press(rows, 'Home', 'ArrowDown');
  assert.equal(await page.locator('#sim-ev-row-1').getAttribute('aria-selected'), 'true');
  const change = page.locator('#sim-ev-change');
  await press(change, 'ArrowDown');
  assert.equal(await change.inputValue(), '1');
  const assumption = page.locator('#sim-ev-made select').first();
  const value = await assumption.inputValue();
  await press(assumption, (await assumption.evaluate((it) => it.selectedIndex)) === 0 ? 'ArrowDown' : 'ArrowUp');
  assert.notEqual(await assumption.inputValue(), value);
});

test('Population: run, shares, selects, boxes', { skip }, async () => {
  await page.locator('[data-mode=population]').click();
  const run = page.locator('[data-action=population]');
  await press(run, 'Enter');
  await page.locator('[data-change=now]').waitFor();
  const share = page.locator('#sim-share-0');
  const value = Number(await share.inputValue());
  await press(share, 'ArrowRight');
  assert.equal(Number(await share.inputValue()), value + 1);
  const calls = page.locator('.tools select').first();
  await press(calls, 'ArrowDown');
  assert.notEqual(await calls.inputValue(), '200');
  const tcp = page.locator('#sim-assumed input[type=checkbox]').last();
  await press(tcp, 'Space');
  assert.equal(await tcp.isChecked(), true);
  const scope = page.locator('#sim-assumed .segments button').last();
  await press(scope, 'Enter');
  assert.equal(await scope.getAttribute('aria-pressed'), 'true');
});

nothingThrew(product);
