// The frame in a real Chromium: languages, themes, keys, links, narrow screens, and what is left when a part is missing.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../../scripts/lib/run.mjs';
import { nothingThrew, productOfFile, skip } from './file.mjs';
import { drawn, eventually, ready, use, VIEWS } from './views.mjs';

/** Pictures for people to look at; nothing compares them. */
const shots = join(root, 'target/page-shots');
const product = productOfFile(() => mkdirSync(shots, { recursive: true }));

/** Controls without a name, as they stand in the page. */
const nameless = (page) =>
  page.evaluate(() => {
    const named = (e) =>
      e.getAttribute('aria-label') ||
      e.getAttribute('aria-labelledby') ||
      e.textContent.trim() ||
      e.labels?.length ||
      e.title;
    const controls = document.querySelectorAll('button, a[href], input, select, textarea, [role=img], [tabindex="0"]');
    return [...controls]
      .filter((e) => !e.closest('[aria-hidden=true]') && !named(e))
      .map((e) => e.outerHTML.slice(0, 120));
  });

const ground = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

for (const view of VIEWS) {
  test(`${view}, light as the system, 1280 × 800: it does not scroll as a whole, every control has a name`, {
    skip,
  }, async () => {
    const page = await product.open(`#${view}`, { colorScheme: 'light' });
    await use(page, view);
    await drawn(page);
    assert.equal(await ground(page), 'rgb(255, 255, 255)');
    const over = await page.evaluate(() => {
      const { scrollHeight, clientHeight, scrollWidth, clientWidth } = document.documentElement;
      return [scrollHeight - clientHeight, scrollWidth - clientWidth];
    });
    assert.deepEqual(over, [0, 0]);
    assert.deepEqual(await nameless(page), []);
    await page.screenshot({ path: join(shots, `${view}-light.png`) });
    await page.context().close();
  });

  test(`${view}: dark as the system, Chinese as the browser, and no English sentence left in the heads`, {
    skip,
  }, async () => {
    const page = await product.open(`#${view}`, { colorScheme: 'dark', locale: 'zh-CN' });
    await use(page, view);
    assert.equal(await ground(page), 'rgb(15, 18, 22)');
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-Hans');
    for (const text of await page.locator('[data-pane] h2').allInnerTexts()) assert.match(text, /[\u4e00-\u9fff]/);
    await page.screenshot({ path: join(shots, `${view}-dark-zh.png`) });
    await page.context().close();
  });

  test(`${view}: 360 px wide, nothing is wider than the screen`, { skip }, async () => {
    for (const locale of ['en-US', 'zh-CN']) {
      const page = await product.open(`#${view}`, { width: 360, height: 780, locale, hasTouch: true });
      await use(page, view);
      const { inner, outer } = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return { inner: scrollWidth, outer: clientWidth };
      });
      assert.ok(inner <= outer, `${locale}: ${inner} > ${outer}`);
      await page.screenshot({ path: join(shots, `${view}-360-${locale}.png`), fullPage: true });
      await page.context().close();
    }
  });
}

test('theme and language are kept on this machine, and a link does not carry them', { skip }, async () => {
  const page = await product.open('#live');
  await ready(page);
  await page.getByRole('button', { name: '中文' }).click();
  await page.getByRole('button', { name: /配色/ }).click();
  await page.getByRole('button', { name: /配色/ }).click();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  await page.reload();
  await ready(page);
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  assert.equal(await page.title(), '实测 · icelens');
  assert.equal(new URL(page.url()).hash, '#live');
  await page.context().close();
});

