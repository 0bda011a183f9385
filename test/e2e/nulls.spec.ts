/** The nulls of a run: drawn after the result, shown behind it, in the file, switched off, missing. */

import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import runSchema from '../../public/schema/run.schema.json' with { type: 'json' };
import {
  countsOf,
  DOCUMENTED,
  expect,
  openDirect,
  status,
  test,
  total,
  violations,
  waitForState,
} from './app.ts';

interface Line {
  readonly image: { readonly dataset: string; readonly index: number };
  readonly samples: readonly { readonly text: string }[];
  readonly nulls?: {
    readonly secondSeed: {
      readonly drawn: { readonly seed: number; readonly samples: readonly unknown[] } | null;
      readonly reason: string | null;
    };
    readonly wrongImages: {
      readonly drawn: {
        readonly atHand: number;
        readonly images: readonly {
          readonly image: { readonly dataset: string; readonly index: number };
          readonly samples: readonly unknown[];
        }[];
      } | null;
      readonly reason: string | null;
    };
  };
}

async function exportTo(page: Page, file: string): Promise<Line> {
  const download = page.waitForEvent('download');
  await page.getByTestId('export-jsonl').click();
  await (await download).saveAs(file);
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  const validate = new Ajv2020({ strict: false }).compile(runSchema);
  for (const line of lines) expect(validate(line), JSON.stringify(validate.errors)).toBe(true);
  return lines[1] as Line;
}

