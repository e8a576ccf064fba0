// Every window: no column too narrow to read, no address, id or name broken inside, nothing wider than the window.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nothingThrew, productOfFile, skip } from './file.mjs';
import { eventually, resize, use, VIEWS } from './views.mjs';

const WIDTHS = [721, 768, 900, 1080, 1081, 1280, 1920];
const product = productOfFile();

/** In the page: widths of the panes in sight, and words that must stay whole yet stand in two lines. */
function measure() {
  const WHOLE = /^(?:0x[0-9a-f]+|\[?[0-9a-f:.]+\]?:\d+|[A-Z][A-Z0-9-]{5,}|[0-9a-f]{8,})$/;
  const broken = [];
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest('svg, textarea, option, .hidden-visually, pre')) continue;
    for (const match of node.data.matchAll(/\S{6,}/g)) {
      if (!WHOLE.test(match[0])) continue;
      const range = document.createRange();
      range.setStart(node, match.index);
      range.setEnd(node, match.index + match[0].length);
      const tops = new Set([...range.getClientRects()].map((r) => Math.round(r.top)));
      if (tops.size > 1) broken.push(`${match[0]} in ${node.parentElement.closest('[data-pane]')?.id}`);
    }
  }
  const panes = [...document.querySelectorAll('[data-pane]')].filter((p) => p.getClientRects().length > 0);
  const { scrollWidth, clientWidth } = document.documentElement;
  return {
    broken,
    narrow: panes.filter((p) => p.getBoundingClientRect().width < 250).map((p) => p.id),
    over: Math.max(0, scrollWidth - clientWidth),
    cutTools: [...document.querySelectorAll('.tools button')].filter(
      (b) => b.getBoundingClientRect().right > clientWidth,
    ).length,
  };
}

for (const view of VIEWS) {
  test(`${view}: from 721 px up, columns are wide enough and values stay whole`, { skip }, async () => {
    const page = await product.open(`#${view}`);
    await use(page, view);
    for (const width of WIDTHS) {
      await resize(page, width);
      await eventually(async () => {
        const seen = await page.evaluate(measure);
        assert.deepEqual(seen, { broken: [], narrow: [], over: 0, cutTools: 0 }, `at ${width}`);
      });
    }
    await page.context().close();
  });
}

test('with two columns every pane can be reached through its tab, by keys too', { skip }, async () => {
  const page = await product.open('#live', { width: 900 });
  await use(page, 'live');
  assert.equal(await page.locator('#live-data').isVisible(), false);
  const tab = page.getByRole('tab', { name: 'NAT' });
  await tab.focus();
  await page.keyboard.press('End');
  assert.equal(await page.locator('#live-data').isVisible(), true);
  await page.locator('#live-data input').fill('kept');
  await page.keyboard.press('Shift+Tab');
  await page.getByRole('tab', { name: 'Data' }).focus();
  await page.keyboard.press('ArrowLeft');
  assert.equal(await page.locator('#live-local').isVisible(), true);
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.locator('#live-data input').inputValue(), 'kept');
  await page.context().close();
});

nothingThrew(product);
