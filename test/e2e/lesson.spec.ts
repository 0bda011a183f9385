/** The lesson path, with whatever lesson is bundled: every step is a place, and its counts are said. */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, openHome, test, violations, waitForState } from './app.ts';

interface Step {
  readonly id: string;
  readonly title: string;
  readonly sentence: string;
  readonly checkpoints: readonly string[];
  readonly holds: number;
  readonly of: number;
  readonly all: readonly { readonly dataset: string; readonly index: number }[];
}

const file = fileURLToPath(new URL('../../src/data/lessons/family.json', import.meta.url));
const steps = existsSync(file)
  ? (JSON.parse(readFileSync(file, 'utf8')) as { steps: readonly [Step, Step, ...Step[]] }).steps
  : null;

test('without a lesson the page shows none and asks for no file', async ({ page, app }) => {
  test.skip(steps !== null, 'a lesson is bundled');
  await openHome(page, app.url);
  await expect(page.getByTestId('lesson-path')).toHaveCount(0);
});

test('a step is followed, told, and left', async ({ page, app }) => {
  test.skip(steps === null, 'no measured lesson is bundled yet (src/data/lessons/family.json)');
  if (steps === null) return;
  const [first, second] = steps;
  await openHome(page, app.url);
  const cards = page.getByTestId('lesson-card');
  await expect(cards).toHaveCount(steps.length);
  await expect(cards.first()).toContainText(
    `${String(first.holds)} of ${String(first.of)} items do this`,
  );
  expect(await violations(page)).toEqual([]);

  await cards.first().getByTestId('lesson-example').click();
  const told = page.getByTestId('lesson-step');
  await expect(told).toContainText(first.sentence);
  await expect(page).toHaveURL(new RegExp(`lesson=${first.id}`));
  await waitForState(page, 'done');
  for (const id of first.checkpoints) {
    await expect(
      page.locator(`[data-testid=greedy-answer][data-checkpoint="${id}"]`),
    ).toBeVisible();
  }

  // The next step does not wait for the run of this one.
  await page.getByTestId('lesson-random').click();
  await page.getByTestId('lesson-next').click();
  await expect(told).toContainText(second.sentence);
  await waitForState(page, 'done');
  await expect(page.getByTestId('greedy-answer')).toHaveCount(second.checkpoints.length);
  await expect(page.getByTestId('stale')).toHaveCount(0);
  expect(await violations(page)).toEqual([]);

  await page.getByTestId('lesson-random').click();
  await waitForState(page, 'done');
  const query = new URLSearchParams(page.url().split('?').at(-1));
  const keys = second.all.map(({ dataset, index }) => `${dataset} ${String(index)}`);
  const drawn = `${query.get('dataset') ?? ''} ${query.get('index') ?? ''}`;
  expect(keys).toContain(drawn);
  await expect(page.getByTestId('lesson-item')).toContainText(drawn);

  await page.getByTestId('lesson-previous').click();
  await expect(told).toContainText(first.sentence);
  await waitForState(page, 'done');
  await page.getByTestId('lesson-close').click();
  await expect(told).toHaveCount(0);
  await expect(page).not.toHaveURL(/lesson=/);
});

test('the path can be hidden, and fits a phone', async ({ page, app }) => {
  test.skip(steps === null, 'no measured lesson is bundled yet (src/data/lessons/family.json)');
  await page.setViewportSize({ width: 390, height: 844 });
  await openHome(page, app.url);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
  await page.getByTestId('lesson-toggle').click();
  await expect(page.getByTestId('lesson-card')).toHaveCount(0);
});
