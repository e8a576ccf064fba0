// Every reason that Live shows, held against what the browser itself says: raw statistics, candidates and events of that run.
// ICELENS_RUNS sets how many runs there are, ICELENS_SEED the first; servers, credentials, policies and flags are drawn by
// a seeded generator. `node www/tests/reasons.mjs` does it in several networks.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { after, test } from 'node:test';
import { launchChromium } from '../../../pkg-tests/lib/chromium.mjs';
import { contradictions, FALSEHOODS, read, spy } from './contradictions.mjs';
import { nothingThrew, productOfFile, skip } from './file.mjs';
import { drawn } from './views.mjs';

const RUNS = Number(process.env.ICELENS_RUNS ?? 5);
const FIRST = Number(process.env.ICELENS_SEED ?? 1);
const USER = 'me';
const PASSWORD = 'right';
/** Host addresses in the open, hidden by mDNS, those of the default route only, and no UDP at all. */
const FLAGS = [
  ['--disable-features=WebRtcHideLocalIpsWithMdns'],
  [],
  ['--force-webrtc-ip-handling-policy=default_public_interface_only'],
  ['--disable-features=WebRtcHideLocalIpsWithMdns', '--force-webrtc-ip-handling-policy=disable_non_proxied_udp'],
];
/** Falsehoods that can be told of any run that connects. */
const ALWAYS = [
  'a state',
  'a count of requests',
  'an empty cell',
  'families that do not mix',
  'pairs checked',
  'a protocol nobody speaks',
  'a server that answered',
  'an error of a server',
  'an outcome',
  'types of a path',
  'an open channel',
  'pairs without an answer',
  'pairs that answer',
  'pairs that failed',
  'a server that is waited for',
  'numbers of candidates',
  'an unused relay',
  'an end in the log',
];
let deaf;
const product = productOfFile(
  async () => {
    deaf = createSocket('udp4');
    await new Promise((resolve) => deaf.bind(0, '127.0.0.1', resolve));
  },
  { turn: { realm: 'test', users: { [USER]: PASSWORD }, allowPeers: ['127.0.0.0/8'] } },
);
const browsers = new Map();
const caught = new Set();

after(async () => {
  deaf?.close();
  for (const browser of browsers.values()) await browser.close();
});

/** A small generator with a seed: the same runs every time. */
function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % below;
  };
}

/** Parameters of one run. */
function drawRun(run) {
  const draw = random(run);
  const servers = product.iceServers.filter(() => draw(2) === 0);
  if (draw(3) === 0) servers.push(`stun:127.0.0.1:${deaf.address().port}`);
  const [, where] = product.iceServers[0].split('stun:');
  const turn = draw(4);
  if (turn % 2 === 1) servers.push(`turn:${where}`);
  if (turn >= 2) servers.push(`turn:${where}?transport=tcp`);
  const relayOnly = turn > 0 && draw(3) === 0;
  const flags = FLAGS[run % FLAGS.length];
  return { servers, password: draw(3) === 0 ? 'wrong' : PASSWORD, turn: turn > 0, relayOnly, flags };
}

async function openPage(flags) {
  const key = flags.join(' ');
  if (!browsers.has(key)) browsers.set(key, await launchChromium(flags));
  const context = await browsers.get(key).newContext({ locale: 'en-US', reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.addInitScript(spy);
  await page.goto(new URL('#live', product.url).href);
  return page;
}

/** Sees that each falsehood that can be told of what was seen is found. */
function tellFalsehoods(seen) {
  for (const [name, tell] of Object.entries(FALSEHOODS)) {
    const copy = structuredClone(seen);
    if (tell(copy) === false) continue;
    assert.notDeepEqual(contradictions(copy), [], `not caught: ${name}`);
    caught.add(name);
  }
}

async function look(page) {
  const seen = await page.evaluate(read);
  if (seen === null) return;
  const { told, given, stats, ...shown } = seen;
  assert.deepEqual(contradictions(seen), [], JSON.stringify({ told, given, ...shown }));
  if (seen.state === 'connected') tellFalsehoods(seen);
}

for (let run = FIRST; run < FIRST + RUNS; run++) {
  test(`run ${run}: no reason that the raw data contradicts`, { skip }, async (context) => {
    const { servers, password, turn, relayOnly, flags } = drawRun(run);
    context.diagnostic(JSON.stringify({ servers, password, relayOnly, flags }));
    const page = await openPage(flags);
    await page.locator('#live-servers textarea').fill(servers.join('\n') || '# none');
    if (turn) {
      await page.locator('#live-servers input').nth(0).fill(USER);
      await page.locator('#live-servers input[type=password]').fill(password);
    }
    if (relayOnly) await page.getByRole('button', { name: 'Relay only' }).click();
    await page.locator('[data-action=start]').click();
    // While it checks, and once it is over; without UDP it may go on for long, and each look holds at any time.
    for (let looks = 0; looks < 5; looks++) {
      await look(page);
      await drawn(page);
    }
    const over = page.locator('[data-phase=connected], [data-phase=failed]');
    await over.waitFor({ timeout: 15_000 }).catch(() => context.diagnostic('still checking'));
    const answered = page.locator('#live-servers .rows svg[aria-label=waiting]');
    await answered
      .first()
      .waitFor({ state: 'detached', timeout: 15_000 })
      .catch(() => {});
    for (let looks = 0; looks < 10; looks++) {
      await look(page);
      await drawn(page);
    }
    await page.context().close();
  });
}

test('a false reason of every kind was told, and found', { skip }, (context) => {
  if (caught.size === 0) return context.skip('no run connected in this network');
  context.diagnostic(`falsehoods found: ${[...caught].join(', ')}`);
  assert.deepEqual(
    ALWAYS.filter((name) => !caught.has(name)),
    [],
  );
});

nothingThrew(product);
