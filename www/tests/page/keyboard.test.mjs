// A walk by Tab alone through each view: every stop is in sight and seen to have the focus, none holds it, and the walk ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nothingThrew, productOfFile, skip } from './file.mjs';
import { ready, use, VIEWS } from './views.mjs';

/** Most stops that a view may have. */
const MOST = 300;
const product = productOfFile();

/** In the page: what has the focus; null when nothing has. */
function focused() {
  const element = document.activeElement;
  if (element === null || element === document.body) return null;
  globalThis.stops ??= new Map();
  if (!globalThis.stops.has(element)) globalThis.stops.set(element, globalThis.stops.size);
  const { top, bottom, left, right } = element.getBoundingClientRect();
  const framed = element.matches('.cm-content') ? element.closest('.cm-editor') : element;
  return {
    stop: globalThis.stops.get(element),
    what: `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 40)}`,
    outlined: getComputedStyle(framed).outlineStyle === 'solid',
    inSight: bottom > 0 && right > 0 && top < innerHeight && left < innerWidth,
  };
}

for (const view of VIEWS) {
  test(`${view}: each stop of Tab is seen, and none is a trap`, { skip }, async () => {
    const page = await product.open(`#${view}`, { reducedMotion: 'reduce' });
    // Live goes on changing once it is started; what is focused could be gone at the next key.
    await (view === 'live' ? ready(page) : use(page, view));
    if (view === 'inspect') await page.locator('.cm-content').waitFor();
    await page.evaluate(() => {
      document.activeElement?.blur();
      getSelection()?.removeAllRanges();
    });
    const walked = [];
    while (walked.length < MOST) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(focused);
      if (at === null || (walked.length > 0 && at.stop === walked[0].stop)) break;
      assert.ok(!walked.some(({ stop }) => stop === at.stop), `a trap: ${at.what}`);
      assert.ok(at.outlined, `no frame: ${at.what}`);
      assert.ok(at.inSight, `out of sight: ${at.what}`);
      walked.push(at);
    }
    assert.ok(walked.length > 9 && walked.length < MOST, `${walked.length} stops`);
    await page.context().close();
  });
}

nothingThrew(product);
