// Every reason that Live shows, held against what the browser itself says: raw statistics, candidates and events of that run.
// ICELENS_RUNS sets how many runs there are; servers, policies and mDNS are drawn by a seeded generator.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { after, before, test } from 'node:test';
import { launchChromium, noChromium } from '../../../pkg-tests/lib/chromium.mjs';
import { startProduct } from './product.mjs';

const skip = noChromium;
const RUNS = Number(process.env.ICELENS_RUNS ?? 4);
let product;
let open;
let deaf;

before(async () => {
  if (skip) return;
  product = await startProduct();
  // Host addresses in the open, so that families and bases can be told.
  open = await launchChromium(['--disable-features=WebRtcHideLocalIpsWithMdns']);
  deaf = createSocket('udp4');
  await new Promise((resolve) => deaf.bind(0, '127.0.0.1', resolve));
});
after(async () => {
  deaf?.close();
  await open?.close();
  await product?.stop();
});

/** Keeps what each connection was told, beside the page's own use of it. */
function spy() {
  const Original = globalThis.RTCPeerConnection;
  globalThis.spied = [];
  globalThis.RTCPeerConnection = class extends Original {
    told = [];
    constructor(...args) {
      super(...args);
      globalThis.spied.push(this);
      this.addEventListener(
        'icecandidate',
        ({ candidate }) => candidate?.candidate && this.told.push(candidate.candidate),
      );
    }
    createDataChannel(...args) {
      if (args[0] === 'text') globalThis.left = this;
      return super.createDataChannel(...args);
    }
    addIceCandidate(candidate) {
      this.given ??= [];
      if (candidate?.candidate) this.given.push(candidate.candidate);
      return super.addIceCandidate(candidate);
    }
  };
}

/** In the page: the raw facts, then at once what is drawn. */
async function read() {
  const { left } = globalThis;
  const stats = [...(await left.getStats()).values()];
  const text = (e) => e?.textContent.replace(/\s+/g, ' ').trim() ?? '';
  const ends = (e) => [...e.querySelectorAll('[title]')].map((x) => x.title);
  return {
    stats,
    told: left.told,
    given: left.given ?? [],
    columns: [...document.querySelectorAll('#live-pairs thead th')].map((th) => ends(th)[0]),
    rows: [...document.querySelectorAll('#live-pairs tbody tr')].map((tr) => ({
      heads: [...tr.querySelectorAll('th .dense')].map(text),
      title: ends(tr.querySelector('th'))[0],
      merged: text(tr.querySelector('.merged')),
      cells: [...tr.querySelectorAll('td.cell, td.none')].map((td) => ({
        id: td.dataset.pair ?? null,
        state: td.dataset.state ?? null,
        text: text(td),
      })),
    })),
    note: text(document.querySelector('#live-pairs header .note')),
  };
}

const family = (endpoint) => {
  const address = endpoint.replace(/:\d+$/, '');
  return /^[\d.]+$/.test(address) ? 4 : address.includes(':') ? 6 : null;
};
const parse = (line) => {
  const [, , protocol, , address, port, , type, ...rest] = line.replace('candidate:', '').split(' ');
  const value = (name) => rest[rest.indexOf(name) + 1];
  const related = rest.includes('raddr') ? { address: value('raddr'), port: Number(value('rport')) } : null;
  return {
    protocol,
    address,
    port: Number(port),
    type,
    related,
    tcpType: rest.includes('tcptype') ? value('tcptype') : null,
  };
};

