/** Probe: features encoded, probed, set beside answers, mapped and picked from; hub models by the same path. */

import type { Page } from '@playwright/test';
import { fixtureFolder, visionFolder } from '../support/hub-contents.ts';
import { TestHub } from '../support/hub.ts';
import { expect, overflow, test, violations } from './app.ts';
import { images, labels, npy, npz } from './npz.ts';

const TWO = '#/probe?device=wasm&set=breastmnist&checkpoint=tiny-sft,tiny-vision';

const status = (page: Page) => page.getByTestId('probe-status');
const figure = (page: Page, checkpoint: string, metric: string) =>
  page.locator(
    `[data-testid="vision-figure"][data-checkpoint="${checkpoint}"][data-metric="${metric}"]`,
  );
const valueOf = async (page: Page, checkpoint: string, metric: string): Promise<number> =>
  Number((await figure(page, checkpoint, metric).getAttribute('data-value')) ?? NaN);
const numberOf = async (page: Page, attribute: string): Promise<number> =>
  Number((await status(page).getAttribute(attribute)) ?? NaN);

/** As few images as there can be. */
async function takeFew(page: Page): Promise<void> {
  await page.getByText('The probe’s settings').click();
  await page.getByLabel('training images, at most').fill('24');
  await page.getByLabel('validation images').fill('0');
  await page.getByLabel('test images', { exact: true }).fill('12');
  await page.getByLabel('test images', { exact: true }).blur();
}

async function study(page: Page): Promise<void> {
  await page.getByTestId('probe-start').click();
  await expect(status(page)).toHaveAttribute('data-state', 'done', { timeout: 120_000 });
}

test('stopped and gone on with; asked; seen or said; mapped, and picked for a run', async ({
  page,
  app,
}) => {
  await page.goto(`${app.url}${TWO}`);
  await expect(page.getByTestId('probe-cost')).toHaveAttribute('data-images', String(2 * 473));
  expect(await violations(page)).toEqual([]);
  await page.getByTestId('probe-start').click();
  await expect.poll(() => numberOf(page, 'data-done'), { intervals: [50] }).toBeGreaterThan(0);
  await page.getByTestId('probe-stop').click();
  await expect(status(page)).toHaveAttribute('data-state', 'stopped');
  await page.reload();
  await study(page);
  expect(await numberOf(page, 'data-known')).toBeGreaterThan(0);
  expect(await numberOf(page, 'data-done')).toBe(2 * 473);
  for (const id of ['tiny-sft', 'tiny-vision']) {
    expect(await valueOf(page, id, 'probe')).toBeGreaterThan(0.6);
    expect(await valueOf(page, id, 'neighbours')).toBeGreaterThan(0.6);
  }

  // Answers to stand beside: of the one that has language.
  await page.getByLabel('test images of each set, K = 16').fill('2');
  await page.getByTestId('probe-ask').click();
  const panel = page.getByTestId('see-or-say');
  await expect(panel.getByTestId('see-or-say-words')).toContainText('of 2 items', {
    timeout: 60_000,
  });
  const counts = await panel
    .getByTestId('see-or-say-cell')
    .evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute('data-count'))));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2);
  await expect(figure(page, 'tiny-sft', 'seeingGap')).not.toHaveAttribute('data-value', '');
  await expect(figure(page, 'tiny-vision', 'accuracyAt1')).toHaveAttribute('data-value', '');

  const map = page.getByTestId('feature-map-drawn');
  await expect(map).toHaveAttribute('data-images', '155');
  await page.getByTestId('map-class').first().click();
  const ofClass = Number(await map.getAttribute('data-picked'));
  expect(ofClass).toBeGreaterThan(10);
  const canvas = map.locator('canvas');
  await canvas.evaluate((element) => {
    element.scrollIntoView({ block: 'center' });
  });
  const box = await canvas.boundingBox();
  if (!box) throw new Error('no map');
  await page.mouse.move(box.x + 2, box.y + 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 2, box.y + box.height - 2, { steps: 4 });
  await page.mouse.up();
  await expect(map).toHaveAttribute('data-picked', '155');
  expect(await violations(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByTestId('map-class').first().click();
  await page.getByTestId('map-evaluate').click();
  const picked = page.locator('[data-testid="evaluate-set"][data-set="picked/breastmnist"]');
  await expect(picked).toBeChecked();
  await expect(page.getByTestId('evaluate-sets')).toContainText(
    `${String(ofClass)} picked under Probe`,
  );
});