test('pane sizes are kept, by pointer and by keys, and Delete resets them', { skip }, async () => {
  const page = await product.open('#live');
  await ready(page);
  const width = () => page.locator('#live-servers').evaluate((e) => Math.round(e.getBoundingClientRect().width));
  const before = await width();
  const line = page.locator('[role=separator][aria-orientation=vertical]').first();
  const box = await line.boundingBox();
  await page.mouse.move(box.x, box.y + 200);
  await page.mouse.down();
  await page.mouse.move(box.x + 60, box.y + 200, { steps: 4 });
  await page.mouse.up();
  assert.equal(await width(), before + 60);
  await line.focus();
  await page.keyboard.press('ArrowLeft');
  assert.equal(await width(), before + 44);
  await page.reload();
  await ready(page);
  assert.equal(await width(), before + 44);
  await page.locator('[role=separator][aria-orientation=vertical]').first().focus();
  await page.keyboard.press('Delete');
  assert.equal(await width(), before);
  await page.context().close();
});

test('by keyboard alone: start, walk the pairs, explain one, list the keys, change view, send', { skip }, async () => {
  const page = await product.open('#live');
  await ready(page);
  await page.keyboard.press('Control+Enter');
  await page.locator('[data-phase=connected]').waitFor();
  await page.locator('#live-pairs td.inuse[data-state=succeeded][tabindex="0"]').waitFor();

  const pane = () => page.evaluate(() => document.activeElement?.closest('[data-pane]')?.id);
  const walkTo = async (id) => {
    for (let i = 0; i < 12 && (await pane()) !== id; i++) await page.keyboard.press('F6');
    assert.equal(await pane(), id);
  };
  // The pair in use may still change while both families are checked: then the walk begins again.
  await eventually(async () => {
    await page.locator('.brand').focus();
    await walkTo('live-pairs');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-state')), 'succeeded');
  });
  await page.keyboard.press('Enter');
  await page.locator('#live-pairs td.chosen').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('#live-pairs td.chosen').waitFor({ state: 'detached' });

  await page.keyboard.press('?');
  const keys = page.getByRole('dialog');
  await keys.waitFor();
  assert.match(await keys.innerText(), /start or stop/);
  // No trap: Tab leaves the list.
  for (let i = 0; i < 4; i++) await page.keyboard.press('Tab');
  await page.keyboard.press('Escape');
  await keys.waitFor({ state: 'detached' });

  await page.keyboard.press('4');
  await page.locator('#echo-compose').waitFor();
  await page.keyboard.press('Control+Enter');
  await page.locator('[data-outcome].ok').waitFor();
  await page.keyboard.press('Control+Enter');
  await page.locator('#echo-history [role=option]').nth(1).waitFor();
  await page.keyboard.press('h');
  assert.match(await page.locator('#echo-history [aria-selected=true]').innerText(), /^\s*1\b/);
  await page.keyboard.press('l');
  assert.match(await page.locator('#echo-history [aria-selected=true]').innerText(), /^\s*2\b/);

  await page.keyboard.press('1');
  // The call went on meanwhile.
  await page.locator('[data-phase=connected]').waitFor();
  await page.context().close();
});

test('letters do not act while typing, nor when switched off', { skip }, async () => {
  const page = await product.open('#live');
  await ready(page);
  await page.locator('#live-servers textarea').focus();
  await page.keyboard.type('4t?');
  assert.match(await page.locator('#live-servers textarea').inputValue(), /4t\?/);
  assert.equal(await page.getByRole('dialog').count(), 0);
  await page.getByRole('button', { name: 'All keys' }).click();
  await page.getByLabel(/Single letters/).uncheck();
  await page.keyboard.press('Escape');
  await page.locator('.brand').click();
  await page.keyboard.press('4');
  assert.equal(new URL(page.url()).hash, '#live');
  await page.context().close();
});

test('any hash opens a view', { skip }, async () => {
  const page = await product.open();
  for (const hash of [
    '',
    '#',
    '#nothing',
    '#live/AAAA',
    '#echo/%%%',
    '#echo/zzzz',
    '#inspect/-_-_',
    '#__proto__',
    '#constructor/x',
  ]) {
    // Else the page stays and is told of another hash.
    await page.goto('about:blank');
    await page.goto(new URL(hash, product.url).href);
    await ready(page);
  }
  await page.context().close();
});

