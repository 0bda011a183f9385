/** What happens when things break in the middle: the page says so, keeps what it has, and goes on. */

import { expect, countsOf, openDirect, test, total, waitForState, DOCUMENTED } from './app.ts';

/**
 * At this temperature the model babbles to the token limit: many rows for many steps, seconds long.
 * Without nulls, which would be as long again.
 */
const LONG_RUN = DOCUMENTED.replace('k=16', 'k=128')
  .replace('&t=1&', '&t=2&')
  .replace('run=1', 'nulls=0&device=wasm&run=1');

test('Stop keeps the finished samples, and the next run works', async ({ page, app }) => {
  await page.goto(`${app.url}${LONG_RUN}`);
  await waitForState(page, 'running');
  await page.getByTestId('stop').click();
  await waitForState(page, 'stopped');
  await expect(page.getByTestId('status')).toContainText('kept');
  const kept = total(await countsOf(page));
  expect(kept).toBeLessThan(128);
  await page.getByTestId('run').click();
  await waitForState(page, 'done');
  expect(total(await countsOf(page))).toBe(128);
});

test('Stop while loading leaves a page that can load again', async ({ page, app }) => {
  await page.route('**/*.onnx*', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await route.continue().catch(() => undefined);
  });
  await openDirect(page, app.url);
  await page.getByTestId('run').click();
  await waitForState(page, 'loading');
  await page.keyboard.press('Escape');
  await waitForState(page, 'stopped');
  await page.getByTestId('run').click();
  await waitForState(page, 'done');
});

test('a worker that dies: said in words, and Run loads a new one', async ({ page, app }) => {
  await openDirect(page, app.url, '&run=1');
  await waitForState(page, 'done');
  await page.goto(`${app.url}${LONG_RUN}`);
  await waitForState(page, 'running');
  const workers = page.workers().filter((worker) => worker.url().includes('vlm'));
  expect(workers).toHaveLength(1);
  await workers[0]?.evaluate(() => {
    self.close();
  });
  await waitForState(page, 'error');
  await expect(page.getByText('The worker stopped')).toBeVisible();
  await page.getByTestId('run').click();
  await waitForState(page, 'done');
  expect(total(await countsOf(page))).toBe(128);
});

test('a missing file of the checkpoint is named', async ({ page, app }) => {
  app.allow(/404/);
  await page.route('**/decoder_model_merged_q4.onnx*', (route) => route.fulfill({ status: 404 }));
  await openDirect(page, app.url);
  await page.getByTestId('run').click();
  await waitForState(page, 'error');
  await expect(
    page.getByText(/decoder_model_merged_q4\.onnx is not on the server/).first(),
  ).toBeVisible();
  await page.unroute('**/decoder_model_merged_q4.onnx*');
  await page.getByTestId('run').click();
  await waitForState(page, 'done');
});

test('a download that is cut short, and no network at all', async ({ page, app }) => {
  app.allow(/ERR_FAILED/);
  await page.route('**/vision_encoder_quantized.onnx*', (route) =>
    route.fulfill({ status: 200, body: 'half' }),
  );
  await openDirect(page, app.url);
  await page.getByTestId('run').click();
  await waitForState(page, 'error');
  await expect(page.getByText(/4 bytes instead of/).first()).toBeVisible();
  await page.unroute('**/vision_encoder_quantized.onnx*');
  await page.route('**/vision_encoder_quantized.onnx*', (route) => route.abort());
  await page.getByTestId('run').click();
  await waitForState(page, 'error');
  await expect(page.getByText(/could not be downloaded/).first()).toBeVisible();
});