test('two VLMs of a hub and two models that only see, by the same path', async ({ page, app }) => {
  const hub = await TestHub.start({
    'test/smol': { folder: fixtureFolder('smolvlm') },
    'test/qwen25': { folder: fixtureFolder('qwen2_5_vl') },
    'test/dino': { folder: visionFolder('dinov2') },
    'test/resnet': { folder: visionFolder('resnet') },
  });
  await page.goto(`${app.url}#/models?device=wasm`);
  await page.getByTestId('hub-access').click();
  await page.getByTestId('hub-address').fill(hub.endpoint.slice(0, -1));
  await page.getByTestId('hub-use').click();
  for (const name of ['smol', 'qwen25', 'dino', 'resnet']) {
    await page.getByTestId('hub-repository').fill(`test/${name}`);
    await page.getByTestId('hub-look').click();
    await page.getByTestId('hub-add').click();
    const row = page.locator(`[data-testid="model-row"][data-checkpoint="${name}"]`);
    await expect(row).toBeVisible();
    await expect(row.getByText('It only sees')).toHaveCount(
      ['dino', 'resnet'].includes(name) ? 1 : 0,
    );
  }
  // What only sees is not offered where answers are wanted.
  await page.goto(`${app.url}#/explore`);
  await expect(page.locator('[data-testid="checkpoint"][data-checkpoint="smol"]')).toBeVisible();
  await expect(page.locator('[data-testid="checkpoint"][data-checkpoint="dino"]')).toHaveCount(0);

  await page.goto(
    `${app.url}#/probe?device=wasm&set=pneumoniamnist&checkpoint=smol,qwen25,dino,resnet`,
  );
  await takeFew(page);
  await study(page);
  for (const id of ['smol', 'qwen25', 'dino', 'resnet']) {
    const value = await valueOf(page, id, 'probe');
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(1);
    await expect(figure(page, id, 'neighbours')).not.toHaveAttribute('data-value', '');
  }
  await expect(page.getByTestId('probe-failure')).toHaveCount(0);
  await hub.close();
});

test('files that no probe can be run on are named, and nothing is lost', async ({ page, app }) => {
  await page.goto(`${app.url}${TWO}`);
  const error = page.getByTestId('probe-file-error');
  const open = (name: string, entries: Record<string, Uint8Array>) =>
    page
      .getByTestId('probe-files')
      .setInputFiles({ name, mimeType: 'application/zip', buffer: npz(entries) });
  await expect(page.getByTestId('probe-set')).toHaveCount(6);
  await open('breastmnist.npz', {
    'train_images.npy': images(4),
    'test_images.npy': images(4),
    'test_labels.npy': labels(4),
  });
  await expect(error).toContainText('train_labels');
  const findings = npy('|u1', '(4, 14)', new Uint8Array(56));
  await open('chestmnist.npz', {
    'train_images.npy': images(4),
    'train_labels.npy': findings,
    'test_images.npy': images(4),
    'test_labels.npy': findings,
  });
  await expect(error).toContainText('several findings at once');
  await expect(page.getByTestId('probe-set')).toHaveCount(6);
  // One class only: the other has too few images to be learned.
  await open('breastmnist.npz', {
    'train_images.npy': images(30),
    'train_labels.npy': labels(30),
    'test_images.npy': images(4),
    'test_labels.npy': labels(4),
  });
  await expect(error).toHaveCount(0);
  await page.getByTestId('probe-start').click();
  const failure = page.getByTestId('probe-failure').first();
  await expect(failure).toHaveAttribute('data-name', 'ProbeInvalid', { timeout: 60_000 });
  await expect(failure).toContainText('training images');
});
