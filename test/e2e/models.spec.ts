/**
 * Models: checkpoints of a hub that test/support/hub.ts plays, looked up, loaded and asked through the page.
 * The fixtures' weights are random: what they answer means nothing, that they answer does.
 */

import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { contentsOf, fixtureFolder } from '../support/hub-contents.ts';
import { TEST_COMMIT, TEST_TOKEN, TestHub } from '../support/hub.ts';
import { countsOf, expect, overflow, test, total, violations, waitForState } from './app.ts';

const DECODER = 'onnx/decoder_model_merged.onnx';
/** Short direct answers about one image, as an address; a checkpoint's name goes behind it. */
const ASK =
  '#/explore?dataset=bloodmnist&index=12&k=8&t=1&p=1&seed=7&max=6&mode=direct&device=wasm&nulls=0&checkpoint=';

let hub: TestHub;
test.beforeAll(async () => {
  hub = await TestHub.start({
    'test/smol': { folder: fixtureFolder('smolvlm') },
    'test/qwen25': { folder: fixtureFolder('qwen2_5_vl') },
    'test/gemma': { folder: fixtureFolder('gemma3'), license: 'gemma' },
    'test/qwen3': { folder: fixtureFolder('qwen3_vl') },
    'test/gated': { folder: fixtureFolder('gemma3-q4'), gated: true },
    'test/unknown': {
      folder: fixtureFolder('smolvlm'),
      files: { 'config.json': '{"model_type": "llava"}' },
    },
  });
});
test.afterAll(() => hub.close());
test.beforeEach(() => {
  hub.setFaults([]);
});

const row = (page: Page, id: string) =>
  page.locator(`[data-testid="model-row"][data-checkpoint="${id}"]`);
const found = (page: Page) => page.getByTestId('hub-found');
const weights = (): readonly string[] =>
  hub.requests.map(({ path }) => path).filter((path) => path.includes('.onnx'));

/** Opens the screen with the test hub in place of the public one. */
async function open(page: Page, url: string): Promise<void> {
  await page.goto(`${url}#/models?device=wasm`);
  await page.getByTestId('hub-access').click();
  await page.getByTestId('hub-address').fill(hub.endpoint.slice(0, -1));
  await page.getByTestId('hub-use').click();
  await expect(page.getByTestId('hub-access')).toContainText(new URL(hub.endpoint).host);
}

async function lookUp(page: Page, name: string): Promise<void> {
  await page.getByTestId('hub-repository').fill(name);
  await page.getByTestId('hub-look').click();
}

/** Asks one checkpoint under Explore and comes back. */
async function ask(page: Page, url: string, id: string): Promise<void> {
  await page.goto(`${url}${ASK}${id}`);
  const node = page.locator(`[data-testid="checkpoint"][data-checkpoint="${id}"]`);
  await expect(node).toHaveAttribute('aria-pressed', 'true');
  await page.getByTestId('run').click();
  await waitForState(page, 'done');
  expect(total(await countsOf(page, id))).toBe(8);
}