/** What the raw data contradicts, in words. */
function contradictions({ stats, told, given, columns, rows, note }) {
  const wrong = [];
  const claim = (ok, words) => ok || wrong.push(words);
  const local = told.map(parse);
  const remote = given.map(parse);
  const pairs = new Map(stats.filter((s) => s.type === 'candidate-pair').map((s) => [s.id, s]));
  const checked = Number(/^(\d+) checked/.exec(note)?.[1] ?? 0);
  // The page keeps pairs that the browser no longer lists.
  const gone = rows.flatMap((row) => row.cells).filter((cell) => cell.id !== null && !pairs.has(cell.id)).length;
  claim(checked <= [...pairs.values()].filter((p) => p.requestsSent > 0).length + gone, note);
  for (const row of rows) {
    for (const [at, cell] of row.cells.entries()) {
      const raw = pairs.get(cell.id);
      if (cell.id !== null && raw) {
        if (cell.state === 'succeeded') claim(raw.responsesReceived > 0, `${cell.text}, without an answer`);
        if (cell.state === 'failed') claim(raw.state === 'failed', `${cell.text}, though ${raw.state}`);
        const sent = /(\d+) sent/.exec(cell.text);
        if (sent) claim(raw.requestsSent >= Number(sent[1]), `${cell.text}, of ${raw.requestsSent}`);
      }
      if (cell.id !== null) continue;
      const [a, b] = [family(row.title), family(columns[at])];
      claim(cell.text !== '', `an empty cell: ${row.title} × ${columns[at]}`);
      if (/IPv4 and IPv6/.test(cell.text))
        claim(a !== null && b !== null && a !== b, `${cell.text}: ${row.title} × ${columns[at]}`);
      if (/address is hidden/.test(cell.text))
        claim(a === null || b === null, `${cell.text}: ${row.title} × ${columns[at]}`);
    }
    const base = /sent from (\S+), so/.exec(row.merged)?.[1];
    for (const head of base ? row.heads : []) {
      const own = local.find((c) => c.type === 'srflx' && head.endsWith(`:${c.port}`));
      const [address, port] = [base.replace(/:\d+$/, '').replace(/[[\]]/g, ''), Number(/:(\d+)$/.exec(base)?.[1])];
      claim(own?.related?.port === port, `${head}: ${row.merged}`);
      if (family(base) !== null && own?.related && own.related.address !== '0.0.0.0')
        claim(own.related.address === address, `${head}: ${row.merged}`);
    }
    const protocol = /no remote candidate speaks (\w+)/.exec(row.merged)?.[1];
    if (protocol) claim(!remote.some((c) => c.protocol.toLowerCase() === protocol), row.merged);
    const meets = /no remote candidate is (\w+)/.exec(row.merged)?.[1];
    if (meets) claim(!remote.some((c) => c.tcpType === meets), row.merged);
    const version = /no remote candidate has an IPv(\d)/.exec(row.merged)?.[1];
    if (version) claim(!remote.some((c) => family(`${c.address}:1`) === Number(version)), row.merged);
  }
  return wrong;
}

/** A small generator with a seed: the same runs every time. */
function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
}

for (let run = 0; run < RUNS; run++) {
  test(`run ${run}: no reason that the raw data contradicts`, { skip }, async () => {
    const draw = random(run + 1);
    const servers = product.iceServers.filter(() => draw(2) === 0);
    if (draw(3) === 0) servers.push(`stun:127.0.0.1:${deaf.address().port}`);
    const browser = run % 2 === 0 ? open : null;
    const context = browser ? await browser.newContext({ locale: 'en-US' }) : null;
    const page = context ? await context.newPage() : await product.open('#echo');
    await page.addInitScript(spy);
    await page.goto('about:blank');
    await page.goto(new URL('#live', product.url).href);
    await page.locator('#live-servers textarea').fill(servers.join('\n') || '# none');
    await page.locator('[data-action=start]').click();
    await page.locator('[data-phase=connected]').waitFor();
    for (let look = 0; look < 3; look++) {
      await page.waitForTimeout(400);
      const seen = await page.evaluate(read);
      assert.deepEqual(contradictions(seen), [], JSON.stringify({ told: seen.told, given: seen.given }));
    }
    await page.context().close();
  });
}

test('nothing threw', { skip }, () => assert.deepEqual(product.errors, []));
