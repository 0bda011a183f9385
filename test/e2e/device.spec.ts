/** The device panel: what runs, and how every device did that was tried. */

import type { Page } from '@playwright/test';
import { expect, loadChosen, LONG, openDirect, test, violations, waitForState } from './app.ts';

const badge = (page: Page) => page.getByTestId('device-badge');
const panel = (page: Page) => page.getByTestId('device-panel');
const rungs = (page: Page) => panel(page).getByTestId('device-rung');

test('on wasm: threads, errors with their limits, and time, by keyboard alone', async ({
  page,
  app,
}) => {
  await openDirect(page, app.url, '&checkpoint=tiny-base,tiny-sft');
  await expect(badge(page)).toHaveText('no checkpoint loaded');
  await expect(panel(page)).toHaveCount(0);
  await loadChosen(page, 2);

  await page.setViewportSize({ width: 390, height: 844 });
  await badge(page).focus();
  await page.keyboard.press('Enter');
  await expect(panel(page)).toBeVisible();
  await expect(badge(page)).toHaveAttribute('aria-expanded', 'true');
  await expect(panel(page).getByTestId('device-group')).toHaveCount(1);
  await expect(panel(page).getByRole('heading')).toHaveText('tiny-base, tiny-sft');
  const threads = /wasm, (\d) thread/.exec(await badge(page).innerText())?.[1] ?? '';
  const fact = (term: string) => panel(page).locator(`dt:text-is("${term}") + dd`);
  await expect(fact('threads')).toHaveText(threads);
  await expect(fact('chosen')).toContainText('wasm was asked for');
  await expect(rungs(page)).toHaveCount(1);
  await expect(rungs(page)).toHaveAttribute('data-rung', 'wasm');
  for (const id of ['tiny-base', 'tiny-sft']) {
    const row = panel(page).getByRole('row', { name: new RegExp(`^${id}`) });
    await expect(row.getByRole('cell').nth(0)).toHaveText(/^\s*\d\S*( × 10\S+)? limit 0\.001$/);
    await expect(row.getByRole('cell').nth(1)).toHaveText(
      /^\s*\d\S*( × 10\S+)? nats limit 0\.02 nats$/,
    );
    await expect(row.getByRole('cell').nth(2)).toHaveText(/^[\d,]+ ms$/);
  }
  expect(await violations(page)).toEqual([]);
  const inside = await panel(page).evaluate(({ scrollWidth, clientWidth }) => [
    scrollWidth - clientWidth,
    document.documentElement.scrollWidth - document.documentElement.clientWidth,
  ]);
  expect(inside).toEqual([0, 0]);

  await page.keyboard.press('Tab');
  await expect(panel(page).getByRole('button', { name: 'Close' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(panel(page)).toBeHidden();
  await expect(badge(page)).toBeFocused();
  await expect(badge(page)).toHaveAttribute('aria-expanded', 'false');
  await page.keyboard.press('Space');
  // What is in it comes a moment after it.
  await expect(panel(page).getByRole('button', { name: 'Close' })).toBeVisible();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(panel(page)).toBeHidden();
  await expect(badge(page)).toBeFocused();
});

test('Escape closes the panel and leaves the run alone', LONG, async ({ page, app }) => {
  await openDirect(page, app.url);
  await loadChosen(page, 1);
  await page.goto(
    `${app.url}#/explore?dataset=bloodmnist&index=12&checkpoint=tiny-sft&k=128&t=2&seed=7&mode=think&nulls=0&device=wasm&run=1`,
  );
  await waitForState(page, 'running');
  await badge(page).click();
  await expect(panel(page)).toBeVisible();
  await waitForState(page, 'running');
  await page.keyboard.press('Escape');
  await expect(panel(page)).toBeHidden();
  await waitForState(page, 'done');
});
