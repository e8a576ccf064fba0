// The first visit and what is kept: controls before the engine, what a link may change, reload, back and forward.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { nothingThrew, productOfFile, skip } from './file.mjs';
import { eventually, ready, use, VIEWS } from './views.mjs';

/** The parts of the page that hold the engine: what works with RTCPeerConnection, and the whole of it. */
const ENGINE = /\/assets\/(?:browser|main|full)-[^/]*\.js$/;
/** The editor of Inspect, which is fetched for a text that was read. */
const EDITOR = /\/assets\/Source-[^/]*\.js$/;
const KB = 1000;
const product = productOfFile();

const sizes = new Map();
/** Bytes of a part in brotli; each is compressed once, for it takes seconds. */
function inBrotli(request, body) {
  const url = request.url();
  if (!sizes.has(url)) sizes.set(url, brotliCompressSync(body).length);
  return sizes.get(url);
}

/** A page of its own, without what is `blocked`; `bytes` waits for all else that was asked for, and sums it in brotli. */
async function counted(hash, blocked = null) {
  const page = await product.open('#blank');
  const parts = new Map();
  if (blocked) await page.context().route(blocked, () => undefined);
  await page.goto('about:blank');
  page.context().on('request', (request) => {
    const { pathname } = new URL(request.url());
    const awaited = /\.(?:js|css|html)$|\/$/.test(pathname) && !blocked?.test(pathname);
    if (awaited) parts.set(request, null);
  });
  page.context().on('requestfinished', async (request) => {
    const body = await request.response().then((response) => response.body());
    if (parts.has(request)) parts.set(request, body);
  });
  page.context().on('requestfailed', (request) => parts.delete(request));
  await page.goto(new URL(hash, product.url).href);
  const bytes = async () => {
    await eventually(() => assert.ok(![...parts.values()].includes(null), 'something is still on its way'));
    // Compressed last: it takes seconds in which nothing that is waited for would be heard.
    return [...parts].reduce((sum, [request, body]) => sum + inBrotli(request, body), 0);
  };
  return { page, bytes };
}

test('what comes over the wire until Live is connected, and until Inspect has read a text', {
  skip,
}, async (context) => {
  const live = await counted('#live');
  await use(live.page, 'live');
  const bytes = await live.bytes();
  context.diagnostic(`Live connected: ${bytes} bytes in brotli`);
  // 198 kB as reached, of 200 that are wanted.
  assert.ok(bytes < 205 * KB, `${bytes} bytes`);
  await live.page.context().close();
  // The findings are there before the editor, which is fetched for a text that was read.
  const inspect = await counted('#inspect', EDITOR);
  await use(inspect.page, 'inspect');
  const read = await inspect.bytes();
  context.diagnostic(`Inspect read: ${read} bytes in brotli, its thread among them`);
  // 249 kB as reached, of 250 KiB that are wanted.
  assert.ok(read < 256 * KB, `${read} bytes`);
  await inspect.page.context().close();
});

for (const [view, most] of [
  ['live', 150],
  ['inspect', 150],
]) {
  test(`${view}: its controls work before the engine is there, within ${most} KB`, { skip }, async (context) => {
    const { page, bytes } = await counted(`#${view}`, ENGINE);
    await ready(page);
    const field = page.locator(view === 'live' ? '#live-servers textarea' : '#inspect-input textarea');
    await field.fill('stun:192.0.2.1');
    assert.equal(await field.inputValue(), 'stun:192.0.2.1');
    if (view === 'live') assert.equal(await page.locator('[data-action=start]').isEnabled(), true);
    const came = await bytes();
    context.diagnostic(`${came} bytes in brotli`);
    assert.ok(came < most * KB, `${came} bytes`);
    await page.context().close();
  });
}

test('the parts of the page are cached for good', { skip }, async () => {
  const page = await product.open('#live');
  const [src] = await page.locator('script[src]').evaluateAll((list) => list.map((script) => script.src));
  const answer = await page.request.get(src);
  assert.match(answer.headers()['cache-control'] ?? '', /immutable/);
  await page.context().close();
});

