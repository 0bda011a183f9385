/**
 * The page on a plain host, from a sub-path and without headers, with its service worker: without
 * network after the first visit, asking no other origin, breaking its policy nowhere, updated only
 * when a person says so.
 */

import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test as base, type BrowserContext, type Page } from '@playwright/test';
import { serve } from '../../scripts/server.mjs';
import { isolatedThreads } from '../../src/protocol/threads.ts';
import { countsOf, expect, openDirect, openHome, total, waitForState } from './app.ts';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const lesson = fileURLToPath(new URL('../fixtures/lessons/by-hand.json', import.meta.url));
const HOST = { isolated: false, basePath: '/some/path/' } as const;
const SCREENS = ['evaluate', 'compare', 'recipe', 'probe', 'models', 'explore'] as const;
/** Kept, though nothing in the test needs them. */
const NOT_OPENED = [
  'runs/family.jsonl.gz',
  'probe/pathmnist.npz',
  'models/tiny-rl-one/onnx/decoder_model_merged_q4.onnx',
  'models/tiny-vision/onnx/model_quantized.onnx',
  'LICENSES.md',
];
/** Weights in full precision: kept once they were asked for. */
const AT_USE = 'models/tiny-sft/onnx/embed_tokens.onnx';
/** What Chromium says of a request that finds no host, in its own words. */
/** What Chromium says by itself: without network, and where there is no graphics device. */
const OF_CHROMIUM = /Failed to load resource: net::ERR_|^No available adapters\./;

interface Watched {
  /** Every address that was asked for, by the page, its workers and the service worker. */
  readonly requests: string[];
  /** Errors, warnings and breaches of the policy. */
  readonly complaints: string[];
}

function watch(context: BrowserContext, page: Page): Watched {
  const watched: Watched = { requests: [], complaints: [] };
  context.on('request', (request) => watched.requests.push(request.url()));
  page.on('pageerror', (error) => watched.complaints.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) watched.complaints.push(message.text());
  });
  return watched;
}

const test = base.extend<{ watched: Watched }>({
  watched: async ({ context, page }, use) => {
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        console.error(`policy: ${violatedDirective} ${blockedURI}`);
      });
      // Without the save dialog an export is a download.
      Reflect.deleteProperty(globalThis, 'showSaveFilePicker');
    });
    const watched = watch(context, page);
    await use(watched);
    expect(
      watched.complaints.filter((text) => !OF_CHROMIUM.test(text)),
      'console',
    ).toEqual([]);
  },
});
test.use({ serviceWorkers: 'allow' });

const kept = (page: Page) => page.getByTestId('kept-page');
const news = (page: Page) => page.getByTestId('page-news');

async function untilKept(page: Page): Promise<void> {
  await expect(kept(page)).toHaveAttribute('data-state', 'kept', { timeout: 120_000 });
}

const foreign = ({ requests }: Watched, url: string): string[] =>
  requests.filter((address) => {
    const { protocol, origin } = new URL(address);
    return protocol !== 'blob:' && protocol !== 'data:' && origin !== new URL(url).origin;
  });

/** Opens every screen, as a person would who looks round. */
async function openEveryScreen(page: Page): Promise<void> {
  for (const screen of SCREENS) {
    await page.getByTestId('nav').locator(`[data-screen=${screen}]`).click();
    await expect(page.getByTestId('nav').locator('[aria-current=page]')).toHaveAttribute(
      'data-screen',
      screen,
    );
    await expect(page.locator('main h2').first()).toBeVisible();
  }
}

/** Asks for what is kept at its first use, once the service worker answers, and waits until it is kept. */
async function askAtUse(page: Page): Promise<void> {
  await expect
    .poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null))
    .toBe(true);
  const isKept = () =>
    page.evaluate(
      async (path) => (await caches.match(path, { ignoreSearch: true })) !== undefined,
      AT_USE,
    );
  expect(await isKept()).toBe(false);
  expect(await page.evaluate(async (path) => (await fetch(path)).ok, AT_USE)).toBe(true);
  await expect.poll(isKept).toBe(true);
}

