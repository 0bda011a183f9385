/** Compare and Recipe without a run; Compare with a run that was made through the page. */

import type { Locator, Page } from '@playwright/test';
import { expect, overflow, test, violations } from './app.ts';

for (const [screen, title] of [
  ['compare', 'Compare'],
  ['recipe', 'Recipe'],
] as const) {
  test(`${title} without a run says what to do and leads there`, async ({ page, app }) => {
    await page.goto(`${app.url}#/${screen}?side=gone:tiny-sft&side=gone:tiny-rl&run=gone&tau=0.55`);
    await expect(page.getByRole('heading', { name: title })).toBeVisible();
    const empty = page.getByTestId(`${screen}-empty`);
    await expect(empty).toContainText('There is no stored run yet');
    // What is not stored here is forgotten; the thresholds are kept.
    await expect(page).toHaveURL(
      screen === 'compare' ? /#\/compare$/ : /#\/recipe\?tau=0\.55&delta=0\.05$/,
    );
    expect(await violations(page)).toEqual([]);
    await empty.getByRole('link').click();
    await expect(page.getByTestId('evaluate-start')).toBeVisible();
  });
}

test('published curves are there without a run, in the address, and never measured', async ({
  page,
  app,
}) => {
  await page.goto(`${app.url}#/compare`);
  const panel = page.getByTestId('published');
  await expect(panel).toContainText('not measured here');
  await expect(panel).toContainText('Apache-2.0');
  await expect(panel.getByTestId('published-reading').nth(1)).toContainText(
    '+0.08 against the base at k = 1, −0.42 against the base at k = 64',
  );
  await panel.getByText('7B', { exact: true }).click();
  await panel.getByTestId('published-set').selectOption('slake_closed');
  await expect(page).toHaveURL(/#\/compare\?published=7B:slake_closed$/);
  await expect(panel.getByRole('heading', { name: /Pass@k, Qwen2.5-VL 7B, SLAKE/ })).toBeVisible();
  const rows = panel.getByTestId('published-classifiers').locator('tbody tr');
  await expect(rows).toHaveCount(12);
  await page.reload();
  await expect(panel.getByTestId('published-set')).toHaveValue('slake_closed');
  expect(await violations(page)).toEqual([]);
});

const FAMILY = ['tiny-sft', 'tiny-rl', 'tiny-rl-one'] as const;
const SETS = ['bloodmnist', 'breastmnist'] as const;

/** Two sets of two items, three checkpoints, K = 4, direct, with nulls. */
async function runFamily(page: Page, url: string): Promise<void> {
  await page.goto(`${url}#/evaluate?device=wasm`);
  const sets = page.getByTestId('evaluate-set');
  await expect(sets).toHaveCount(6);
  for (const box of await sets.all()) {
    const set = (await box.getAttribute('data-set')) ?? '';
    await box.setChecked(SETS.some((one) => one === set));
  }
  await page.getByLabel('items of each set').fill('2');
  const plan = page.getByTestId('evaluate-plan');
  for (const id of FAMILY) {
    const button = plan.locator(`[data-testid="checkpoint"][data-checkpoint="${id}"]`);
    if ((await button.getAttribute('aria-pressed')) !== 'true') await button.click();
  }
  await plan.getByLabel('K', { exact: true }).selectOption('4');
  await plan.getByText('Direct', { exact: true }).click();
  await page.getByTestId('evaluate-start').click();
  const status = page.getByTestId('evaluate-status');
  await expect(status).toHaveAttribute('data-state', 'done', { timeout: 170_000 });
  await expect(status).toHaveAttribute('data-done', '12');
}

const cellOf = (page: Page, child: string, dataset: string): Locator =>
  page.locator(`[data-testid="transfer-cell"][data-child="${child}"][data-dataset="${dataset}"]`);

test('a run of three checkpoints: verdicts, support, transfer map and lineage', async ({
  page,
  app,
}) => {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await runFamily(page, app.url);
  await page.getByTestId('nav').getByText('Compare').click();
  for (const id of FAMILY) {
    await page.locator(`[data-testid="compare-side"][data-checkpoint="${id}"]`).click();
  }

  // Four items bear no verdict, and the page says so instead of naming one.
  const verdicts = page.locator('[data-testid="compare-verdict"][data-dataset="all"]');
  await expect(verdicts).toHaveCount(2, { timeout: 60_000 });
  for (const verdict of await verdicts.all()) {
    await expect(verdict).toHaveAttribute('data-verdict', 'no clear change');
    await expect(verdict).toContainText('fewer than six items');
  }
  await expect(
    page.locator('[data-testid="compare-verdict"]:not([data-dataset="all"])'),
  ).toHaveCount(4);

  // Every item is in one class of each support table, and so it is under another seed.
  const first = page.getByRole('region', { name: 'tiny-sft to tiny-rl', exact: true });
  for (const rule of ['k', 'epsilon']) {
    const counts = await first.locator(`[data-testid="support-change"][data-rule="${rule}"]`).all();
    expect(counts).toHaveLength(5);
    for (const attribute of ['data-count', 'data-null']) {
      const values = await Promise.all(counts.map((cell) => cell.getAttribute(attribute)));
      expect(values.reduce((sum, value) => sum + Number(value), 0)).toBe(4);
    }
  }

  const lineage = page.getByTestId('lineage');
  await expect(lineage.getByTestId('lineage-line')).toHaveCount(3);
  await expect(lineage.getByTestId('lineage-point')).toHaveCount(9);
  for (const id of FAMILY) {
    const [accuracy, support] = await lineage
      .locator(`[data-testid="lineage-point"][data-checkpoint="${id}"]`)
      .all();
    for (const point of [accuracy, support]) {
      await expect(point ?? lineage).toHaveAttribute('data-value', /^(0|1|0\.\d+)$/);
      await expect(point ?? lineage).toHaveAttribute('data-chance', /^0\.\d+$/);
    }
  }
  await expect(lineage.getByTestId('lineage-chance')).toHaveCount(2);
  // tiny-rl-one was not trained from tiny-rl, and is no row of the map against it.
  await expect(lineage.getByText('not trained from the one before it').first()).toBeAttached();
  await expect(page.getByTestId('transfer-left-out')).toContainText('tiny-rl → tiny-rl-one');

  const cells = page.getByTestId('transfer-cell');
  await expect(cells).toHaveCount(2);
  await page.getByTestId('transfer-all').click();
  await expect(cells).toHaveCount(4);
  await expect(page).toHaveURL(/[&?]rl=/);
  for (const [child, own] of [
    ['tiny-rl', 'true'],
    ['tiny-rl-one', 'false'],
  ] as const) {
    for (const dataset of SETS) {
      const cell = cellOf(page, child, dataset);
      await expect(cell).toHaveAttribute('data-reading', 'few', { timeout: 60_000 });
      await expect(cell).toHaveAttribute('data-value', /^-?(0|1|0\.5)$/);
      await expect(cell).toHaveAttribute('data-own', own);
    }
  }
  // By keyboard: the detail follows the focus, with n and the null.
  const detail = page.getByTestId('transfer-map').getByRole('status');
  await page.getByTestId('transfer').getByText('ΔS, k = 4', { exact: true }).click();
  await expect(page).toHaveURL(/map=support/);
  await cellOf(page, 'tiny-rl', 'bloodmnist').focus();
  await page.keyboard.press('ArrowDown');
  await expect(cellOf(page, 'tiny-rl-one', 'bloodmnist')).toBeFocused();
  await expect(detail).toContainText('tiny-sft → tiny-rl-one (RL on OrganAMNIST, Abdominal CT)');
  await expect(detail).toContainText('2 items: too few items to say');
  await expect(detail).toContainText('by chance alone, tiny-sft under another seed:');

  // The address brings all of it back.
  await page.reload();
  await expect(verdicts).toHaveCount(2, { timeout: 60_000 });
  await expect(cells).toHaveCount(4);
  await expect(cellOf(page, 'tiny-rl-one', 'breastmnist')).toHaveAttribute('data-reading', 'few', {
    timeout: 60_000,
  });
  await expect(page.getByTestId('lineage')).toBeVisible();

  for (const [colorScheme, width] of [
    ['light', 1440],
    ['dark', 390],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    expect(await violations(page), `${colorScheme} at ${String(width)} px`).toEqual([]);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
  }
});
