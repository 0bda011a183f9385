/** Exact bounds and the trace editor, on the real checkpoint in the built page. */

import type { Page } from '@playwright/test';
import {
  countsOf,
  DOCUMENTED,
  expect,
  openDirect,
  openHome,
  overflow,
  test,
  total,
  violations,
  waitForState,
  longUnless,
} from './app.ts';

const panel = (page: Page) => page.getByTestId('exact-panel');

async function waitForBounds(page: Page): Promise<void> {
  await expect(panel(page)).toHaveAttribute('data-phase', 'ended', { timeout: 120_000 });
}

interface Bound {
  readonly answer: string;
  readonly lower: number;
  readonly upper: number;
}

const boundsOf = (page: Page): Promise<Bound[]> =>
  page.getByTestId('bound-row').evaluateAll((rows) =>
    rows.map((row) => ({
      answer: row.getAttribute('data-answer') ?? '',
      lower: Number(row.getAttribute('data-lower')),
      upper: Number(row.getAttribute('data-upper')),
    })),
  );

test('direct mode: bounds come by themselves, sharp, and the samples agree with them', async ({
  page,
  app,
}) => {
  await openDirect(page, app.url, '&checkpoint=tiny-sft&run=1');
  await waitForState(page, 'done');
  await waitForBounds(page);
  await expect(page.getByTestId('exact-line')).toContainText('ε reached');
  await expect(page.getByTestId('exact-line')).toHaveAttribute('data-support', /^(yes|no)$/);
  const bounds = await boundsOf(page);
  const counts = await countsOf(page);
  const n = total(counts);
  expect(bounds.length).toBeGreaterThanOrEqual(Object.keys(counts).length);
  for (const { answer, lower, upper } of bounds) {
    expect(upper - lower, answer).toBeLessThan(1e-3);
    // Five standard deviations, and the smallest step that a count can make.
    const far = 5 * Math.sqrt((upper * (1 - lower)) / n) + 1 / n;
    expect(Math.abs((counts[answer] ?? 0) / n - lower), answer).toBeLessThan(far);
  }
  expect(bounds.reduce((sum, { lower }) => sum + lower, 0)).toBeGreaterThan(1 - 1e-3);
  // The same bounds stand on the bars, as ticks, and beside the curve.
  const bars = await page.getByTestId('answer-row').evaluateAll((rows) =>
    rows.map((row) => ({
      answer: row.getAttribute('data-answer') ?? '',
      lower: Number(row.getAttribute('data-exact-lower') ?? NaN),
      upper: Number(row.getAttribute('data-exact-upper') ?? NaN),
      shape: row.querySelector('[data-exact]')?.getAttribute('data-exact'),
    })),
  );
  expect(bars.map(({ answer }) => answer).toSorted()).toEqual(Object.keys(counts).toSorted());
  for (const { answer, lower, upper, shape } of bars) {
    expect({ answer, lower, upper }).toEqual(bounds.find((bound) => bound.answer === answer));
    expect(shape, answer).toBe('tick');
  }
  await expect(page.getByTestId('exact-curve')).toHaveCount(1);
  await expect(page.locator('figcaption', { hasText: 'tick: exact probability' })).toHaveCount(1);
  // Other settings: the bounds are still those of the shown result, and say so.
  await page.getByRole('spinbutton', { name: 'temperature' }).fill('0.5');
  await page.getByRole('spinbutton', { name: 'temperature' }).press('Tab');
  await expect(panel(page)).toContainText('not of the changed settings');
});

