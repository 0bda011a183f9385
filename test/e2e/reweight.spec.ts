/** Re-weighting after a run, and Rao–Blackwell beside counting. */

import type { Page } from '@playwright/test';
import {
  LONG,
  countsOf,
  expect,
  openDirect,
  openHome,
  test,
  violations,
  waitForState,
} from './app.ts';

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

test(
  'a filtered run refuses another temperature, and the offer runs there',
  LONG,
  async ({ page, app }) => {
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
  },
);

/** Bounds in the chart by answer, and what is unexplored. */
async function exactMarks(page: Page): Promise<{ lower: Record<string, number>; rest: number }> {
  const marks = await page
    .getByTestId('reweight-mark')
    .evaluateAll((all) =>
      all.map((one): [string, number] => [
        one.getAttribute('data-answer') ?? '',
        Number(one.getAttribute('data-exact-lower') ?? NaN),
      ]),
    );
  const residual = await page.getByTestId('reweight-exact').getAttribute('data-residual');
  return { lower: Object.fromEntries(marks), rest: Number(residual ?? NaN) };
}

const sumOf = ({ lower, rest }: Awaited<ReturnType<typeof exactMarks>>): number =>
  Object.values(lower).reduce((sum, one) => sum + one, rest);

test('direct mode: the exact distribution moves with the sliders, an edited trace leaves it', async ({
  page,
  app,
}) => {
  await openDirect(page, app.url, '&checkpoint=tiny-sft&run=1');
  await waitForState(page, 'done');
  await expect(page.getByTestId('exact-panel')).toHaveAttribute('data-phase', 'ended', {
    timeout: 120_000,
  });
  const bounds = await page.getByTestId('bound-row').evaluateAll((rows) =>
    rows.map((row) => ({
      answer: row.getAttribute('data-answer') ?? '',
      lower: Number(row.getAttribute('data-lower')),
    })),
  );
  const temperature = panel(page).getByLabel('temperature');
  await temperature.fill('0.5');
  await expect(panel(page)).toContainText('Answers at T = 0.5');
  const cool = await exactMarks(page);
  expect(sumOf(cool)).toBeCloseTo(1, 3);
  const top = bounds.toSorted((a, b) => b.lower - a.lower)[0];
  expect(cool.lower[top?.answer ?? '']).toBeGreaterThan((top?.lower ?? NaN) + 0.01);
  await expect(panel(page)).toContainText('tick: exact probability');

  await temperature.fill('1');
  await expect(panel(page)).toContainText('Answers at T = 1');
  const same = await exactMarks(page);
  expect(sumOf(same)).toBeCloseTo(1, 3);
  for (const [answer, lower] of Object.entries(same.lower)) {
    expect(lower, answer).toBeCloseTo(
      bounds.find((bound) => bound.answer === answer)?.lower ?? NaN,
      9,
    );
  }

  await page.getByTestId('edit-trace').first().click();
  await page.getByTestId('trace-score').click();
  await expect(page.getByTestId('trace-row').first()).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press('Escape');
  await temperature.fill('0.5');
  await expect(panel(page)).toContainText('Answers at T = 0.5');
  expect(await exactMarks(page)).toEqual(cool);
});

test('where the samples cannot tell, the exact distribution still does', async ({ page, app }) => {
  await page.goto(
    `${app.url}#/explore?dataset=bloodmnist&index=12&checkpoint=tiny-sft&k=16&t=1&p=0.95&seed=7&mode=direct&device=wasm&run=1`,
  );
  await waitForState(page, 'done');
  await expect(page.getByTestId('exact-panel')).toHaveAttribute('data-phase', 'ended', {
    timeout: 120_000,
  });
  await panel(page).getByLabel('temperature').fill('0.5');
  const problem = page.getByTestId('reweight-problem');
  await expect(problem).toContainText('filters dropped');
  await expect(problem).toContainText('The exact probabilities still hold');
  // Under the bars too, where the sliders were moved.
  await expect(page.getByTestId('quick-weights-run')).toHaveText(
    'Run again at T = 0.5, top-p = 0.95',
  );
  await expect(page.getByTestId('reweight-chart')).toBeVisible();
  await expect(page.locator('[data-testid="reweight-mark"][data-probability]')).toHaveCount(0);
  const marks = await exactMarks(page);
  // The filter had dropped a little of what the target keeps: it is unexplored, and said to be.
  expect(sumOf(marks)).toBeCloseTo(1, 3);
  expect(await violations(page)).toEqual([]);
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
  await expect(page.getByTestId('estimate-panel')).toContainText('the distribution itself');
  await waitForState(page, 'done');
  await expect(row).toHaveCount(0);
});
