/** The graphics device, on the CPU: what is wrong with it is found, said, and gone on from. */

import type { Page } from '@playwright/test';
import { chromiumArgs, findChromium } from '../../scripts/chromium.mjs';
import { DOCUMENTED, expect, LONG, loadChosen, test, waitForState } from './app.ts';

// Everywhere else there is none: it is slow here.
test.use({ launchOptions: { executablePath: findChromium() ?? '', args: [...chromiumArgs] } });

/** Many steps, seconds long; without nulls, which would be as long again. */
const LONG_RUN = DOCUMENTED.replace('k=16', 'k=128')
  .replace('&t=1&', '&t=2&')
  .replace('run=1', 'nulls=0&device=webgpu&run=1');

/** Puts code before the worker's own, where `request` is the browser's `requestDevice`. */
async function patchWorker(page: Page, code: string): Promise<void> {
  await page.route('**/vlm.worker-*.js', async (route) => {
    const response = await route.fetch();
    const patch = `{ const request = GPUAdapter.prototype.requestDevice; ${code} }\n`;
    await route.fulfill({ response, body: patch + (await response.text()) });
  });
}

test('a lost graphics device: said in words, and Run loads the checkpoint again', async ({
  page,
  app,
}) => {
  test.setTimeout(420_000);
  await patchWorker(
    page,
    `GPUAdapter.prototype.requestDevice = async function (options) {
       self.keptDevice = await request.call(this, options);
       return self.keptDevice;
     };`,
  );
  await page.goto(`${app.url}${LONG_RUN}`);
  await waitForState(page, 'running');
  await expect(page.getByTestId('device-badge')).toContainText('WebGPU');
  const worker = page.workers().find((one) => one.url().includes('vlm'));
  await worker?.evaluate(() => {
    (self as unknown as { keptDevice: GPUDevice }).keptDevice.destroy();
  });
  await waitForState(page, 'error');
  await expect(page.getByText('The graphics device was lost').first()).toBeVisible();
  await page.goto(
    `${app.url}#/explore?dataset=bloodmnist&index=12&k=4&seed=7&mode=direct&device=wasm`,
  );
  await page.getByTestId('run').click();
  await waitForState(page, 'done');
});

test(
  'a graphics device that computes other numbers is given up for wasm, and the panel says so',
  LONG,
  async ({ page, app }) => {
    test.setTimeout(420_000);
    // With subgroups, attention over a prompt is wrong on this adapter (docs/decisions/0003).
    await patchWorker(
      page,
      `GPUAdapter.prototype.requestDevice = function (options) {
       const requiredFeatures = [...options.requiredFeatures, 'subgroups'];
       return request.call(this, { ...options, requiredFeatures });
     };`,
    );
    await page.goto(`${app.url}${DOCUMENTED.replace('think', 'direct')}`);
    await waitForState(page, 'done');
    const badge = page.getByTestId('device-badge');
    await expect(badge).toContainText('wasm');
    await badge.click();
    const rungs = page.getByTestId('device-rung');
    await expect(rungs).toHaveCount(3);
    await expect(rungs.nth(1)).toContainText(/WebGPU without subgroups ✗ failed .*other numbers/);
    await expect(rungs.nth(2)).toContainText('wasm ✓ runs');
  },
);

test(
  'on a graphics device that is wrong with subgroups: failed with them, runs without',
  LONG,
  async ({ page, app }) => {
    test.setTimeout(420_000);
    await page.goto(
      `${app.url}#/explore?dataset=bloodmnist&index=12&checkpoint=tiny-sft&mode=direct&device=webgpu`,
    );
    await loadChosen(page, 1);
    await expect(page.getByTestId('device-badge')).toContainText('WebGPU');
    await page.getByTestId('device-badge').click();
    const panel = page.getByTestId('device-panel');
    const rungs = panel.getByTestId('device-rung');
    await expect(rungs).toHaveCount(2);
    const [failed, runs] = [rungs.nth(0), rungs.nth(1)];
    await expect(failed).toHaveAttribute('data-rung', 'webgpu');
    await expect(failed).toContainText('failed the self-test');
    await expect(failed).toContainText('known operators');
    await expect(failed).toContainText('not reached');
    await expect(runs).toHaveAttribute('data-rung', 'webgpu-without-subgroups');
    await expect(runs).toContainText('WebGPU without subgroups ✓ runs');
    const limits = panel.locator('details');
    await expect(limits.locator('dl')).toBeHidden();
    await limits.locator('summary').click();
    await expect(limits.locator('dt:text-is("largest buffer") + dd')).toContainText(
      /GB \([\d,]+ bytes\)/,
    );
    await expect(limits.locator('dt:text-is("features") + dd')).not.toContainText('subgroups');
  },
);