async function evaluateOne(page: Page, url: string): Promise<void> {
  await page.goto(`${url}#/evaluate?device=wasm`);
  const sets = page.getByTestId('evaluate-set');
  await expect(sets).toHaveCount(6);
  for (const box of await sets.all()) {
    await box.setChecked((await box.getAttribute('data-set')) === 'breastmnist');
  }
  await page.getByLabel('items of each set').fill('1');
  const plan = page.getByTestId('evaluate-plan');
  await plan.getByLabel('K', { exact: true }).selectOption('4');
  await plan.getByText('Direct', { exact: true }).click();
  await page.getByTestId('evaluate-start').click();
  await expect(page.getByTestId('evaluate-status')).toHaveAttribute('data-state', 'done', {
    timeout: 120_000,
  });
  await expect(page.getByTestId('set-verdict')).toBeVisible();
}

test('works without network after the first visit, from a sub-path of a plain host', async ({
  context,
  page,
  watched,
}) => {
  const host = await serve(dist, HOST);
  await openHome(page, host.url);
  expect(await page.evaluate(() => crossOriginIsolated), 'first visit').toBe(false);
  await openEveryScreen(page);
  await untilKept(page);
  await askAtUse(page);
  expect(foreign(watched, host.url)).toEqual([]);
  const ofRuntime = watched.requests.filter((address) => /ort-wasm[^/]*\.wasm/.test(address));
  expect(new Set(ofRuntime).size, 'binaries of the runtime').toBe(1);

  await host.close();
  await context.setOffline(true);
  // Nothing is left in memory: what is there now comes from what was kept.
  await page.goto('about:blank');
  await openHome(page, host.url);
  expect(await page.evaluate(() => crossOriginIsolated), 'second visit').toBe(true);
  await page.getByTestId('gallery-item').nth(3).click();
  await openDirect(page, host.url, '&run=1');
  await waitForState(page, 'done');
  expect(total(await countsOf(page, 'tiny-sft'))).toBe(16);
  const download = page.waitForEvent('download');
  await page.getByTestId('export-jsonl').click();
  const file = await readFile(await (await download).path(), 'utf8');
  expect(file.includes('"checkpointId":"tiny-sft"'), 'exported').toBe(true);
  await openEveryScreen(page);
  await evaluateOne(page, host.url);
  const answered = await page.evaluate(
    (paths) => Promise.all(paths.map(async (path) => (await fetch(path)).ok)),
    [...NOT_OPENED, AT_USE],
  );
  expect(answered).toEqual(answered.map(() => true));
  expect(foreign(watched, host.url)).toEqual([]);
});

test('the first visit offers more threads, which a reload brings', async ({ page, watched }) => {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setHardwareConcurrencyOverride', { hardwareConcurrency: 4 });
  // Where there is a graphics device threads are of no use.
  await page.addInitScript(() => {
    Reflect.deleteProperty(Navigator.prototype, 'gpu');
  });
  const host = await serve(dist, HOST);
  await openHome(page, host.url);
  await expect(news(page)).toHaveAttribute('data-news', 'threads', { timeout: 120_000 });
  await expect(news(page)).toContainText('3 threads compute instead of one');
  await news(page).getByRole('button', { name: 'Reload' }).click();
  await expect.poll(() => page.evaluate(() => crossOriginIsolated)).toBe(true);
  // Said once the page has followed its address: the next one would be missed before.
  await untilKept(page);
  await openDirect(page, host.url, '&run=1');
  await waitForState(page, 'done');
  // The worker sees the machine as it is: one thread of it is the page's.
  const model = page.workers().find((worker) => worker.url().includes('vlm.worker'));
  const seen = await model?.evaluate(() => ({
    isIsolated: crossOriginIsolated && 'SharedArrayBuffer' in globalThis,
    cores: navigator.hardwareConcurrency,
  }));
  expect(seen?.isIsolated).toBe(true);
  const threads = isolatedThreads(seen?.cores ?? 0);
  await expect(page.getByTestId('device-badge')).toContainText(
    threads === 1 ? '1 thread' : `${String(threads)} threads`,
  );
  await expect(news(page)).toHaveCount(0);
  await host.close();
  expect(foreign(watched, host.url)).toEqual([]);
});