test('a link that was cut or changed on its way opens its view, and what it held is told as not used', {
  skip,
}, async () => {
  const page = await product.open();
  for (const hash of [
    '#live/AAAA',
    '#inspect/abc%20def',
    '#inspect/abc).',
    '#simulate/zz!',
    '#echo/%%%',
    '#echo/q64FAA',
  ]) {
    await page.goto('about:blank');
    await page.goto(new URL(hash, product.url).href);
    await page.locator('.notice', { hasText: 'It was not used' }).waitFor();
    const [view] = hash.slice(1).split('/');
    assert.equal(await page.locator('nav a[aria-current]').getAttribute('href'), `#${view}`);
  }
  await page.context().close();
});

test('a part of the page that cannot be fetched is told as that, is fetched later, and holds up no other view', {
  skip,
}, async () => {
  const page = await product.open('#live');
  await ready(page);
  await page.context().setOffline(true);
  await page.keyboard.press('3');
  const failure = page.locator('.failure', { hasText: 'could not be fetched' });
  await failure.waitFor();
  assert.doesNotMatch(await failure.innerText(), /WebAssembly/);
  await page.keyboard.press('1');
  await page.locator('#live-servers').waitFor();
  // The engine may have come already.
  await page.locator('[data-action=start]').click();
  await page.locator('.tools [role=alert], [data-phase=connected]').first().waitFor();
  await page.context().setOffline(false);
  await page.keyboard.press('3');
  await page.locator('#inspect-input, [data-action=again]').first().waitFor();
  if (await failure.isVisible()) await page.locator('[data-action=again]').click();
  await page.locator('#inspect-input').waitFor();
  await page.keyboard.press('1');
  if ((await page.locator('[data-phase=connected]').count()) === 0) await page.locator('[data-action=start]').click();
  await page.locator('[data-phase=connected]').waitFor();
  await page.context().close();
});

test('what reads a text could not be fetched: that is said, and it is read when it can be', { skip }, async () => {
  const page = await product.open('#inspect');
  await ready(page);
  await page.context().setOffline(true);
  await page.locator('#inspect-input textarea').fill('candidate:1 1 udp 2130706431 10.0.0.1 5000 typ host');
  const read = page.locator('#inspect-input .actions .primary');
  await read.click();
  await page.locator('#inspect-input [role=alert]', { hasText: 'could not be fetched' }).waitFor();
  await page.context().setOffline(false);
  await read.click();
  await page.locator('#inspect-found [role=option]').first().waitFor();
  await page.context().close();
});

test('without WebAssembly one paragraph says so, in place of the panes', { skip }, async () => {
  const page = await product.open('#live', { serviceWorkers: 'block' });
  await page.addInitScript(() => {
    delete window.WebAssembly;
  });
  await page.reload();
  await page.locator('.failure', { hasText: 'The engine did not load' }).waitFor();
  assert.equal(await page.locator('[data-pane]').count(), 0);
  await page.context().close();
});

test('without WebRTC Live says so, and Echo works', { skip }, async () => {
  const page = await product.open('#echo');
  await page.addInitScript(() => {
    delete window.RTCPeerConnection;
  });
  await page.reload();
  await use(page, 'echo');
  await page.keyboard.press('1');
  await page.locator('.failure', { hasText: 'WebRTC is switched off' }).waitFor();
  await page.context().close();
});

test('storage switched off or full of rubbish does not matter', { skip }, async () => {
  const page = await product.open('#live');
  await ready(page);
  for (const rubbish of ['{', '[]', '"x"', 'null', '{"sizes":{"a":"b"},"theme":7,"language":{}}', '{"servers":7}']) {
    await page.evaluate((text) => {
      for (const key of ['icelens.settings', 'icelens.live']) localStorage.setItem(key, text);
    }, rubbish);
    await page.reload();
    await ready(page);
  }
  await page.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', {
      get: () => {
        throw new DOMException('no', 'SecurityError');
      },
    });
  });
  await page.reload();
  await ready(page);
  await page.context().close();
});

nothingThrew(product);