/** The state of a link, as the page packs it. */
const packed = (page, state) =>
  page.evaluate(async (json) => {
    const bytes = await new Response(
      new Blob([json]).stream().pipeThrough(new CompressionStream('deflate-raw')),
    ).arrayBuffer();
    return btoa(String.fromCharCode(...new Uint8Array(bytes)))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replaceAll('=', '');
  }, JSON.stringify(state));

test('a link is shown, and does not overwrite what is saved', { skip }, async () => {
  const page = await product.open('#live');
  await page.locator('#live-servers textarea').fill('stun:192.0.2.7');
  const saved = () => page.evaluate(() => localStorage.getItem('icelens.live'));
  const before = await saved();
  assert.match(before, /192\.0\.2\.7/);
  await page.evaluate(
    (hash) => {
      location.hash = hash;
    },
    `#live/${await packed(page, { servers: 'stun:192.0.2.99' })}`,
  );
  await page.waitForFunction(() => document.querySelector('#live-servers textarea')?.value === 'stun:192.0.2.99');
  assert.equal(await saved(), before);
  await page.context().close();
});

test('a password typed for the servers of a link saves neither them nor their user, and a kept one is not theirs', {
  skip,
}, async () => {
  const page = await product.open('#live');
  await page.locator('#live-servers textarea').fill('turn:192.0.2.7');
  const [user, password] = [
    page.locator('#live-servers input').nth(0),
    page.locator('#live-servers input[type=password]'),
  ];
  await user.fill('me');
  await password.fill('hunter22');
  await page.locator('#live-servers input[type=checkbox]').check();
  const saved = () => page.evaluate(() => localStorage.getItem('icelens.live'));
  const before = await saved();
  await page.evaluate(
    (hash) => {
      location.hash = hash;
    },
    `#live/${await packed(page, { servers: 'turn:192.0.2.99', username: 'bob' })}`,
  );
  await page.waitForFunction(() => document.querySelector('#live-servers textarea')?.value === 'turn:192.0.2.99');
  assert.equal(await password.inputValue(), '');
  await password.fill('other');
  assert.equal(await saved(), before);
  await page.context().close();
});

test('an emptied list of servers takes the page’s own again', { skip }, async () => {
  const page = await product.open('#live');
  const field = page.locator('#live-servers textarea');
  await field.fill('stun:192.0.2.7');
  await field.fill('');
  await page.locator('.brand').click();
  await page.waitForFunction(() => /stun:127/.test(document.querySelector('#live-servers textarea')?.value ?? ''));
  await page.context().close();
});

test('an emptied list and Start by keys take the page’s own servers again', { skip }, async () => {
  const page = await product.open('#live');
  const field = page.locator('#live-servers textarea');
  await field.fill('stun:192.0.2.7');
  await field.fill('');
  await page.keyboard.press('Control+Enter');
  await page.locator('#live-servers .rows', { hasText: product.iceServers[0] }).waitFor();
  await page.context().close();
});