test('a lesson of the site that was opened is there without network, another says why not', async ({
  context,
  page,
  watched,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'supportlens-'));
  for (const name of readdirSync(dist)) symlinkSync(join(dist, name), join(folder, name));
  const written = readFileSync(lesson, 'utf8');
  writeFileSync(join(folder, 'my.json'), written);
  const host = await serve(folder, HOST);
  try {
    const cards = page.getByTestId('lesson-card');
    await page.goto(`${host.url}?lesson=my.json`);
    await expect(cards).toHaveCount(2);
    await untilKept(page);

    // With network it is the newest, not the kept one, and that is what is kept from then on.
    writeFileSync(join(folder, 'my.json'), written.replace('Guess first', 'Guess now'));
    // The server looks at its files once.
    await host.close();
    const later = await serve(folder, { ...HOST, port: Number(new URL(host.url).port) });
    await page.reload();
    await expect(cards.first()).toContainText('Guess now');

    await later.close();
    await context.setOffline(true);
    await page.goto('about:blank');
    await page.goto(`${host.url}?lesson=my.json`);
    await expect(cards.first()).toContainText('Guess now');
    await page.goto('about:blank');
    await openHome(page, `${host.url}?lesson=never.json`);
    await expect(page.getByTestId('lesson-problem')).toContainText('There is no network');
    await expect(cards).toHaveCount(4);
    expect(foreign(watched, host.url)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** The build as a later version, which its title tells. */
function laterVersion(): string {
  const folder = mkdtempSync(join(tmpdir(), 'supportlens-'));
  const changed = ['index.html', 'offline.js'];
  for (const name of readdirSync(dist)) {
    if (!changed.some((file) => name.startsWith(file)))
      symlinkSync(join(dist, name), join(folder, name));
  }
  const [page, script] = changed.map((name) => readFileSync(join(dist, name), 'utf8'));
  const revision = /(url:\s*["`']index\.html["`'],\s*revision:\s*["`'])[0-9a-f]+/;
  expect(script).toMatch(revision);
  writeFileSync(join(folder, 'index.html'), String(page).replace('<title>', '<title>Later '));
  writeFileSync(join(folder, 'offline.js'), String(script).replace(revision, '$1later'));
  return folder;
}

test('a new version is announced, and waits for a person and for runs of every tab', async ({
  context,
  page,
  watched,
}) => {
  const first = await serve(dist, HOST);
  await openHome(page, first.url);
  await untilKept(page);
  await first.close();
  const folder = laterVersion();
  const later = await serve(folder, { ...HOST, port: Number(new URL(first.url).port) });
  try {
    // The browser looks for a new version when a page is opened; this one is still the old one.
    await page.goto('about:blank');
    await openHome(page, later.url);
    await expect(news(page)).toHaveAttribute('data-news', 'update', { timeout: 60_000 });
    await expect(page).toHaveTitle('Supportlens');

    const other = await context.newPage();
    await openDirect(other, later.url);
    await expect(news(other)).toHaveAttribute('data-news', 'update');
    await other.getByLabel('K', { exact: true }).selectOption('1024');
    await other.getByTestId('run').click();
    await waitForState(other, 'loading', 'running');
    await expect(news(other), 'during a run').toHaveCount(0);

    await page.bringToFront();
    await news(page).getByRole('button', { name: 'Reload' }).click();
    await expect(news(page)).toContainText('A run goes on in another tab');
    await expect(page).toHaveTitle('Supportlens');
    await waitForState(other, 'loading', 'running');

    await other.getByTestId('stop').click();
    await waitForState(other, 'stopped');
    await expect(news(other)).toHaveAttribute('data-news', 'update');
    await news(page).getByRole('button', { name: 'Reload' }).click();
    await expect(page).toHaveTitle('Later Supportlens');
    await expect(news(page)).toHaveCount(0);
    // Nobody reloads the other tab but the person who looks at it.
    await expect(news(other)).toHaveAttribute('data-news', 'replaced');
    await expect(other).toHaveTitle('Supportlens');
    expect(foreign(watched, later.url)).toEqual([]);
  } finally {
    await later.close();
    rmSync(folder, { recursive: true });
  }
});
