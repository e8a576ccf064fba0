// What was once seen amiss in pictures of the page: words cut or covered, things out of their place, mixed punctuation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nothingThrew, productOfFile, skip } from './file.mjs';
import { eventually, ready, resize, use, VIEWS } from './views.mjs';

const product = productOfFile();

/** In the page: texts that are not whole, of the elements that a selector names. */
const cut = (selector) =>
  [...document.querySelectorAll(selector)]
    .filter((e) => e.getClientRects().length > 0 && e.scrollWidth > e.clientWidth)
    .map((e) => e.textContent.trim());

test('Simulate: names of lanes and what stands in the boxes of the network are whole', { skip }, async () => {
  const page = await product.open('#simulate');
  await use(page, 'simulate');
  for (const width of [360, 900, 960, 1280, 1920]) {
    await resize(page, width);
    await eventually(async () => {
      assert.deepEqual(await page.evaluate(cut, '#sim-ladder .names b, #sim-network .box span'), [], `at ${width}`);
    });
  }
  await page.context().close();
});

test('Simulate: at 360 px the tag of a packet covers no word of a box', { skip }, async () => {
  const page = await product.open('#simulate', { width: 360, height: 780 });
  await use(page, 'simulate');
  const seen = new Set();
  for (let step = 0; step < 12; step++) {
    const covered = await page.evaluate(() => {
      const tags = [...document.querySelectorAll('#sim-network .tag')].map((e) => e.getBoundingClientRect());
      const words = [...document.querySelectorAll('#sim-network .box span')];
      return {
        tags: tags.map(({ x, y }) => `${x},${y}`),
        covered: words
          .filter((word) => {
            const range = document.createRange();
            range.selectNodeContents(word);
            const a = range.getBoundingClientRect();
            return tags.some((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom);
          })
          .map((word) => word.textContent.trim()),
      };
    });
    assert.deepEqual(covered.covered, [], `after ${step} steps back`);
    for (const tag of covered.tags) seen.add(tag);
    await page.keyboard.press('ArrowLeft');
  }
  assert.ok(seen.size > 2, `places of tags: ${seen.size}`);
  await page.context().close();
});

test('a message of a capture: from, arrow and to in this order, none cut', { skip }, async () => {
  const page = await product.open('#inspect');
  await ready(page);
  await page.locator('#inspect-input .actions').getByRole('button', { name: 'pcapng' }).click();
  await page.locator('#inspect-input .packet').first().waitFor();
  for (const width of [768, 960, 1280, 1920]) {
    await resize(page, width);
    await eventually(async () => {
      const wrong = await page.evaluate(() =>
        [...document.querySelectorAll('#inspect-input .packet')]
          .filter((row) => {
            const [from, arrow, to] = ['.from', '.arrow', '.to'].map((it) => row.querySelector(it));
            const whole = [from, to].every((e) => e.scrollWidth <= e.clientWidth);
            const [a, b, c] = [from, arrow, to].map((e) => e.getBoundingClientRect());
            const below = c.top > a.top + 8;
            return !whole || (!below && !(a.left < b.left && b.left < c.left));
          })
          .map((row) => row.textContent.trim()),
      );
      assert.deepEqual(wrong, [], `at ${width}`);
    });
  }
  await page.context().close();
});

for (const locale of ['en-US', 'zh-CN']) {
  test(`${locale}, 360 px: the main action stands beside "…", and the answer’s button at the right`, {
    skip,
  }, async () => {
    const page = await product.open('#inspect', { width: 360, height: 780, locale });
    await ready(page);
    await page
      .locator('#inspect-input .actions')
      .getByRole('button', { name: /broken|有错误/ })
      .click();
    await page.locator('[data-action=remedy]').waitFor();
    const remedy = await page.locator('[data-answer] .second button').last().boundingBox();
    assert.equal(Math.round(remedy.x + remedy.width), 348);
    for (const [view, action] of [
      ['live', 'start'],
      ['simulate', 'run'],
    ]) {
      await page.evaluate((hash) => {
        location.hash = hash;
      }, view);
      const main = await page.locator(`[data-action=${action}]`).boundingBox();
      const more = await page.locator('.tools [aria-expanded]').first().boundingBox();
      assert.equal(main.y, more.y, view);
      assert.equal(Math.round(main.x + main.width), 348, view);
    }
    await page.context().close();
  });
}

test('what stands below a list of few rows is in sight beside it', { skip }, async () => {
  const page = await product.open('#inspect', { width: 960 });
  await use(page, 'inspect');
  const told = await page.locator('#inspect-found [data-read]').boundingBox();
  const body = await page.locator('#inspect-found .body').boundingBox();
  assert.ok(told.y + told.height <= body.y + body.height + 1, JSON.stringify({ told, body }));
  await page.context().close();
});

test('before Start no empty head stands under the tab of the NAT', { skip }, async () => {
  const page = await product.open('#live', { width: 900 });
  await ready(page);
  assert.equal((await page.locator('#live-nat > header').boundingBox())?.height ?? 0, 0);
  await page.context().close();
});

for (const view of VIEWS) {
  test(`${view}, in Chinese: no half-width comma beside Han, and no gap after a full-width stop`, {
    skip,
  }, async () => {
    const page = await product.open(`#${view}`, { locale: 'zh-CN' });
    await use(page, view);
    const text = await page.evaluate(() => {
      for (const source of document.querySelectorAll('.cm-editor, textarea, kbd')) source.remove();
      return document.querySelector('#app').innerText;
    });
    assert.match(text, /\p{Script=Han}/u);
    const wrong = text.match(
      /.*(?:\p{Script=Han}[,;:](?:\s|$)|[,;:] \p{Script=Han}|[。，：；] (?=\p{Script=Han})).*/gmu,
    );
    assert.deepEqual(wrong ?? [], []);
    await page.context().close();
  });
}

nothingThrew(product);