test('think mode: bounds are asked for, stream, and Stop keeps them; Run ends them', async ({
  page,
  app,
}) => {
  await page.goto(`${app.url}${DOCUMENTED.replace('k=16', 'k=4')}&device=wasm`);
  await waitForState(page, 'done');
  await expect(panel(page)).toHaveAttribute('data-phase', 'none');
  await page.getByLabel('node budget').fill('0');
  await page.getByLabel('node budget').press('Tab');
  await expect(panel(page).getByRole('alert')).toContainText('whole number from 1');
  await expect(page.getByTestId('exact-start')).toBeDisabled();
  await page.getByLabel('node budget').fill('100000');
  await page.getByLabel('node budget').press('Tab');
  await page.getByTestId('exact-start').click();
  await expect(panel(page)).toHaveAttribute('data-phase', 'running');
  await expect(page.getByTestId('bound-row').first()).toBeVisible({ timeout: 60_000 });
  await page.getByTestId('exact-stop').click();
  await waitForBounds(page);
  await expect(page.getByTestId('exact-line')).toContainText('stopped, bounds so far kept');
  await expect(page.getByTestId('exact-line')).toContainText('could still be the most probable');
  expect((await boundsOf(page)).length).toBeGreaterThan(0);
  // Next to nothing is explored: no mark on the bars, and the caption says why.
  await expect(page.locator('[data-exact]')).toHaveCount(0);
  await expect(
    page.locator('figcaption', { hasText: 'exact not drawn: too much unexplored' }),
  ).toHaveCount(2);
  await page.getByTestId('exact-start').click();
  await expect(panel(page)).toHaveAttribute('data-phase', 'running');
  await page.getByTestId('run').click();
  await expect(panel(page)).toHaveAttribute('data-phase', 'none');
  await waitForState(page, 'done');
  expect(total(await countsOf(page))).toBe(4);
});

test('the trace editor scores an edit beside the original', async ({ page, app }) => {
  await page.setViewportSize({ width: 1024, height: 900 });
  await page.goto(`${app.url}${DOCUMENTED.replace('k=16', 'k=4')}&device=wasm`);
  await waitForState(page, 'done');
  await page.getByTestId('edit-trace').first().click();
  // On a wide screen it stands in the middle, not at the lower edge.
  const box = await page.getByRole('dialog').boundingBox();
  expect((box?.y ?? 900) + (box?.height ?? 900)).toBeLessThan(890);
  const text = page.getByTestId('trace-text');
  await expect(text).toHaveValue(/<answer>$/);
  const original = await text.inputValue();
  await page.getByTestId('trace-score').click();
  const rows = page.getByTestId('trace-row');
  await expect(rows.first()).toBeVisible({ timeout: 60_000 });
  for (const words of await rows.locator('td:last-child').allTextContents()) {
    expect(words).toMatch(/^0\.00|^−0\.00 to/);
  }
  await text.fill('');
  await expect(page.getByTestId('trace-editor').getByRole('alert')).toContainText('empty');
  await expect(page.getByTestId('trace-score')).toBeDisabled();
  await text.fill('<think>round purple nucleus, many granules</think><answer>');
  await page.getByTestId('trace-score').click();
  await expect(page.getByTestId('trace-table')).not.toContainText('changed since', {
    timeout: 60_000,
  });
  const changes = await rows.locator('td:last-child').allTextContents();
  expect(changes.some((words) => /[+−]0\.(0[1-9]|[1-9])/.test(words))).toBe(true);
  expect(await violations(page)).toEqual([]);
  await text.fill('word '.repeat(96));
  await page.getByTestId('trace-score').click();
  await expect(page.getByTestId('trace-editor').getByRole('alert')).toContainText('tokens', {
    timeout: 60_000,
  });
  await page.getByRole('button', { name: 'Original text' }).click();
  await expect(text).toHaveValue(original);
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('trace-editor')).toHaveCount(0);
});

test('a recorded run says why it has no bounds', async ({ page, app }) => {
  await openHome(page, app.url);
  await expect(page.getByTestId('exact-reason')).toContainText('press Run first');
  await expect(page.getByTestId('exact-start')).toHaveCount(0);
  await expect(page.getByTestId('edit-trace').first()).toBeDisabled();
  await expect(page.getByTestId('samples-no-edit')).toContainText('press Run first');
});

for (const colorScheme of ['light', 'dark'] as const) {
  const details = longUnless(colorScheme === 'light');
  test(
    `panel with bounds, ${colorScheme}: axe finds nothing, at 390 px nothing overflows`,
    details,
    async ({ page, app }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width: 390, height: 900 });
      await openDirect(page, app.url, '&checkpoint=tiny-sft,tiny-rl&run=1');
      await waitForState(page, 'done');
      await waitForBounds(page);
      await expect(page.getByTestId('exact-line')).toHaveCount(2);
      expect(await violations(page)).toEqual([]);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      await page.getByTestId('edit-trace').first().click();
      await expect(page.getByTestId('trace-editor')).toBeVisible();
      expect(await violations(page)).toEqual([]);
    },
  );
}
