/** A run over sets: planned, paused, resumed after a reload, read, opened in Explore, deleted. */

import type { Page } from '@playwright/test';
import { countsOf, expect, overflow, test, total, violations } from './app.ts';

const RUN_STATE = 'data-state';
const status = (page: Page) => page.getByTestId('evaluate-status');
const checkpoint = (page: Page, id: string) =>
  page.getByTestId('evaluate-plan').locator(`[data-testid="checkpoint"][data-checkpoint="${id}"]`);
const figure = (page: Page, id: string, dataset: string, metric: string) =>
  page.locator(
    `[data-testid="figure"][data-checkpoint="${id}"][data-dataset="${dataset}"][data-metric="${metric}"]`,
  );

/** Two sets of two items, two checkpoints, K = 4, direct, with nulls. */
async function plan(page: Page): Promise<void> {
  const sets = page.getByTestId('evaluate-set');
  await expect(sets).toHaveCount(6);
  for (const box of await sets.all()) {
    const set = (await box.getAttribute('data-set')) ?? '';
    await box.setChecked(['bloodmnist', 'breastmnist'].includes(set));
  }
  await page.getByLabel('items of each set').fill('2');
  await checkpoint(page, 'tiny-rl').click();
  await expect(checkpoint(page, 'tiny-sft')).toHaveAttribute('aria-pressed', 'true');
  await page.getByTestId('evaluate-plan').getByLabel('K', { exact: true }).selectOption('4');
  await page.getByTestId('evaluate-plan').getByText('Direct', { exact: true }).click();
  await page.getByLabel('Name of the run').fill('two by two');
  // K and the second seed, and four wrong images of four each.
  await expect(page.getByTestId('evaluate-cost')).toHaveAttribute('data-samples', String(8 * 24));
}

test('planned, paused, resumed after a reload, read, opened in Explore and deleted', async ({
  page,
  app,
}) => {
  await page.goto(`${app.url}#/explore`);
  await page.getByTestId('nav').getByText('Evaluate').click();
  await expect(page.getByTestId('stored-runs')).toContainText('None yet');
  await page.goto(`${app.url}#/evaluate?device=wasm`);
  await plan(page);
  expect(await violations(page)).toEqual([]);

  await page.getByTestId('evaluate-measure').click();
  await expect(page.getByTestId('evaluate-estimate')).toContainText('samples/s', {
    timeout: 120_000,
  });
  await expect(page.getByTestId('stored-runs')).toContainText('None yet');

  await page.getByTestId('evaluate-start').click();
  await expect
    .poll(async () => Number(await status(page).getAttribute('data-done')), { timeout: 120_000 })
    .toBeGreaterThan(0);
  await page.getByTestId('evaluate-pause').click();
  await expect(status(page)).toHaveAttribute(RUN_STATE, 'paused');
  const kept = Number(await status(page).getAttribute('data-done'));
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(8);

  await page.reload();
  await expect(status(page)).toHaveAttribute(RUN_STATE, 'paused');
  await expect(status(page)).toHaveAttribute('data-done', String(kept));
  await page.getByTestId('evaluate-resume').click();
  // The form has its defaults again, and says that the run in work has another plan.
  await expect(page.getByTestId('evaluate-other-plan')).toContainText('tiny-sft, tiny-rl');
  await expect(status(page)).toHaveAttribute(RUN_STATE, 'done', { timeout: 170_000 });
  await expect(status(page)).toHaveAttribute('data-done', '8');
  await expect(page.getByTestId('evaluate-other-plan')).toHaveCount(0);
  // The recorded run stays in reach beside one's own.
  await expect(page.getByTestId('recorded-offer')).toBeVisible();
  await expect(page.getByTestId('stored-run')).toHaveAttribute('data-done', '8');

  for (const id of ['tiny-sft', 'tiny-rl']) {
    const accuracy = figure(page, id, 'all', 'accuracyAt1');
    await expect(accuracy).toHaveAttribute('data-value', /^(0|0\.25|0\.5|0\.75|1)$/);
    await expect(accuracy).not.toHaveAttribute('data-upper', '');
    await expect(figure(page, id, 'all', 'support@4')).toBeVisible();
    await expect(figure(page, id, 'all', 'imageSupport')).not.toHaveAttribute('data-value', '');
    await expect(
      page.getByTestId('set-verdict').locator(`[data-checkpoint="${id}"]`),
    ).toBeVisible();
  }
  // What is read of the whole is the mean of what the sets give: as many items each.
  await page.getByText('one, by set', { exact: true }).click();
  const values = await Promise.all(
    ['bloodmnist', 'breastmnist', 'macro', 'all'].map(async (set) =>
      Number(await figure(page, 'tiny-sft', set, 'accuracyAt1').getAttribute('data-value')),
    ),
  );
  const [blood = NaN, breast = NaN, macro = NaN, all = NaN] = values;
  expect(macro).toBeCloseTo((blood + breast) / 2, 12);
  expect(all).toBeCloseTo(macro, 12);

  const rows = page.getByTestId('item-row');
  await expect(rows).toHaveCount(4);
  const [first] = await rows.all();
  if (!first) throw new Error('There is a first row.');
  const right = await first.locator('[data-checkpoint="tiny-rl"] .count').textContent();
  await first.getByTestId('open-in-explore').click();
  await expect(page.getByTestId('support-verdict')).toContainText('stored run');
  expect(page.url()).toContain('#/explore?');
  for (const id of ['tiny-sft', 'tiny-rl']) expect(total(await countsOf(page, id))).toBe(4);
  const truth = page.locator(
    '[data-testid="answer-row"][data-checkpoint="tiny-rl"][data-correct="true"]',
  );
  await expect(truth).toHaveAttribute(
    'data-count',
    /^\d+\/4/.exec(right ?? '')?.[0].split('/')[0] ?? '',
  );
  await expect(page.getByTestId('reweight-unavailable')).toContainText('logits');
  await expect(page.getByTestId('stale')).toHaveCount(0);
  await page.goBack();
  await expect(page.getByTestId('set-results')).toBeVisible();

  await page.getByTestId('stored-run-rename').click();
  await page.getByLabel('Name of the run').last().fill('renamed');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('stored-run-open')).toHaveText('renamed');
  await page.getByTestId('stored-run-delete').click();
  await expect(page.getByTestId('stored-run')).toContainText('Delete renamed with 8 finished');
  await page.getByText('Keep', { exact: true }).click();
  await expect(page.getByTestId('stored-run')).toHaveCount(1);

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 1024, 390]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      await expect(page.getByTestId('item-row').first()).toBeVisible();
      expect(await violations(page), `${colorScheme} at ${String(width)} px`).toEqual([]);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByTestId('stored-run-delete').click();
  await page.getByTestId('stored-run-delete-confirm').click();
  await expect(page.getByTestId('stored-run')).toHaveCount(0);
  await expect(page.getByTestId('set-results')).toHaveCount(0);
  await page.reload();
  await expect(page.getByTestId('stored-runs')).toContainText('None yet');
});
