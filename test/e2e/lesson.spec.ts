/** The lesson path: every step is a place, its counts are said, and its example does what it claims. */

import type { Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { answerEntropy } from '../../src/core/entropy.ts';
import { wilsonInterval } from '../../src/core/intervals.ts';
import {
  countsOf,
  expect,
  openHome,
  overflow,
  test,
  total,
  violations,
  waitForState,
  longUnless,
} from './app.ts';

interface Step {
  readonly id: string;
  readonly title: string;
  readonly sentence: string;
  readonly look: string;
  readonly claim: string;
  readonly checkpoints: readonly string[];
  readonly address: string;
  readonly holds: number;
  readonly of: number;
  readonly all: readonly { readonly dataset: string; readonly index: number }[];
}

const file = fileURLToPath(new URL('../../src/data/lessons/family.json', import.meta.url));
const { steps } = JSON.parse(readFileSync(file, 'utf8')) as {
  steps: readonly [Step, Step, Step, Step];
};

/** What one checkpoint answered, read off the page. */
interface Seen {
  readonly right: number;
  readonly n: number;
  readonly entropyNats: number;
  readonly greedyRight: boolean;
}

async function seenOf(page: Page, checkpoint: string): Promise<Seen> {
  const counts = await countsOf(page, checkpoint);
  const n = total(counts);
  const entropyNats = answerEntropy(Object.values(counts), 0)?.plugInNats ?? NaN;
  const of = `[data-checkpoint="${checkpoint}"]`;
  // A right answer that was never said has no row.
  const right = await page
    .locator(`[data-testid=answer-row][data-correct=true]${of}`)
    .evaluateAll((rows) =>
      rows.reduce((sum, row) => sum + Number(row.getAttribute('data-count')), 0),
    );
  const greedy = page.locator(`[data-testid=greedy-answer]${of}`);
  const greedyRight = (await greedy.innerText()).includes('✓');
  return { right, n, entropyNats, greedyRight };
}

/** The claims of the four steps, as `recipes/train/lessons.py` decides them. */
const claims: Record<string, (...seen: [Seen, Seen]) => boolean> = {
  'broad-base': (base) => !base.greedyRight && base.right < base.n / 2,
  'sft-widens': (base, sft) =>
    wilsonInterval(sft.right, sft.n).lower > wilsonInterval(base.right, base.n).upper &&
    // No claim, but what its rule chose the example for.
    sft.right < sft.n,
  'rl-sharpens': (sft, rl) => rl.entropyNats < sft.entropyNats && rl.right > sft.right,
  'rl-without-support': (base, rl) =>
    !rl.greedyRight && rl.right <= base.right && base.right < base.n / 2,
};

for (const step of steps) {
  const details = longUnless(['broad-base', 'rl-sharpens'].includes(step.id));
  test(`its example does what “${step.title}” claims`, details, async ({ page, app }) => {
    await page.goto(`${app.url}${step.address}`);
    await waitForState(page, 'done');
    const seen = await Promise.all(step.checkpoints.map((id) => seenOf(page, id)));
    const [first, second = first] = seen;
    expect(seen.map(({ n }) => n)).toEqual(step.checkpoints.map(() => 16));
    expect(first && second && claims[step.id]?.(first, second), JSON.stringify(seen)).toBe(true);
  });
}

test('a step is followed, told, and left', async ({ page, app }) => {
  const [first, second] = steps;
  await openHome(page, app.url);
  const cards = page.getByTestId('lesson-card');
  await expect(cards).toHaveCount(steps.length);
  await expect(cards.first()).toContainText(
    `${String(first.holds)} of ${String(first.of)} do this`,
  );
  expect(await violations(page)).toEqual([]);

  await cards.first().getByTestId('lesson-example').click();
  const told = page.getByTestId('lesson-step');
  await expect(told).toContainText(first.sentence);
  // In words, for those who cannot point at it.
  await expect(told).toContainText(
    `On ${String(first.holds)} of ${String(first.of)} images ${first.claim}. `,
  );
  await expect(page.getByTestId('lesson-look')).toHaveText(`Look at: ${first.look}`);
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
  await page.setViewportSize({ width: 390, height: 844 });
  await openHome(page, app.url);
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  await page.getByTestId('lesson-toggle').click();
  await expect(page.getByTestId('lesson-card')).toHaveCount(0);
});
