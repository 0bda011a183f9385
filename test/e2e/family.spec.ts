/** Several checkpoints of the family, sampled on the page: shared run, failures, stops, the choice. */

import type { Page } from '@playwright/test';
import { LONG, countsOf, expect, test, total, violations, waitForState } from './app.ts';

const addressOf = (ids: string, extra = '') =>
  `#/explore?dataset=bloodmnist&index=12&checkpoint=${ids}&k=16&t=1&p=1&seed=7&mode=direct&device=wasm${extra}`;

const node = (page: Page, id: string) =>
  page.getByTestId('checkpoint').and(page.locator(`[data-checkpoint="${id}"]`));

test('three in one run: one result, one address, one file', async ({ page, app }) => {
  await page.goto(`${app.url}${addressOf('tiny-rl,tiny-base,tiny-sft', '&run=1')}`);
  await waitForState(page, 'done');
  await expect(page.getByTestId('status')).toContainText('48 of 48');
  await expect(page).toHaveURL(/checkpoint=tiny-base,tiny-sft,tiny-rl&/);
  const ids = ['tiny-base', 'tiny-sft', 'tiny-rl'];
  for (const id of ids) {
    expect(total(await countsOf(page, id))).toBe(16);
    await expect(node(page, id)).toHaveAttribute('data-state', 'ready');
  }
  const order = await page
    .getByTestId('greedy-answer')
    .evaluateAll((cells) => cells.map((cell) => cell.getAttribute('data-checkpoint')));
  expect(order).toEqual(ids);
  await page.getByTestId('checkpoint-details').click();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');

  const before = await countsOf(page, 'tiny-rl');
  const download = page.waitForEvent('download');
  await page.getByTestId('export-jsonl').click();
  const path = await (await download).path();
  await page.goto(app.url);
  await page.locator('input[accept*="jsonl"]').setInputFiles(path);
  await expect(page.getByText(/1 item imported \(3 records/)).toBeVisible();
  expect(await countsOf(page, 'tiny-rl')).toEqual(before);
  await expect(node(page, 'tiny-base')).toHaveAttribute('aria-pressed', 'true');
});

test('another checkpoint makes the result stale until Run; the fifth says why not', async ({
  page,
  app,
}) => {
  await page.goto(`${app.url}${addressOf('tiny-sft', '&run=1')}`);
  await waitForState(page, 'done');
  await expect(page.getByTestId('stale')).toHaveCount(0);
  await node(page, 'tiny-base').click();
  await expect(page.getByTestId('stale')).toContainText('tiny-base is not in this result yet');
  await page.getByTestId('run').click();
  await waitForState(page, 'done');
  await expect(page.getByTestId('stale')).toHaveCount(0);
  await expect(page.getByTestId('greedy-answer')).toHaveCount(2);

  await node(page, 'tiny-rl').click();
  await node(page, 'tiny-rl-one').click();
  await node(page, 'tiny-base-rl').click();
  await expect(node(page, 'tiny-base-rl')).toHaveAttribute('aria-pressed', 'false');
  await expect(page.getByText('At most 4 checkpoints stand side by side').first()).toBeVisible();
});

test('a checkpoint that fails is named at its row; the others keep their result', async ({
  page,
  app,
}) => {
  app.allow(/404/);
  const graph = '**/models/tiny-base/onnx/decoder_model_merged_q4.onnx*';
  await page.route(graph, (route) => route.fulfill({ status: 404 }));
  await page.goto(`${app.url}${addressOf('tiny-base,tiny-sft', '&run=1')}`);
  await waitForState(page, 'error');
  await expect(node(page, 'tiny-base')).toHaveAttribute('data-state', 'failed');
  await expect(node(page, 'tiny-sft')).toHaveAttribute('data-state', 'ready');
  await expect(
    page.getByRole('alert').filter({ hasText: 'tiny-base: a file of the checkpoint is missing' }),
  ).toBeVisible();
  expect(total(await countsOf(page, 'tiny-sft'))).toBe(16);
  await page.unroute(graph);
  await page.getByTestId('run').click();
  await waitForState(page, 'done');
  expect(total(await countsOf(page, 'tiny-base'))).toBe(16);
});

test('Stop in the second checkpoint keeps the first', LONG, async ({ page, app }) => {
  const address = addressOf('tiny-base,tiny-sft', '&run=1')
    .replace('k=16', 'k=128')
    .replace('t=1', 't=2')
    .replace('direct', 'think');
  await page.goto(`${app.url}${address}`);
  await expect(page.getByTestId('support-verdict')).toContainText('Checkpoint 2 of 2, tiny-sft', {
    timeout: 170_000,
  });
  await page.getByTestId('stop').click();
  await waitForState(page, 'stopped');
  expect(total(await countsOf(page, 'tiny-base'))).toBe(128);
  expect(total(await countsOf(page, 'tiny-sft'))).toBeLessThan(128);
});

test('the sheet at phone width: the lineage in rows, each a toggle', async ({ page, app }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${app.url}${addressOf('tiny-sft')}`);
  await expect(page.getByTestId('run')).toBeEnabled();
  await page.getByTestId('open-controls').click();
  await node(page, 'tiny-rl').click();
  await expect(node(page, 'tiny-rl')).toHaveAttribute('aria-pressed', 'true');
  expect(await violations(page)).toEqual([]);
});
