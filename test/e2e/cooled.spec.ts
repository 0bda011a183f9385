/** The control of Compare: the parent asked colder, until it is as sharp as the child. */

import type { Page } from '@playwright/test';
import { expect, overflow, test, violations } from './app.ts';

const control = (page: Page) => page.getByTestId('cooled-control');

/** Two items of each set, tiny-sft and tiny-rl, K = 8, with a trace (there RL sharpens), without nulls. */
async function evaluate(page: Page, url: string): Promise<void> {
  await page.goto(`${url}#/evaluate?device=wasm`);
  const plan = page.getByTestId('evaluate-plan');
  const sets = page.getByTestId('evaluate-set');
  await expect(sets).toHaveCount(6);
  for (const box of await sets.all()) {
    await box.setChecked(true);
  }
  await page.getByLabel('items of each set').fill('2');
  await plan.locator('[data-testid="checkpoint"][data-checkpoint="tiny-rl"]').click();
  await plan.getByLabel('K', { exact: true }).selectOption('8');
  await page.getByTestId('nulls').setChecked(false);
  await page.getByLabel('Name of the run').fill('two of each');
  await expect(page.getByTestId('evaluate-cost')).toHaveAttribute('data-samples', '192');
  await page.getByTestId('evaluate-start').click();
  await expect(page.getByTestId('evaluate-status')).toHaveAttribute('data-state', 'done', {
    timeout: 170_000,
  });
}

test('the parent is asked colder, stopped, gone on with, compared and kept', async ({
  page,
  app,
}) => {
  await evaluate(page, app.url);
  await page.getByTestId('nav').getByText('Compare').click();
  await page.getByText('In training order: tiny-sft → tiny-rl').click();
  await expect(control(page)).toHaveAttribute('data-state', 'open');
  await expect(control(page)).toContainText('12 items × 8 samples × at most 4 temperatures');
  await expect(page.getByTestId('cooled-sentence')).toHaveCount(0);

  await page.getByTestId('cooled-start').click();
  await expect(control(page)).toHaveAttribute('data-state', 'running');
  await page.getByTestId('cooled-stop').click();
  await expect(control(page)).toHaveAttribute('data-state', 'open');
  await page.getByTestId('cooled-start').click();
  await expect(control(page)).toHaveAttribute('data-state', 'matched', { timeout: 170_000 });
  await expect(control(page)).toHaveAttribute('data-verdict', /^(more|open|less)$/);
  const sentence = page.getByTestId('cooled-sentence');
  await expect(sentence).toHaveText(
    /^Cooled to T = 0\.\d+, tiny-sft is as sharp as tiny-rl \(\d\.\d\d against \d\.\d\d nats\), and \d+\s% of its answers are right\. Of tiny-rl’s \d+\s% are: .* points? (more|less) \(.*\)\. Training /,
  );
  await expect(page.getByTestId('cooling-chart')).toBeVisible();

  const said = await sentence.textContent();
  await page.reload();
  await expect(sentence).toHaveText(said ?? '');
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      await expect(sentence).toBeVisible();
      expect(await violations(page), `${colorScheme} at ${String(width)} px`).toEqual([]);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
    }
  }
  // The runs are there to be looked at, and to be deleted.
  await page.getByTestId('nav').getByText('Evaluate').click();
  const cold = page.getByTestId('stored-run').filter({ hasText: 'tiny-sft cooled to T' });
  await expect(cold.first()).toHaveAttribute('data-done', '12');
});