test('looked up before a download, loaded, asked, kept over a reload, deleted', async ({
  page,
  app,
}) => {
  await open(page, app.url);
  await expect(page.getByTestId('models-ability')).toContainText('Wasm on the processor');
  await lookUp(page, 'not a name');
  await expect(page.getByRole('alert')).toContainText('owner/name');
  // Without network the look-up says who was not reached, and is tried again where it says so.
  app.allow(/ERR_|Failed to load resource/);
  await page.route(`${hub.endpoint}**`, (route) => route.abort());
  await lookUp(page, 'test/smol');
  const failed = page.getByTestId('hub-error');
  await expect(failed).toHaveAttribute('data-name', 'NetworkFailed');
  await expect(failed).toContainText(`${new URL(hub.endpoint).host} could not be reached`);
  await page.unroute(`${hub.endpoint}**`);
  await failed.getByRole('button', { name: 'Try again' }).click();
  await expect(found(page)).toHaveAttribute('data-revision', TEST_COMMIT);
  await expect(page.getByTestId('hub-license')).toContainText('apache-2.0');
  const dtype = page.getByTestId('hub-dtype');
  await expect(dtype).toHaveAttribute('data-dtype', 'fp32');
  await expect(dtype).toHaveAttribute('data-recommended', 'true');
  const size = Number(await dtype.getAttribute('data-size'));
  expect(size).toBeGreaterThan(198_422 + 38_725 + 141_413);
  await expect(page.getByTestId('hub-load')).toHaveText(
    `Load ${String(Math.round(size / 1e3))} kB`,
  );
  expect(weights()).toEqual([]);
  expect(await violations(page)).toEqual([]);

  await found(page).getByTestId('model-stage').selectOption('sft');
  await found(page).getByTestId('model-parent').selectOption('tiny-base');
  // It breaks off, says so at its row, and goes on with what is complete.
  hub.setFaults([{ path: DECODER, fault: { kind: 'cut', share: 0.6 }, times: 1 }]);
  await page.getByTestId('hub-load').click();
  await expect(row(page, 'smol')).toBeFocused();
  await expect(row(page, 'smol').getByTestId('model-error')).toHaveAttribute(
    'data-name',
    'NetworkFailed',
  );
  // Files that were whole are counted a moment after the error is said.
  const kept = async () =>
    Number(await row(page, 'smol').getByTestId('model-kept').getAttribute('data-bytes'));
  await expect.poll(kept).toBeGreaterThan(0);
  expect(await kept()).toBeLessThan(size);
  hub.setFaults([]);
  await row(page, 'smol').getByTestId('model-load').click();
  await expect(row(page, 'smol')).toHaveAttribute('data-state', 'ready');
  await expect(row(page, 'smol').getByTestId('model-kept')).toHaveText('cached');
  expect(hub.asked()).toContain(DECODER);
  expect(hub.asked()).not.toContain('config.json');
  expect(await violations(page)).toEqual([]);

  await ask(page, app.url, 'smol');
  const node = page.locator('[data-testid="checkpoint"][data-checkpoint="smol"]');
  await expect(node).toHaveAttribute('aria-label', 'smol, SFT from tiny-base, loaded');
  await page.goto(`${app.url}#/evaluate?device=wasm`);
  await expect(page.getByTestId('evaluate-plan').locator('[data-checkpoint="smol"]')).toBeVisible();

  await page.goto(`${app.url}#/models?device=wasm`);
  await page.reload();
  hub.setFaults([]);
  await expect(row(page, 'smol')).toHaveAttribute('data-state', 'absent');
  await expect(row(page, 'smol')).toHaveAttribute('data-stage', 'sft');
  await expect(row(page, 'smol').getByTestId('model-kept')).toHaveText('cached');
  await row(page, 'smol').getByTestId('model-load').click();
  await expect(row(page, 'smol')).toHaveAttribute('data-state', 'ready');
  expect(hub.requests).toEqual([]);

  await row(page, 'smol').getByTestId('model-stage').selectOption('rl');
  await expect(row(page, 'smol')).toHaveAttribute('data-stage', 'rl');
  await row(page, 'smol').getByTestId('model-remove').click();
  await expect(row(page, 'smol')).toHaveCount(0);
  const other = page.getByTestId('models-other');
  await expect(other).toHaveAttribute('data-repository', 'test/smol');
  await other.getByRole('button').click();
  await expect(other).toHaveCount(0);
  await lookUp(page, 'test/smol@main');
  await expect(page.getByTestId('hub-load')).toContainText('kB');
});

test('three more architectures answer, and stand side by side', async ({ page, app }) => {
  await open(page, app.url);
  for (const name of ['qwen25', 'gemma', 'qwen3']) {
    await lookUp(page, `test/${name}`);
    await page.getByTestId('hub-load').click();
    await expect(row(page, name)).toHaveAttribute('data-state', 'ready', { timeout: 60_000 });
  }
  await page.goto(`${app.url}${ASK}qwen25,gemma,qwen3`);
  await page.getByTestId('run').click();
  await waitForState(page, 'done');
  for (const name of ['qwen25', 'gemma', 'qwen3']) {
    expect(total(await countsOf(page, name)), name).toBe(8);
  }
});

test('a gated one wants a token, which goes to the hub only and is forgotten with it', async ({
  page,
  app,
}) => {
  app.allow(/Failed to load resource/);
  await open(page, app.url);
  await lookUp(page, 'test/gated');
  await expect(page.getByTestId('hub-error')).toHaveAttribute('data-name', 'AccessDenied');
  expect(weights()).toEqual([]);
  await page.getByRole('button', { name: 'Give a token' }).click();
  await expect(page.getByTestId('hub-token')).toBeFocused();
  await page.getByTestId('hub-token').fill(TEST_TOKEN);
  await page.getByTestId('hub-look').click();
  await expect(page.getByTestId('hub-license')).toContainText('gated');
  await expect(page.getByTestId('hub-load')).toBeDisabled();
  await page.getByTestId('hub-terms').check();
  hub.setFaults([]);
  await page.getByTestId('hub-load').click();
  await expect(row(page, 'gated')).toHaveAttribute('data-state', 'ready', { timeout: 60_000 });
  const stored = hub.requests.filter(({ origin }) => origin === 'store');
  expect(stored.length).toBeGreaterThan(2);
  expect(stored.every(({ authorization }) => authorization === null)).toBe(true);
  const text = () => page.evaluate(() => JSON.stringify(localStorage));
  expect(await text()).not.toContain(TEST_TOKEN);
  await page.getByTestId('hub-remember').check();
  expect(await text()).toContain(TEST_TOKEN);
  await page.getByRole('button', { name: 'The public hub' }).click();
  expect(await text()).not.toContain(TEST_TOKEN);
  await expect(page.getByTestId('hub-token')).toHaveValue('');
});