test('a reload keeps the text of Inspect as it was, passwords too, and the finding that is open', {
  skip,
}, async () => {
  const page = await product.open('#inspect');
  await ready(page);
  const media = (mid) =>
    `m=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=mid:${mid}\r\na=ice-ufrag:a\r\na=ice-pwd:secret8\r\n`;
  const text = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n${media(0)}${media(0)}`;
  await page.locator('#inspect-input textarea').fill(text);
  await page.locator('#inspect-input .actions .primary').click();
  await page.locator('#inspect-input .cm-content').waitFor();
  const chosen = page.locator('#inspect-diagnostics [aria-selected=true]');
  await chosen.waitFor();
  const first = await chosen.innerText();
  await page.keyboard.press('F8');
  await eventually(async () => assert.notEqual(await chosen.innerText(), first));
  const open = await chosen.innerText();
  await page.reload();
  await page.locator('#inspect-input .cm-content', { hasText: 'ice-pwd:secret8' }).waitFor();
  await eventually(async () => assert.equal(await chosen.innerText(), open));
  // A link has no password.
  assert.doesNotMatch(page.url(), /secret8/);
  await page.context().close();
});

test('reload, back and forward keep what a view holds', { skip }, async () => {
  const page = await product.open('#inspect');
  await use(page, 'inspect');
  /** Head of the input; the lines in sight stand in it once the editor is there. */
  const head = async () => {
    const words = await page.locator('#inspect-input header').innerText();
    return words.replace(/\d+–\d+/, '').replace(/\s+/g, ' ');
  };
  const lines = await head();
  await page.reload();
  await page.locator('#inspect-found [role=option]').first().waitFor();
  assert.equal(await head(), lines);
  await page.getByRole('link', { name: 'Echo' }).click();
  await page.locator('#echo-compose').waitFor();
  await page.getByLabel('Value of SOFTWARE').fill('kept');
  await page.goBack();
  await page.locator('#inspect-found [role=option]').first().waitFor();
  await page.goForward();
  assert.equal(await page.getByLabel('Value of SOFTWARE').inputValue(), 'kept');
  await page.reload();
  assert.equal(await page.getByLabel('Value of SOFTWARE').inputValue(), 'kept');
  await page.context().close();
});

for (const view of VIEWS) {
  test(`${view}: in forced colours what is selected has a frame of its own`, { skip }, async () => {
    const page = await product.open(`#${view}`, { forcedColors: 'active' });
    await use(page, view);
    await page.waitForFunction(() => {
      const selected = document.querySelector('main [aria-selected=true]');
      return selected !== null && getComputedStyle(selected).outlineStyle === 'solid';
    });
    await page.context().close();
  });
}

test('in forced colours the tab of the view alone has a line', { skip }, async () => {
  const page = await product.open('#echo', { forcedColors: 'active' });
  await ready(page);
  const { ground, lines } = await page.evaluate(() => {
    const probe = document.body.appendChild(document.createElement('p'));
    probe.style.cssText = 'background: Canvas';
    const ground = getComputedStyle(probe).backgroundColor;
    probe.remove();
    const colours = (e) => [getComputedStyle(e).borderTopColor, getComputedStyle(e).borderBottomColor];
    return { ground, lines: [...document.querySelectorAll('nav.tabs a')].map(colours) };
  });
  assert.deepEqual(
    lines.map((pair) => pair.map((colour) => colour !== ground)),
    [
      [false, false],
      [false, false],
      [false, false],
      [false, true],
    ],
  );
  await page.context().close();
});

test('in forced colours drawings keep their grounds, and the main action its words', { skip }, async () => {
  const page = await product.open('#simulate', { forcedColors: 'active' });
  await use(page, 'simulate');
  const { ground, text, filled, action } = await page.evaluate(() => {
    const probe = document.body.appendChild(document.createElement('p'));
    probe.style.cssText = 'background: Canvas; color: CanvasText';
    const { backgroundColor: ground, color: text } = getComputedStyle(probe);
    probe.remove();
    const { color, backgroundColor } = getComputedStyle(document.querySelector('[data-action=run]'));
    const drawn = [...document.querySelectorAll('#sim-network .private, #sim-network .tag')];
    return { ground, text, filled: drawn.map((e) => getComputedStyle(e).fill), action: [color, backgroundColor] };
  });
  assert.notEqual(ground, text);
  assert.ok(filled.length >= 3, `${filled.length} shapes`);
  assert.deepEqual([...new Set(filled)], [ground]);
  assert.notEqual(action[0], action[1]);
  await page.context().close();
});

test('on paper every pane is whole, those behind tabs too', { skip }, async () => {
  const page = await product.open('#live', { width: 900 });
  await use(page, 'live');
  await page.emulateMedia({ media: 'print' });
  await eventually(async () => {
    const cut = await page.locator('[data-pane]').evaluateAll((panes) =>
      panes
        .filter((pane) => {
          const body = pane.querySelector('.body');
          return pane.getClientRects().length === 0 || body.scrollHeight > body.clientHeight + 1;
        })
        .map((pane) => pane.id),
    );
    assert.deepEqual(cut, []);
  });
  await page.context().close();
});

