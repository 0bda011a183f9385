/**
 * Models behind servers: a scripted one (test/support/openai-server.ts) is added, asked, failed at and
 * forgotten through the page. Its model is a few tokens with known probabilities.
 */

import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { TOY_MODEL } from '../support/openai-profile.ts';
import { OpenAiServer } from '../support/openai-server.ts';
import { countsOf, expect, overflow, test, total, violations, waitForState } from './app.ts';

const KEY = 'sk-secret-of-the-test-4711';
const ASK =
  '#/explore?dataset=bloodmnist&index=12&k=8&t=1&p=1&seed=7&max=8&mode=direct&nulls=0&checkpoint=';

let server: OpenAiServer;
test.beforeAll(async () => {
  server = await OpenAiServer.start();
});
test.afterAll(() => server.stop());
test.beforeEach(() => {
  server.reset();
});

const row = (page: Page, id: string) =>
  page.locator(`[data-testid="model-row"][data-checkpoint="${id}"]`);

async function connect(page: Page, url: string, key = ''): Promise<void> {
  await page.goto(`${url}#/models`);
  await page.getByTestId('server-address').fill(server.address.origin);
  if (key !== '') await page.getByTestId('server-key').fill(key);
  await page.getByTestId('server-connect').click();
}

async function addAndLoad(page: Page, url: string, key = ''): Promise<void> {
  await connect(page, url, key);
  await page.getByTestId('server-add').click();
  await expect(row(page, TOY_MODEL)).toHaveAttribute('data-state', 'ready');
}

/** Everything that the browser keeps for the page, as text. */
const keptText = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const parts = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })];
    for (const { name } of await indexedDB.databases()) {
      const open = indexedDB.open(name ?? '');
      const db = await new Promise<IDBDatabase>((done, fail) => {
        open.onsuccess = () => {
          done(open.result);
        };
        open.onerror = () => {
          fail(new Error('not opened'));
        };
      });
      for (const store of db.objectStoreNames) {
        const all = db.transaction(store).objectStore(store).getAll();
        await new Promise((done) => (all.onsuccess = done));
        parts.push(
          JSON.stringify(all.result, (_, value: unknown) =>
            ArrayBuffer.isView(value) ? new TextDecoder().decode(value) : value,
          ),
        );
      }
      db.close();
    }
    return parts.join('\n');
  });

test('added, asked, and the page says where images go; nothing is sent before it is pressed', async ({
  page,
  app,
}) => {
  await page.goto(`${app.url}#/models`);
  await page.getByTestId('server-address').fill(server.address.origin);
  const panel = page.getByTestId('models-server');
  await expect(panel).toContainText(`goes to ${server.address.host}, and nowhere else`);
  expect(server.log).toEqual([]);
  await page.getByTestId('server-connect').click();
  await expect(page.getByTestId('server-model')).toHaveValue(TOY_MODEL);
  expect(server.chats).toEqual([]);
  await page.getByTestId('server-add').click();
  await expect(row(page, TOY_MODEL)).toHaveAttribute('data-state', 'ready');
  const abilities = page.getByTestId('server-abilities');
  await abilities.locator('summary').click();
  await expect(abilities.locator('[data-ability="seeds"]')).toHaveAttribute('data-has', 'yes');
  expect(await violations(page)).toEqual([]);
  expect(await overflow(page)).toBeLessThanOrEqual(0);

  server.log = [];
  await page.goto(`${app.url}${ASK}${TOY_MODEL}`);
  await expect(page.getByTestId('run-sends')).toContainText(server.address.host);
  await expect(page.getByTestId('where-images-go')).toContainText(server.address.host);
  expect(server.log).toEqual([]);
  await page.getByTestId('run').click();
  await waitForState(page, 'done');
  expect(total(await countsOf(page))).toBe(8);
  expect(server.chats.length).toBeGreaterThan(0);
  expect(await violations(page)).toEqual([]);

  // After a reload it is in the list, and nothing was asked of it by that.
  server.log = [];
  await page.reload();
  await expect(page.getByTestId('checkpoint').filter({ hasText: TOY_MODEL })).toBeVisible();
  expect(server.log).toEqual([]);
});

