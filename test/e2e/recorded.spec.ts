/** The paper's question on a first visit: the recorded run of the built-in family, in clicks that are counted. */

import type { Page } from '@playwright/test';
import { expect, openDirect, openHome, test, violations, waitForState } from './app.ts';

/** Clicks, counted. */
class Visitor {
  clicks = 0;

  constructor(private readonly page: Page) {}

  async click(testId: string, text?: string): Promise<void> {
    const found = this.page.getByTestId(testId);
    await (text === undefined ? found : found.getByText(text, { exact: true })).click();
    this.clicks += 1;
  }
}

test('did RL sharpen or teach? Answered within five clicks from the start page', async ({
  page,
  app,
}) => {
  await openHome(page, app.url);
  const visitor = new Visitor(page);
  await visitor.click('nav', 'Compare');
  const offer = page.getByTestId('recorded-offer');
  await expect(offer).toContainText('tiny-rl');
  expect(await violations(page)).toEqual([]);
  await visitor.click('recorded-open');
  const verdicts = page.locator('[data-testid="compare-verdict"][data-dataset="all"]');
  await expect(verdicts).toHaveCount(2, { timeout: 60_000 });
  expect(visitor.clicks).toBeLessThanOrEqual(5);
  const names = ['sharpened', 'collapsed', 'widened', 'learned', 'no clear change'];
  for (const one of await verdicts.all()) {
    expect(names).toContain(await one.getAttribute('data-verdict'));
  }
  // Why: the first label of each rule that has all it needs is the verdict above it.
  const rules = page.getByTestId('compare-rule');
  await expect(rules).toHaveCount(2);
  for (const [at, rule] of (await rules.all()).entries()) {
    await expect(rule.getByRole('listitem')).toHaveText([
      /^learned/,
      /^sharpened/,
      /^widened/,
      /^collapsed/,
    ]);
    const held = rule.locator('[data-holds="true"]');
    const first =
      (await held.count()) > 0 ? await held.first().getAttribute('data-label') : 'no clear change';
    expect(first).toBe(await verdicts.nth(at).getAttribute('data-verdict'));
  }
  const summary = page.getByTestId('compare-summary').getByRole('listitem');
  await expect(summary).toHaveText([/^tiny-base → tiny-sft: /, /^tiny-sft → tiny-rl: /]);
  await expect(summary.last()).toBeInViewport();
  await expect(offer).toHaveCount(0);
  await expect(page.getByText('240 items that both answered; none was left out.')).toHaveCount(2);
  expect(await violations(page)).toEqual([]);

  // The same run stands under Evaluate and Recipe, with its items.
  await page.getByTestId('nav').getByText('Recipe', { exact: true }).click();
  await expect(page.getByTestId('recipe-empty')).toHaveCount(0);
  await page.getByTestId('nav').getByText('Evaluate', { exact: true }).click();
  await expect(page.getByTestId('stored-run')).toHaveCount(1);
  await expect(page.getByTestId('set-verdict')).toBeVisible();
  await page.reload();
  await expect(page.getByTestId('stored-run')).toHaveCount(1);
  await expect(page.getByTestId('recorded-offer')).toHaveCount(0);
});

test('a recorded run that does not come is named, and can be asked for again', async ({
  page,
  app,
}) => {
  app.allow(/ERR_FAILED|Failed to load resource/);
  await page.route('**/family.jsonl.gz', (route) => route.abort());
  await page.goto(`${app.url}#/compare`);
  await page.getByTestId('recorded-open').click();
  await expect(page.getByTestId('recorded-offer').getByRole('alert')).toContainText('try again');
  await page.unroute('**/family.jsonl.gz');
  await page.getByTestId('recorded-open').click();
  await expect(page.getByTestId('compare-verdict').first()).toBeVisible({ timeout: 60_000 });
});

test('the name leads to the start page, as does an address of no screen; runs stay in reach', async ({
  page,
  app,
}) => {
  const verdict = page.getByTestId('support-verdict');
  // The two, and that none is shown.
  const results = page.getByLabel('Runs', { exact: true }).getByRole('option');
  await openDirect(page, app.url, '&k=4&nulls=0&run=1');
  await waitForState(page, 'done');
  await expect(verdict).not.toContainText('recorded run');

  const name = page.getByRole('link', { name: 'Supportlens' });
  await name.click();
  await expect(verdict).toContainText('recorded run');
  const home = /#\/explore\?dataset=bloodmnist&index=332&/;
  await expect(page).toHaveURL(home);
  await expect(results).toHaveCount(3);

  // From another image and another screen, and without a second copy of the recorded run.
  await page.getByTestId('gallery-item').first().click();
  await expect(verdict).toHaveCount(0);
  await page.getByTestId('nav').getByText('Models', { exact: true }).click();
  await name.click();
  await expect(verdict).toContainText('recorded run');
  await expect(results).toHaveCount(3);

  await page.getByTestId('gallery-item').first().click();
  await page.evaluate(() => {
    location.hash = '#/nonsense';
  });
  await expect(verdict).toContainText('recorded run');
  await expect(page).toHaveURL(home);

  // Opened with such an address, the page starts as on a first visit.
  await page.goto('about:blank');
  await page.goto(`${app.url}#/nonsense`);
  await expect(verdict).toContainText('recorded run');
  await expect(page).toHaveURL(home);
});

test('the gallery follows the image on the page: set, mark and place', async ({ page, app }) => {
  await openHome(page, app.url);
  const chosen = page.getByTestId('gallery-item').and(page.locator('[aria-pressed="true"]'));
  const sets = page.getByRole('combobox', { name: 'Dataset' });
  const elsewhere = page.getByTestId('gallery-elsewhere');
  const expectShown = async () => {
    await expect(chosen).toHaveAttribute('data-item', 'bloodmnist/332');
    await expect(chosen).toBeInViewport({ ratio: 0.9 });
    await expect(sets).toHaveValue('bloodmnist');
    await expect(elsewhere).toHaveCount(0);
  };
  await expectShown();

  // Another set has other images; what is shown stays, and the gallery says so.
  await sets.selectOption('pathmnist');
  await expect(elsewhere).toContainText('Choose an image of PathMNIST');
  await expect(chosen).toHaveCount(0);
  await expect(page.getByTestId('support-verdict')).toContainText('recorded run');
  expect(await violations(page)).toEqual([]);
  await page.getByTestId('gallery-item').first().click();
  await expect(elsewhere).toHaveCount(0);

  // A result that is shown again, or comes from a file, brings the gallery along.
  await page.locator('input[accept*="jsonl"]').setInputFiles('public/runs/first.jsonl');
  await expectShown();
});

test('what a recorded run cannot do says once what to do', async ({ page, app }) => {
  await openHome(page, app.url);
  await expect(page.getByText('The sliders need a run of your own: press Run.')).toHaveCount(1);
  await expect(page.getByTestId('reweight-unavailable')).not.toContainText('press Run');
});