/** What the page shows of the nulls: figures, words of the bars, lines of both charts. */
async function shownNulls(page: Page): Promise<unknown> {
  const bars = page.getByTestId('answer-row');
  return {
    secondSeed: await page.getByTestId('null-second-seed').allInnerTexts(),
    wrongImages: await page.getByTestId('null-wrong-images').allInnerTexts(),
    bars: (await bars.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label'))))
      // A file brings no exact probabilities along.
      .map((label) => label?.replace(/; exact [^;]+/u, ''))
      .toSorted(),
    barLines: await page.getByTestId('answer-bars').locator('path[data-null]').count(),
    curves: await page.getByTestId('pass-at-k').locator('path[data-null]').count(),
  };
}

test('a run with nulls shows them, and they come back from its file', async ({
  page,
  app,
}, info) => {
  await openDirect(page, app.url, '&run=1');
  await waitForState(page, 'done');
  await expect(status(page)).toContainText('16 of 16');
  await expect(status(page)).toContainText('nulls 32 of 32');
  const counts = await countsOf(page);
  expect(total(counts)).toBe(16);
  await expect(page.getByTestId('support-verdict')).toContainText('with a wrong image it would be');
  await expect(page.getByTestId('support-verdict')).toContainText('With another seed it is');
  await expect(page.getByTestId('nulls-note')).toHaveCount(0);
  await expect(page.getByTestId('null-legend')).toHaveCount(4);
  const captions = page.locator('figcaption').filter({ hasText: 'second seed 1000010, n = 16' });
  await expect(captions.filter({ hasText: '4 of 35 wrong images, n = 16' })).toHaveCount(2);
  const shown = await shownNulls(page);
  expect(shown).toMatchObject({ curves: 2 });
  expect(JSON.stringify(shown)).toMatch(/second seed: \d+ of 16; wrong images: \d+ of 16/);
  expect(await violations(page)).toEqual([]);

  const file = info.outputPath('run.jsonl');
  const { image, nulls } = await exportTo(page, file);
  expect(nulls?.secondSeed.reason).toBeNull();
  expect(nulls?.secondSeed.drawn?.seed).toBe(1_000_010);
  expect(nulls?.secondSeed.drawn?.samples).toHaveLength(16);
  expect(nulls?.wrongImages.drawn?.atHand).toBe(35);
  const images = nulls?.wrongImages.drawn?.images ?? [];
  expect(images.map(({ samples }) => samples.length)).toEqual([4, 4, 4, 4]);
  expect(images.every((one) => one.image.dataset === image.dataset)).toBe(true);
  expect(new Set([image.index, ...images.map((one) => one.image.index)]).size).toBe(5);

  await page.goto(app.url);
  await page.locator('input[accept*="jsonl"]').setInputFiles(file);
  await expect(page.getByText(/1 item imported/)).toBeVisible();
  expect(await countsOf(page)).toEqual(counts);
  await expect.poll(() => shownNulls(page)).toEqual(shown);
  await expect(page.getByTestId('nulls')).toBeChecked();
  await expect(page.getByTestId('stale')).toHaveCount(0);
});

test('nulls=0 has none and samples less; the switch makes a result stale', async ({
  page,
  app,
}, info) => {
  await openDirect(page, app.url, '&nulls=0&run=1');
  await waitForState(page, 'done');
  await expect(status(page)).toContainText('16 of 16');
  await expect(status(page)).not.toContainText('nulls');
  expect(page.url()).toContain('nulls=0');
  await expect(page.getByTestId('null-legend')).toHaveCount(0);
  await expect(page.getByTestId('null-second-seed')).toHaveCount(0);
  await expect(page.getByTestId('support-verdict')).not.toContainText('wrong image');
  const line = await exportTo(page, info.outputPath('run.jsonl'));
  expect(line).not.toHaveProperty('nulls');
  expect(line.samples).toHaveLength(16);

  await page.getByTestId('nulls').check();
  await expect(page.getByTestId('stale')).toContainText('press Run');
  expect(page.url()).not.toContain('nulls=0');
  const counts = await countsOf(page);
  await page.getByTestId('run').click();
  await waitForState(page, 'done');
  await expect(status(page)).toContainText('nulls 32 of 32');
  await expect(page.getByTestId('stale')).toHaveCount(0);
  // The nulls change nothing in the result itself.
  expect(await countsOf(page)).toEqual(counts);
});

test('an image of one’s own has a second seed and says why it has no wrong images', async ({
  page,
  app,
}, info) => {
  await openDirect(page, app.url);
  await page.locator('input[accept*="image/png"]').setInputFiles('public/samples/bloodmnist.png');
  await expect(page.getByText('brings no question along')).toBeVisible();
  const editor = page.getByTestId('question-editor');
  await editor.getByRole('textbox', { name: 'Question' }).fill('Which cell is it?');
  await editor.getByRole('textbox', { name: 'Option A' }).fill('lymphocyte');
  await editor.getByRole('textbox', { name: 'Option B' }).fill('eosinophil');
  await page.getByTestId('run').click();
  await waitForState(page, 'done');
  await expect(status(page)).toContainText('nulls 16 of 16');
  await expect(page.getByTestId('nulls-note')).toHaveText(
    /^Without wrong images: An image of your own/,
  );
  const { nulls } = await exportTo(page, info.outputPath('run.jsonl'));
  expect(nulls?.secondSeed.drawn?.samples).toHaveLength(16);
  expect(nulls?.wrongImages.drawn).toBeNull();
  expect(nulls?.wrongImages.reason).toContain('An image of your own');
});

test('Stop during the nulls keeps the result whole', async ({ page, app }, info) => {
  await page.goto(
    `${app.url}${DOCUMENTED.replace('k=16', 'k=64').replace('&t=1&', '&t=2&')}&device=wasm`,
  );
  await expect(status(page)).toContainText('drawing nulls: second seed', { timeout: 170_000 });
  await expect(page.getByTestId('nulls-note')).toContainText('still being drawn');
  await expect(page.getByTestId('support-verdict')).not.toContainText('so far');
  const counts = await countsOf(page);
  expect(total(counts)).toBe(64);
  await page.getByTestId('stop').click();
  await waitForState(page, 'stopped');
  expect(await countsOf(page)).toEqual(counts);
  await expect(page.getByTestId('nulls-note')).toContainText('stopped before they were whole');
  await expect(page.getByTestId('support-verdict')).not.toContainText('before it was finished');
  await expect(page.getByTestId('stale')).toHaveCount(0);
  const { samples, nulls } = await exportTo(page, info.outputPath('run.jsonl'));
  expect(samples).toHaveLength(64);
  expect(nulls?.secondSeed.drawn?.samples.length ?? 0).toBeLessThan(64);
  expect(nulls?.secondSeed.reason).toContain('stopped');
  expect(nulls?.wrongImages.reason).toContain('stopped');
});
