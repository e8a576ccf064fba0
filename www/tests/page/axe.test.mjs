// axe (WCAG 2.2 A and AA, and its best practices) finds nothing in any view, theme and width, empty and in use.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { nothingThrew, productOfFile, skip } from './file.mjs';
import { ready, resize, use, VIEWS } from './views.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Rules of axe: all that count, and those that the colour scheme can change. */
const ALL = {
  type: 'tag',
  values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'],
};
const COLOURS = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };
const WIDTHS = [360, 900, 1280];
const product = productOfFile();

/** Findings of axe: the rule, how often, and the first place. */
async function findings(page, runOnly = ALL) {
  await page.evaluate(axe);
  const violations = await page.evaluate(async (runOnly) => {
    const result = await globalThis.axe.run(document, { runOnly, resultTypes: ['violations'] });
    return result.violations;
  }, runOnly);
  return violations.map(
    ({ id, nodes }) => `${id} ×${nodes.length}: ${nodes[0].html.slice(0, 160)} (${nodes[0].target})`,
  );
}

for (const view of VIEWS) {
  for (const [colorScheme, rules] of [
    ['light', ALL],
    ['dark', COLOURS],
  ]) {
    test(`${view}, ${colorScheme}: nothing found`, { skip }, async () => {
      // A row that is still fading in has no final colours: the page is judged without motion.
      const page = await product.open(`#${view}`, { colorScheme, reducedMotion: 'reduce' });
      await ready(page);
      assert.deepEqual(await findings(page, rules), [], 'empty');
      await use(page, view);
      for (const width of WIDTHS) {
        await resize(page, width);
        assert.deepEqual(await findings(page, rules), [], `at ${width}`);
      }
      await page.context().close();
    });
  }
}

const noMotion = { reducedMotion: 'reduce' };

for (const view of VIEWS) {
  test(`${view}, in Chinese: nothing found`, { skip }, async () => {
    const page = await product.open(`#${view}`, { ...noMotion, locale: 'zh-CN' });
    await use(page, view);
    for (const width of [360, 1280]) {
      await resize(page, width);
      assert.deepEqual(await findings(page), [], `at ${width}`);
    }
    await page.context().close();
  });
}

test('Inspect, each of its tabs, finding, and each kind of input: nothing found', { skip }, async () => {
  const page = await product.open('#inspect', { ...noMotion, width: 900 });
  await use(page, 'inspect');
  const tabs = await page.locator('main [role=tab]').all();
  assert.ok(tabs.length >= 3, `${tabs.length} tabs`);
  for (const tab of tabs) {
    await tab.click();
    assert.deepEqual(await findings(page), [], await tab.innerText());
  }
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByRole('textbox', { name: 'Find' }).waitFor();
  assert.deepEqual(await findings(page), [], 'finding');
  await resize(page, 1280);
  for (const sample of ['SIP', 'pcapng']) {
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.locator('#inspect-input .actions').getByRole('button', { name: sample }).click();
    await page.locator(sample === 'SIP' ? '#inspect-candidates' : '#inspect-message').waitFor();
    assert.deepEqual(await findings(page), [], sample);
  }
  await page.context().close();
});

test('Simulate, a run beside another: nothing found', { skip }, async () => {
  const page = await product.open('#simulate', noMotion);
  await use(page, 'simulate');
  await page.locator('[data-run=direct]').waitFor();
  await page.locator('[data-action=diff-keep]').click();
  await page.locator('select.scenario').selectOption('symmetric-to-port-restricted');
  for (const width of WIDTHS) {
    await resize(page, width);
    await page.locator('#sim-diff [data-head=now][data-outcome=relayed]').waitFor();
    assert.deepEqual(await findings(page), [], `at ${width}`);
  }
  await page.context().close();
});

for (const mode of ['networks', 'evidence', 'population']) {
  test(`Simulate, ${mode}: nothing found`, { skip }, async () => {
    const page = await product.open('#simulate', noMotion);
    await use(page, 'simulate');
    await page.locator(`[data-mode=${mode}]`).click();
    if (mode === 'population') {
      await page.locator('[data-action=population]').click();
      await page.locator('#sim-outcome .bar').waitFor({ timeout: 60_000 });
    } else if (mode === 'evidence') {
      await page.locator('[data-action=example-evidence]').click();
      await page.locator('[data-row=decides]').waitFor();
    } else await page.locator('[data-answer=ok], [data-answer=fail], [data-answer=warn]').waitFor();
    for (const width of WIDTHS) {
      await resize(page, width);
      assert.deepEqual(await findings(page), [], `at ${width}`);
    }
    await page.context().close();
  });
}

nothingThrew(product);