test('an unknown architecture is refused before its weights; a load is cancelled', async ({
  page,
  app,
}) => {
  await open(page, app.url);
  await lookUp(page, 'test/unknown');
  await expect(page.getByTestId('hub-error')).toHaveAttribute('data-name', 'CheckpointUnsupported');
  await expect(page.getByTestId('hub-error')).toContainText('“llava”');
  expect(weights()).toEqual([]);

  await lookUp(page, 'test/smol');
  hub.setFaults([{ path: DECODER, fault: { kind: 'stall', share: 0.5 } }]);
  await page.getByTestId('hub-load').click();
  await expect(row(page, 'smol').getByTestId('model-progress')).toContainText('of');
  await expect.poll(() => hub.asked()).toContain(DECODER);
  await expect(row(page, 'smol').getByTestId('model-progress')).toContainText('Downloading');
  await row(page, 'smol').getByTestId('model-cancel').click();
  await expect(row(page, 'smol')).toHaveAttribute('data-state', 'absent');
  await expect(row(page, 'smol').getByTestId('model-error')).toHaveCount(0);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  expect(await violations(page)).toEqual([]);
});

/** Lays a fixture into the browser's private folder, which then is what the picker gives. */
async function pickerGives(page: Page, fixture: string): Promise<void> {
  const files = [...contentsOf({ folder: fixtureFolder(fixture) })];
  const given = files.map(([path, content]) => [path, content.toString('base64')] as const);
  await page.evaluate(async (all) => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('mine', { create: true });
    const onnx = await folder.getDirectoryHandle('onnx', { create: true });
    for (const [path, base64] of all) {
      const place = path.startsWith('onnx/') ? onnx : folder;
      const file = await place.getFileHandle(path.split('/').at(-1) ?? '', { create: true });
      const stream = await file.createWritable();
      await stream.write(Uint8Array.from(atob(base64), (one) => one.charCodeAt(0)));
      await stream.close();
    }
    Object.assign(window, { showDirectoryPicker: () => Promise.resolve(folder) });
  }, given);
}

test('a folder is looked at, loaded, asked and never sent; a picked one is there after a reload', async ({
  page,
  app,
}) => {
  const sent: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(app.url)) sent.push(request.url());
    if (request.method() !== 'GET') sent.push(`${request.method()} ${request.url()}`);
  });
  await page.goto(`${app.url}#/models?device=wasm`);
  const panel = page.getByTestId('models-folder');
  await page.getByTestId('folder-input').setInputFiles(join(fixtureFolder('gemma3-q4'), 'onnx'));
  await expect(panel.getByTestId('hub-error')).toHaveAttribute('data-name', 'CheckpointMissing');
  await expect(panel).toContainText('onnx has no config.json');
  // Written in four bits by the command of recipes/export.
  await page.getByTestId('folder-input').setInputFiles(fixtureFolder('gemma3-q4'));
  await expect(panel.getByTestId('hub-dtype')).toHaveAttribute('data-dtype', 'q4');
  expect(await violations(page)).toEqual([]);
  await panel.getByTestId('hub-load').click();
  await expect(row(page, 'gemma3-q4')).toHaveAttribute('data-state', 'ready', { timeout: 60_000 });
  await ask(page, app.url, 'gemma3-q4');

  await page.goto(`${app.url}#/models?device=wasm`);
  await pickerGives(page, 'idefics3');
  await page.getByTestId('folder-open').click();
  await panel.getByTestId('hub-add').click();
  await expect(row(page, 'mine')).toHaveAttribute('data-state', 'absent');
  await page.reload();
  await row(page, 'gemma3-q4').getByTestId('model-load').click();
  await expect(row(page, 'gemma3-q4').getByTestId('model-error')).toContainText('Open it again');
  await row(page, 'mine').getByTestId('model-load').click();
  await expect(row(page, 'mine')).toHaveAttribute('data-state', 'ready', { timeout: 60_000 });
  expect(sent).toEqual([]);
});
