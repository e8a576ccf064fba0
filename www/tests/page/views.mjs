// The views and the state each is brought to before it is looked at.

export const VIEWS = ['live', 'simulate', 'inspect', 'echo'];

/** Waits until the view's panes are there. */
export const ready = (page) => page.locator('[data-pane]').first().waitFor();

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
    await page.locator('#inspect-found [role=option]').first().waitFor();
  } else {
    await page.locator('[data-action=send]').click();
    await page.locator('[data-outcome].ok').waitFor();
  }
}
