/**
 * A real server: `npm run test:real-server` starts `transformers serve` with the weights of the fixture
 * idefics3, whose graphs the page's worker runs. Both are asked the same on one screen.
 */

import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import type { ItemRecord } from '../../src/core/types.ts';
import { fixtureFolder } from '../support/hub-contents.ts';
import { TestHub } from '../support/hub.ts';
import { countsOf, expect, test, total, waitForState } from './app.ts';

const { REAL_SERVER: url = '', REAL_SERVER_MODEL: model = '' } = process.env;
test.skip(url === '', 'needs a real server: npm run test:real-server starts one');

const WORKER = 'idefics3';
const K = 8;
/** Of the test split. Their greedy answers have no near-ties: single precision differs by 1e-5 between the two. */
const IMAGES = [12, 228, 303];

let hub: TestHub;
test.beforeAll(async () => {
  hub = await TestHub.start({ 'test/idefics3': { folder: fixtureFolder(WORKER) } });
});
test.afterAll(() => hub.close());

const row = (page: Page, id: string) =>
  page.locator(`[data-testid="model-row"][data-checkpoint="${id}"]`);

/** Adds the worker's checkpoint from the test hub and the server's model; resolves with the latter's id. */
async function addBoth(page: Page, app: string): Promise<string> {
  await page.goto(`${app}#/models?device=wasm`);
  await page.getByTestId('hub-access').click();
  await page.getByTestId('hub-address').fill(hub.endpoint.slice(0, -1));
  await page.getByTestId('hub-use').click();
  await page.getByTestId('hub-repository').fill('test/idefics3');
  await page.getByTestId('hub-look').click();
  await page.getByTestId('hub-load').click();
  await expect(row(page, WORKER)).toHaveAttribute('data-state', 'ready');
  await page.getByTestId('server-address').fill(url);
  await page.getByTestId('server-connect').click();
  const field = page.getByTestId('server-model');
  if ((await field.evaluate(({ tagName }) => tagName)) === 'INPUT') await field.fill(model);
  else await field.selectOption({ label: model });
  await page.getByTestId('server-add').click();
  const served = page.locator('[data-testid="model-row"]').filter({ hasText: url });
  await expect(served).toHaveAttribute('data-state', 'ready', { timeout: 120_000 });
  return (await served.getAttribute('data-checkpoint')) ?? '';
}

async function exported(page: Page): Promise<readonly ItemRecord[]> {
  const download = page.waitForEvent('download');
  await page.getByTestId('export-jsonl').click();
  const text = await readFile(await (await download).path(), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines
    .map((line) => JSON.parse(line) as ItemRecord & { readonly type: string })
    .filter(({ type }) => type === 'item');
}

test('K = 8 with an image through the page, and the greedy answers are the worker’s', async ({
  page,
  app,
}) => {
  test.setTimeout(300_000);
  // Its list of models fails without a cache of downloads, and it refuses words that it does not know.
  app.allow(/status of (?:4|5)\d\d/);
  const served = await addBoth(page, app.url);
  let compared = 0;
  for (const index of IMAGES) {
    await page.goto(
      `${app.url}#/explore?dataset=bloodmnist&index=${String(index)}&k=${String(K)}&t=1&p=1&seed=7&max=12&mode=direct&device=wasm&nulls=0&checkpoint=${WORKER},${served}`,
    );
    await page.getByTestId('run').click();
    await waitForState(page, 'done');
    for (const id of [WORKER, served]) expect(total(await countsOf(page, id))).toBe(K);
    const records = await exported(page);
    const of = (id: string) =>
      records.find(({ answerer, image }) => answerer.checkpointId === id && image.index === index);
    const [here, there] = [of(WORKER), of(served)];
    if (!here?.greedy || !there?.greedy) throw new Error('a record is missing');
    expect(here.promptText).toBe(there.promptText);
    expect(there.samples.map(({ index: at }) => at)).toEqual([...Array(K).keys()]);
    expect(there.samples.every(({ logProbs }) => logProbs === null)).toBe(true);
    expect(new Set(there.samples.map(({ text }) => text)).size).toBeGreaterThan(1);
    expect(there.greedy.text).toBe(here.greedy.text);
    compared += here.greedy.tokenTexts.length;
    console.log(`image ${String(index)}: greedy ${JSON.stringify(there.greedy.text)} from both`);
  }
  console.log(`${String(compared)} greedy tokens compared, all alike`);
  expect(compared).toBeGreaterThanOrEqual(10 * IMAGES.length);
});
