/** Explore as an instrument: what is pointed at lights everywhere, samples come without moving the page. */

import type { Page } from '@playwright/test';
import { expect, openDirect, openHome, test, violations, waitForState } from './app.ts';

const bar = (page: Page, checkpoint: string, answer: string) =>
  page
    .getByTestId('answer-row')
    .and(page.locator(`[data-checkpoint="${checkpoint}"][data-answer="${answer}"]`));

const litRows = (page: Page, checkpoint: string) =>
  page
    .getByTestId('sample-row')
    .and(page.locator(`[data-checkpoint="${checkpoint}"][data-lit="true"]`));

test('bars, curve, river and list light the same samples of all checkpoints, by pointer and by keyboard', async ({
  page,
  app,
}) => {
  await openHome(page, app.url);
  await expect(page.getByTestId('sample-row')).toHaveCount(48);
  const right = await page
    .getByTestId('answer-row')
    .and(page.locator('[data-correct="true"]'))
    .first()
    .getAttribute('data-answer');
  const answer = right ?? '';
  const counts: Record<string, number> = {};
  for (const id of ['tiny-base', 'tiny-sft', 'tiny-rl']) {
    counts[id] = Number(await bar(page, id, answer).getAttribute('data-count'));
  }

  await bar(page, 'tiny-sft', answer).hover();
  for (const [id, count] of Object.entries(counts)) {
    await expect(bar(page, id, answer)).toHaveAttribute('data-lit', String(count));
    await expect(litRows(page, id)).toHaveCount(count);
  }
  const tip = page.getByTestId('point-tip');
  await expect(tip).toContainText(`${String(counts['tiny-sft'])} of 16 samples`);
  await expect(tip).toContainText(/log p −.*tiny-rl \d+ of 16/);
  await expect(page.locator('.river .dim').first()).toBeAttached();
  expect(await violations(page)).toEqual([]);
  await page.mouse.move(2, 2);
  await expect(tip).toHaveCount(0);
  await expect(page.locator('[data-lit="true"]')).toHaveCount(0);

  // The same by keyboard: a bar, a point of the curve, a sample and its tokens.
  await bar(page, 'tiny-sft', answer).focus();
  await expect(litRows(page, 'tiny-rl')).toHaveCount(counts['tiny-rl'] ?? NaN);
  await page.getByTestId('pass-point').first().focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByTestId('pass-point').nth(1)).toBeFocused();
  await expect(tip).toContainText(/k = 2.*tiny-base.*tiny-sft.*tiny-rl/);
  await expect(litRows(page, 'tiny-sft')).toHaveCount(counts['tiny-sft'] ?? NaN);

  const sample = page.getByTestId('sample-row').first();
  await sample.locator('summary').focus();
  await expect(litRows(page, 'tiny-base')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await sample.getByTestId('sample-token').first().focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  await expect(tip).toContainText(/that come here draw it.*log p/);
  const sharing = await litRows(page, 'tiny-base').count();
  await page.keyboard.press('End');
  await expect.poll(() => litRows(page, 'tiny-base').count()).toBeLessThanOrEqual(sharing);

  // A band of the river: partly in several bars.
  const band = page.locator('.river').first().locator('[data-mark]').first();
  await band.focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('[data-testid="answer-river"]')).toBeVisible();
  const lit = await page
    .getByTestId('answer-row')
    .and(page.locator('[data-checkpoint="tiny-base"]'))
    .evaluateAll((rows) => rows.reduce((sum, row) => sum + Number(row.dataset['lit']), 0));
  expect(lit).toBe(await litRows(page, 'tiny-base').count());
  expect(lit).toBeGreaterThan(0);
});

/** Watches what moves and what falls, from now on. */
async function watch(page: Page): Promise<() => Promise<{ shift: number; seen: number }>> {
  await page.evaluate(() => {
    const seen = { shift: 0, ids: new Set<Node>() };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, hadRecentInput } = entry as unknown as {
          value: number;
          hadRecentInput: boolean;
        };
        if (!hadRecentInput) seen.shift += value;
      }
    }).observe({ type: 'layout-shift' });
    new MutationObserver((changes) => {
      for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
        if ((node as Element).matches?.('[data-testid="arrival"]')) seen.ids.add(node);
      }
    }).observe(document.body, { childList: true, subtree: true });
  });
  return () =>
    page.evaluate(() => {
      const { seen } = window as unknown as { seen: { shift: number; ids: Set<Node> } };
      return { shift: seen.shift, seen: seen.ids.size };
    });
}

test('samples are seen to come, one by one, and nothing moves', async ({ page, app }) => {
  await openDirect(page, app.url, '&checkpoint=tiny-sft&nulls=0');
  const result = await watch(page);
  await expect(page.getByTestId('hint')).toContainText(
    'Press Run: 16 answers are drawn here, on this machine.',
  );
  await page.getByTestId('run').click();
  await waitForState(page, 'done');
  await expect(page.getByTestId('arrival')).toHaveCount(0);
  const { shift, seen } = await result();
  console.info(
    `layout shift while samples stream: ${shift.toFixed(4)}; seen to come: ${String(seen)}`,
  );
  expect(seen).toBe(16);
  expect(shift).toBeLessThan(0.02);
  // The hint of Run is gone for good; the one of the sliders is there.
  await expect(page.getByText('Press Run: 16')).toHaveCount(0);
  const quick = page.getByTestId('quick-weights');
  await expect(quick).toContainText('Move one');
  await quick.getByLabel('temperature').fill('0.5');
  await expect(page.getByTestId('bar-weighted').first()).toBeAttached();
  await expect(quick).not.toContainText('Move one');
  // What the weights are worth, and the way back, stand where the sliders were moved.
  await expect(page.getByTestId('quick-weights-moved')).toContainText(/n_eff\D*[\d.]+ of 16/);
  await page.getByTestId('quick-weights-reset').click();
  await expect(page.getByTestId('quick-weights-moved')).toHaveCount(0);
  await expect(page.getByTestId('bar-weighted')).toHaveCount(0);
  await page.reload();
  await expect(page.getByTestId('run')).toBeEnabled();
  await expect(page.getByTestId('hint')).toHaveCount(0);
});

test.describe('where motion is not wanted', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } });
  test('samples come without falling', async ({ page, app }) => {
    await openDirect(page, app.url, '&checkpoint=tiny-sft&nulls=0&k=4');
    const result = await watch(page);
    await page.getByTestId('run').click();
    await waitForState(page, 'done');
    expect((await result()).seen).toBe(0);
  });
});
