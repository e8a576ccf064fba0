// node www/tests/grid.mjs FOLDER [words]: pictures of the page to look at, for a developer. Each view × its states × light,
// dark × English, Chinese × five widths; with words only those pictures whose name has all of them: `grid.mjs out live dark`.
import { createSocket } from 'node:dgram';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem, say, script } from '../../scripts/lib/run.mjs';
import { startProduct } from './page/product.mjs';
import { drawn, ready, resize, use } from './page/views.mjs';

const HEIGHTS = { 360: 780, 768: 1024, 960: 800, 1280: 800, 1920: 1080 };
const THEMES = ['light', 'dark'];
const LOCALES = { en: 'en-US', zh: 'zh-CN' };
const USER = 'alice';
const PASSWORD = 'correct horse';

async function startLive(page, urls, { password = PASSWORD, relayOnly = false } = {}) {
  await page.locator('#live-servers textarea').fill(urls.join('\n'));
  await page.locator('#live-servers input').nth(0).fill(USER);
  await page.locator('#live-servers input[type=password]').fill(password);
  if (relayOnly) await page.locator('.tools [aria-pressed]').nth(1).click();
  await page.locator('[data-action=start]').click();
}

async function read(page, text) {
  await page.locator('#inspect-input textarea').fill(text);
  await page.locator('#inspect-input .actions .primary').click();
}

const sample = (name) => async (page) => {
  await page.locator('#inspect-input .actions').getByRole('button', { name }).click();
  await page.locator('#inspect-found [role=option]').first().waitFor({ state: 'attached' });
};

/** How a view, drawn and empty, is brought into each of its states; `here` holds the servers. */
const STATES = {
  live: {
    empty: async () => {},
    working: async (page, { deaf }) => {
      await startLive(page, [`turn:${deaf}`], { relayOnly: true });
      await page.locator('[data-phase]').waitFor();
    },
    failed: async (page, { stun, turn }) => {
      await startLive(page, [...stun, turn, 'nonsense'], { password: 'wrong', relayOnly: true });
      await page.locator('[data-answer=fail]').waitFor();
    },
    full: async (page, { stun, turn }) => {
      await startLive(page, [...stun, turn]);
      await page.locator('[data-phase=connected]').waitFor();
      await page.locator('#live-servers .rows .sign.progress').first().waitFor({ state: 'detached' });
    },
  },
  inspect: {
    empty: async () => {},
    working: async (page) => {
      await page.context().route(/\.worker-[^/]*\.js$/, () => undefined);
      await read(page, 'v=0');
    },
    failed: async (page) => {
      await read(page, 'Nothing here\nthat any reader knows.');
      await page.locator('#inspect-input .cm-content').waitFor();
    },
    full: (page) => use(page, 'inspect'),
    broken: sample(/broken|有错误/),
    capture: sample(/pcapng/),
  },
  echo: {
    empty: async () => {},
    working: async (page) => {
      await page.routeWebSocket(/./, () => undefined);
      await page.reload();
      await ready(page);
      await page.locator('[data-action=send]').click();
      await page.locator('[data-outcome]').waitFor();
    },
    failed: async (page) => {
      await page.locator('[data-break=cut]').click();
      await page.locator('[data-outcome].fail').waitFor();
    },
    refused: async (page) => {
      await page.locator('[data-break=unknown]').click();
      await page.locator('[data-outcome].warn').waitFor();
    },
    full: (page) => use(page, 'echo'),
  },
  simulate: {
    working: async (page) => {
      await page.context().route(/\.worker-[^/]*\.js$/, () => undefined);
      await page.reload();
      await ready(page);
    },
    full: (page) => use(page, 'simulate'),
  },
};

const shots = Object.entries(STATES).flatMap(([view, states]) =>
  Object.keys(states).flatMap((state) =>
    THEMES.flatMap((theme) => Object.keys(LOCALES).map((language) => ({ view, state, theme, language }))),
  ),
);

/** Takes one view in one state at each width that is wanted. */
async function take({ view, state, theme, language }, widths, product, here, folder) {
  const page = await product.open(`#${view}`, {
    colorScheme: theme,
    locale: LOCALES[language],
    reducedMotion: 'reduce',
  });
  try {
    await ready(page);
    await STATES[view][state](page, here);
    for (const width of widths) {
      await resize(page, width, HEIGHTS[width]);
      await drawn(page);
      await page.screenshot({ path: join(folder, `${view}-${state}-${theme}-${language}-${width}.png`) });
    }
  } finally {
    await page.context().close();
  }
}

await script(async ([folder, ...words]) => {
  if (folder === undefined) throw new Problem('usage: node www/tests/grid.mjs FOLDER [words]');
  await mkdir(folder, { recursive: true });
  const deaf = createSocket('udp4');
  await new Promise((bound) => deaf.bind(0, '127.0.0.1', bound));
  const product = await startProduct({ turn: { realm: 'example.org', users: { [USER]: PASSWORD } } });
  const stun = product.iceServers;
  const here = { stun, turn: stun[0].replace('stun:', 'turn:'), deaf: `127.0.0.1:${deaf.address().port}` };
  let taken = 0;
  try {
    for (const shot of shots) {
      const name = Object.values(shot);
      const widths = Object.keys(HEIGHTS)
        .map(Number)
        .filter((width) => words.every((word) => name.includes(word) || String(width) === word));
      if (widths.length === 0) continue;
      await take(shot, widths, product, here, folder);
      taken += widths.length;
      say(`${name.join(' ')}: ${widths.join(' ')}`);
    }
  } finally {
    await product.stop();
    deaf.close();
  }
  say(`${taken} pictures in ${folder}; errors of the page: ${product.errors.length}`);
  for (const error of product.errors) say(error);
});
