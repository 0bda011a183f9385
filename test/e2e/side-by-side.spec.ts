/** Several checkpoints on one item, from a file: what is drawn, filtered, written and kept apart. */

import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { countsOf, expect, openHome, test, total } from './app.ts';

interface Line {
  runId: string;
  answerer: { checkpointId: string; stage: string };
  samples: { text: string }[];
}

/** The first checkpoint's answers of the recorded run, under other names, as a file of one run. */
async function fileOf(page: Page, url: string, ...ids: readonly string[]): Promise<Buffer> {
  const recorded = await (await page.request.get(`${url}runs/first.jsonl`)).text();
  const [header = '', item = ''] = recorded.trim().split('\n');
  const lines = ids.map((id) => {
    const line = JSON.parse(item) as Line;
    line.answerer = { ...line.answerer, checkpointId: id, stage: 'other' };
    return JSON.stringify(line);
  });
  return Buffer.from([header, ...lines].join('\n'));
}

/** Without the answers that only other checkpoints gave. */
const given = (counts: Record<string, number>) =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

async function give(page: Page, buffer: Buffer): Promise<void> {
  await page
    .locator('input[accept*="jsonl"]')
    .setInputFiles({ name: 'several.jsonl', mimeType: '', buffer });
}

test('a file of three checkpoints is one result, and is written as one', async ({
  page,
  app,
}, info) => {
  await openHome(page, app.url);
  const single = given(await countsOf(page, 'tiny-base'));
  await give(page, await fileOf(page, app.url, 'tiny-sft', 'other-a', 'other-b'));
  await expect(
    page.getByText('several.jsonl: 1 item imported (3 records, one per checkpoint)'),
  ).toBeVisible();

  await expect(page.getByTestId('support-verdict')).toContainText('Right answers of 16:');
  await expect(page.getByTestId('support-verdict')).toContainText('One item is an anecdote');
  await expect(page.getByTestId('greedy-answer')).toHaveCount(3);
  for (const id of ['tiny-sft', 'other-a', 'other-b']) {
    expect(given(await countsOf(page, id))).toEqual(single);
  }
  await expect(page.getByTestId('sample-row')).toHaveCount(48);
  await expect(page.getByTestId('stale')).toHaveCount(0);

  const row = page
    .getByTestId('answer-row')
    .and(page.locator('[data-checkpoint="other-a"][data-correct="true"]'));
  await row.click();
  await expect(page.getByTestId('sample-filter')).toContainText('other-a');
  await expect(page.getByTestId('sample-row')).toHaveCount(
    Number(await row.getAttribute('data-count')),
  );

  const download = page.waitForEvent('download');
  await page.getByTestId('export-jsonl').click();
  const path = info.outputPath('run.jsonl');
  await (await download).saveAs(path);
  const lines = readFileSync(path, 'utf8').trim().split('\n').slice(1);
  expect(lines.map((line) => (JSON.parse(line) as Line).answerer.checkpointId)).toEqual([
    'tiny-sft',
    'other-a',
    'other-b',
  ]);
});

test('results of a session stay apart and in reach', async ({ page, app }) => {
  await openHome(page, app.url);
  await give(page, await fileOf(page, app.url, 'other-a', 'other-b'));
  await expect(page.getByTestId('greedy-answer')).toHaveCount(2);
  await give(page, await fileOf(page, app.url, 'other-a', 'other-a'));
  await expect(page.getByTestId('greedy-answer')).toHaveCount(1);
  const runs = page.getByLabel('Runs');
  await expect(runs.locator('option')).toHaveCount(5);
  await runs.selectOption({ index: 2 });
  await expect(page.getByTestId('greedy-answer')).toHaveCount(2);
  await runs.selectOption({ index: 1 });
  await expect(page.getByTestId('support-verdict')).toContainText('recorded run');
  expect(total(await countsOf(page, 'tiny-base'))).toBe(16);
});

test('unknown checkpoints of an address are named, and the page goes on', async ({ page, app }) => {
  await page.goto(
    `${app.url}#/explore?dataset=bloodmnist&index=12&checkpoint=nobody,tiny-sft,tiny-huge&k=4&mode=direct`,
  );
  await expect(page.getByText(/nobody, tiny-huge, which are not here; tiny-sft is/)).toBeVisible();
  await expect(page).toHaveURL(/checkpoint=tiny-sft&/);
  await expect(page.getByTestId('run')).toBeEnabled();
});

test('the words of the table open and close; the last checkpoint cannot be taken away', async ({
  page,
  app,
}) => {
  await page.goto(`${app.url}#/explore?dataset=bloodmnist&index=12&checkpoint=tiny-sft`);
  await page.getByTestId('checkpoint-details').click();
  const row = page.getByTestId('checkpoint-row').and(page.locator('[data-checkpoint="tiny-sft"]'));
  await expect(row).toContainText(/MB · MIT/);
  const card = await row.getByRole('link', { name: 'card' }).getAttribute('href');
  expect((await page.request.get(new URL(card ?? '', app.url).href)).ok()).toBe(true);
  await page.keyboard.press('Escape');
  await expect(row).toHaveCount(0);

  const node = page.getByTestId('checkpoint').and(page.locator('[data-checkpoint="tiny-sft"]'));
  await expect(node).toHaveAttribute('aria-pressed', 'true');
  await node.focus();
  await page.keyboard.press('Space');
  await expect(node).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByText('One checkpoint has to stay chosen').first()).toBeVisible();
});