test('on paper every pane has its name, and no row is in the middle of a fade', { skip }, async () => {
  const page = await product.open('#live', { width: 900 });
  await use(page, 'live');
  await page.emulateMedia({ media: 'print' });
  await eventually(async () => {
    const seen = await page.evaluate(() => ({
      nameless: [...document.querySelectorAll('[data-pane] h2')].filter((h) => h.getBoundingClientRect().width < 10)
        .length,
      fading: [...document.querySelectorAll('.appear')].filter((row) => getComputedStyle(row).animationName !== 'none')
        .length,
    }));
    assert.deepEqual(seen, { nameless: 0, fading: 0 });
  });
  await page.context().close();
});

test('on paper the ladder, the network and the matrix are whole, dark on white whatever the theme', {
  skip,
}, async () => {
  const page = await product.open('#simulate', { height: 600 });
  await use(page, 'simulate');
  const before = await page.locator('#sim-ladder [role=option]').count();
  await page.evaluate(() => {
    document.documentElement.dataset.theme = 'dark';
  });
  await page.emulateMedia({ media: 'print' });
  await eventually(async () => {
    const seen = await page.evaluate(() => {
      const tall = (selector) => [...document.querySelectorAll(selector)].map((e) => e.getBoundingClientRect().height);
      const rows = document.querySelectorAll('#sim-ladder [role=option]');
      return {
        rows: [rows.length, Number(rows[0].ariaSetSize)],
        low: [...tall('#sim-ladder [role=option]'), ...tall('#sim-network .net')].filter((height) => height < 20),
        uneven: tall('#sim-matrix .line:has([role=gridcell])').filter((height) => height > 30),
        ink: getComputedStyle(document.querySelector('#sim-log li, #sim-log [role=option], h2')).color,
      };
    });
    assert.equal(seen.rows[0], seen.rows[1]);
    assert.deepEqual({ ...seen, rows: 0 }, { rows: 0, low: [], uneven: [], ink: 'rgb(20, 24, 28)' });
  });
  assert.ok(before <= (await page.locator('#sim-ladder [role=option]').count()));
  await page.context().close();
});

test('to print makes no pane anew: what is fetched later would not be there yet', { skip }, async () => {
  const page = await product.open('#inspect');
  await ready(page);
  await page.locator('#inspect-input .actions').getByRole('button', { name: 'pcapng' }).click();
  await page.locator('#inspect-message').waitFor({ state: 'attached' });
  await page.evaluate(() => {
    globalThis.parts = [...document.querySelectorAll('#inspect-message, #inspect-input [role=option]')];
  });
  await page.pdf({ format: 'A4' });
  assert.ok(await page.evaluate(() => globalThis.parts.length > 10 && globalThis.parts.every((e) => e.isConnected)));
  await page.context().close();
});

test('on paper the whole source stands', { skip }, async () => {
  const page = await product.open('#inspect');
  await ready(page);
  const line = (n) => `candidate:${n} 1 udp 2130706431 10.0.${n >> 8}.${n & 255} 5000 typ host`;
  await page.locator('#inspect-input textarea').fill(Array.from({ length: 300 }, (_, n) => line(n)).join('\n'));
  await page.locator('#inspect-input .actions .primary').click();
  await page.locator('#inspect-input .cm-content').waitFor();
  await page.emulateMedia({ media: 'print' });
  await eventually(async () => {
    assert.equal(await page.locator('#inspect-input ol li').count(), 300);
    assert.equal(await page.locator('#inspect-input .cm-content').isVisible(), false);
  });
  await page.emulateMedia({ media: 'screen' });
  await page.locator('#inspect-input .cm-content').waitFor();
  assert.equal(await page.locator('#inspect-input ol').count(), 0);
  await page.context().close();
});

nothingThrew(product);