test('a key goes to its server and nowhere else: not into exports, links, storage or errors', async ({
  page,
  app,
}) => {
  app.allow(/401/);
  server.reset({ key: KEY });
  await connect(page, app.url);
  const error = page.getByTestId('server-error');
  await expect(error).toHaveAttribute('data-name', 'AccessDenied');
  await connect(page, app.url, `${KEY}x`);
  await expect(error).toContainText('did not take the key');
  // The server repeats the key that it was given.
  await expect(error).toContainText('[key]');
  await expect(page.locator('body')).not.toContainText(KEY);
  await page.getByTestId('known-server-key').fill(KEY);
  await page.getByTestId('known-server-key').blur();
  await page.getByTestId('server-connect').click();
  await page.getByTestId('server-add').click();
  await expect(row(page, TOY_MODEL)).toHaveAttribute('data-state', 'ready');

  await page.goto(`${app.url}${ASK}${TOY_MODEL}`);
  await page.getByTestId('run').click();
  await waitForState(page, 'done');
  const download = page.waitForEvent('download');
  await page.getByTestId('export-jsonl').click();
  const text = await readFile(await (await download).path(), 'utf8');
  expect(text).toContain(TOY_MODEL);
  expect(text).not.toContain(KEY);
  expect(page.url()).not.toContain(KEY);
  expect(await page.content()).not.toContain(KEY);
  expect(await keptText(page)).toContain(server.address.origin);
  expect(await keptText(page)).not.toContain(KEY);
  expect(server.chats.every(({ authorization }) => authorization === `Bearer ${KEY}`)).toBe(true);
  expect(JSON.stringify(server.log.map(({ path, body }) => [path, body]))).not.toContain(KEY);

  await page.goto(`${app.url}#/models`);
  await page.getByTestId('server-remember').check();
  expect(await keptText(page)).toContain(KEY);
  await page.getByTestId('server-forget').click();
  expect(await keptText(page)).not.toContain(KEY);
});

test('what a server does not do is told where it happened, and finished answers are kept', async ({
  page,
  app,
}) => {
  app.allow(/400|500|CORS|ERR_FAILED|blocked/);
  server.reset({ allowsPages: false });
  await connect(page, app.url);
  await expect(page.getByTestId('server-error')).toContainText('--allowed-origins');

  server.reset({ n: 'refuses' });
  await addAndLoad(page, app.url);
  await page.goto(`${app.url}${ASK}${TOY_MODEL}`);
  // Six answers come, then the server fails for good.
  server.reset({ n: 'refuses' });
  server.faultAt = (number) =>
    number >= 7 ? { type: 'status', status: 500, retryAfter: '3600' } : null;
  await page.getByTestId('run').click();
  await waitForState(page, 'error');
  const alert = page.getByRole('alert').first();
  await expect(alert).toContainText(`${TOY_MODEL}: the server was not reached`);
  await expect(alert).toContainText('finished samples are kept');
  const kept = total(await countsOf(page));
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(8);
});

test('the study’s three models are chosen with its sampler, one server for all', async ({
  page,
  app,
}) => {
  await page.goto(`${app.url}#/models?server=${server.address.origin}`);
  const preset = page.getByTestId('paper-lineage');
  await preset.locator('summary').click();
  for (const stage of ['base', 'SFT', 'RL']) {
    await preset.getByLabel(`model, ${stage}`).fill(`${TOY_MODEL}`);
  }
  await preset.getByLabel('model, RL').fill('other-7b');
  await page.getByTestId('paper-add').click();
  expect(server.log).toEqual([]);
  await expect(row(page, 'other-7b')).toHaveAttribute('data-stage', 'rl');
  await page.getByRole('link', { name: 'Explore' }).click();
  await expect(page.getByTestId('run-sends')).toContainText(server.address.host);
  await expect(page.getByLabel('max tokens')).toHaveValue('2048');
  await expect(page.getByLabel('temperature').first()).toHaveValue('0.7');
});
