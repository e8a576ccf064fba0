// The views and the state each is brought to before it is looked at, and how a state is waited for.

export const VIEWS = ['live', 'simulate', 'inspect', 'echo'];

/** How long a state is waited for, ms: long, since the machine may be busy with other things. */
const PATIENCE = 60_000;

/** Calls `check` until it throws no more, and gives what it gives; in the end its last error is thrown. */
export async function eventually(check) {
  const end = performance.now() + PATIENCE;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await new Promise((again) => setTimeout(again, 50));
  }
}

/** Waits until the page has drawn what it knows: media queries, observers and layout have had their frame. */
export const drawn = (page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))));

/** The window gets this width, and the page its layout for it. */
export async function resize(page, width, height = 800) {
  await page.setViewportSize({ width, height });
  await page.waitForFunction((wanted) => innerWidth === wanted, width);
  await drawn(page);
}

/** Waits until all of the view's panes are there: each is drawn in a task of its own. */
export const ready = (page) => page.locator('main[aria-busy=false]', { has: page.locator('[data-pane]') }).waitFor();

/** Brings a view to the state in which it has something to show. */
export async function use(page, view) {
  await ready(page);
  if (view === 'live') {
    await page.locator('[data-action=start]').click();
    await page.locator('[data-phase=connected]').waitFor();
  } else if (view === 'simulate') {
    await page.locator('[data-run=direct]').waitFor();
    await page.locator('#sim-matrix .cell.direct').first().waitFor({ state: 'attached' });
  } else if (view === 'inspect') {
    await page.getByRole('button', { name: /console log|控制台日志/ }).click();
    // Panes come one after the other; this is the last.
    await page.locator('#inspect-candidates').waitFor({ state: 'attached' });
  } else {
    await page.locator('[data-action=send]').click();
    await page.locator('[data-outcome].ok').waitFor();
  }
}
