/** Re-weighting after a run, and Rao–Blackwell beside counting. */

import type { Page } from '@playwright/test';
import { countsOf, expect, openHome, test, violations, waitForState } from './app.ts';

/** The base is in doubt about this image: its answers are not all the same. */
async function thinkRun(page: Page, url: string, topP = 1): Promise<void> {
  await page.goto(
    `${url}#/explore?dataset=bloodmnist&index=12&checkpoint=tiny-base&k=16&t=1&p=${String(topP)}&seed=7&mode=think&device=wasm&run=1`,
  );
  await waitForState(page, 'done');
}

const panel = (page: Page) => page.getByTestId('reweight-panel');

test('a move of temperature weights the samples at once; the result stays; reset goes back', async ({
  page,
  app,
}) => {
  await thinkRun(page, app.url);
  const counts = await countsOf(page);
  const temperature = panel(page).getByLabel('temperature');
  await expect(temperature).toHaveValue('1');
  await temperature.fill('0.7');
  const figures = page.getByTestId('reweight-figures');
  await expect(figures).toContainText(/right .* → .*n_eff.* of 16/);
  await expect(page.getByTestId('reweight-chart')).toBeVisible();
  await expect(panel(page)).toContainText('T = 0.7, top-p = 1');
  const marks = page.getByTestId('reweight-mark').and(page.locator('[data-probability]'));
  const probabilities = await marks.evaluateAll((all) =>
    all.map((one) => Number(one.getAttribute('data-probability'))),
  );
  expect(probabilities.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 6);
  const drawn = Object.values(counts).map((count) => count / 16);
  expect(probabilities.toSorted()).not.toEqual(drawn.toSorted());
  expect(await countsOf(page)).toEqual(counts);
  await expect(page.getByTestId('stale')).toHaveCount(0);
  expect(await violations(page)).toEqual([]);

  await page.getByTestId('reweight-reset').click();
  await expect(figures).toHaveCount(0);
  await expect(temperature).toHaveValue('1');
});

test('a filtered run refuses another temperature, and the offer runs there', async ({
  page,
  app,
}) => {
  await thinkRun(page, app.url, 0.9);
  await panel(page).getByLabel('temperature').fill('1.3');
  await expect(page.getByTestId('reweight-problem')).toContainText('filters dropped');
  await expect(page.getByTestId('reweight-figures')).toHaveCount(0);
  await expect(page.getByTestId('reweight-chart')).toHaveCount(0);
  expect(await violations(page)).toEqual([]);
  await page.getByTestId('reweight-run').click();
  await expect(page).toHaveURL(/t=1\.3&p=0\.9/);
  await waitForState(page, 'done');
  await expect(page.getByTestId('reweight-problem')).toHaveCount(0);
  await expect(panel(page).getByLabel('temperature')).toHaveValue('1.3');
  // A narrower top-p stays inside what this run drew from.
  await panel(page).getByLabel('top-p').fill('0.8');
  await expect(page.getByTestId('reweight-figures')).toContainText('of 16');
});

test('a recorded result says why not', async ({ page, app }) => {
  await openHome(page, app.url);
  await expect(page.getByTestId('reweight-unavailable')).toContainText('recorded run');
  await expect(panel(page).getByLabel('temperature')).toHaveCount(0);
});

test('think mode has Rao–Blackwell beside counting; direct mode points to the exact distribution', async ({
  page,
  app,
}) => {
  await thinkRun(page, app.url);
  const row = page.getByTestId('estimate-row');
  await expect(row).toHaveCount(1);
  await expect(row).toContainText(/plain ones|nothing gained|agree/);
  await expect(row).toContainText(/of 16 samples vote/);
  await page.goto(page.url().replace('mode=think', 'mode=direct') + '&run=1');
  await expect(page.getByTestId('estimate-panel')).toContainText('exact distribution');
  await waitForState(page, 'done');
  await expect(row).toHaveCount(0);
});
