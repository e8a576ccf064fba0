/**
 * Frames a second of Simulate while a trace of more than 5 000 packets plays, beside those of an empty page in the same
 * browser, in turn: `node benches/js/frames.mjs`. Needs Chromium and the built package.
 */
import { executablePath } from '../../pkg-tests/lib/chromium.mjs';
import { startProduct } from '../../www/tests/page/product.mjs';

/** Milliseconds of each look, and how many there are of each kind. */
const LOOK = 2000;
const LOOKS = 5;

/** A call of 30 s between two home routers, with 90 packets of media a second each way. */
const SCENARIO = {
  title: 'Frames',
  seed: 1,
  until: 30_000,
  networks: ['A', 'B'].map((name) => ({ name: `network ${name}`, nat: { classic: 'port restricted cone' } })),
  hosts: [
    { name: 'stun', addresses: ['198.51.100.1'], run: { kind: 'stun' } },
    ...['A', 'B'].map((name, index) => ({
      name,
      network: `network ${name}`,
      addresses: [`10.${index}.0.2`],
      run: { kind: 'ice', servers: ['stun'] },
    })),
  ],
  calls: [{ from: 'A', to: 'B', media: 90 }],
};

/** Seconds of processor time that the page's main thread has used. */
async function processor(cdp) {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration').value;
}

/** Frames and the longest gap in milliseconds during one look. */
const frames = (page) =>
  page.evaluate(
    (look) =>
      new Promise((resolve) => {
        let [count, longest] = [0, 0];
        let before = performance.now();
        const end = before + look;
        requestAnimationFrame(function tick(now) {
          count++;
          longest = Math.max(longest, now - before);
          before = now;
          if (now < end) requestAnimationFrame(tick);
          else resolve({ count, longest });
        });
      }),
    LOOK,
  );

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

const product = await startProduct({ program: executablePath });
try {
  const empty = await product.open('#nothing');
  await empty.goto('about:blank');
  const page = await product.open('#simulate');
  await page.locator('input[type=file]').setInputFiles({
    name: 'frames.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(SCENARIO)),
  });
  const status = page.getByText(/\d+ packets, \d+ dropped/);
  await page.waitForFunction(() => /\b[5-9]\d{3} packets/.test(document.body.innerText));
  console.log((await status.innerText()).split('.')[0]);
  await page.getByLabel('whole run').check();
  await page.getByLabel(/of data/).check();
  await page.locator('.scrubber select').selectOption({ label: '1' });
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const found = { empty: [], playing: [], used: [] };
  for (let look = 0; look < LOOKS; look++) {
    await empty.bringToFront();
    found.empty.push(await frames(empty));
    await page.bringToFront();
    await page.locator('[data-action=play][aria-pressed=false]').click();
    const before = await processor(cdp);
    const playing = await frames(page);
    found.playing.push(playing);
    found.used.push(((await processor(cdp)) - before) / playing.count);
    await page.locator('[data-action=play][aria-pressed=true]').click();
  }
  const rate = (looks) => (median(looks.map(({ count }) => count)) * 1000) / LOOK;
  const [base, playing] = [rate(found.empty), rate(found.playing)];
  console.log(
    `empty page ${base.toFixed(1)} frames a second, playing ${playing.toFixed(1)}: ratio ${(playing / base).toFixed(3)}`,
  );
  console.log(
    `longest gap of each look while playing: ${found.playing.map(({ longest }) => longest.toFixed(0)).join(', ')} ms`,
  );
  console.log(`processor time of the main thread: ${(median(found.used) * 1000).toFixed(1)} ms a frame`);
  if (product.errors.length > 0) throw new Error(product.errors.join('\n'));
} finally {
  await product.stop();
}
