/** A lesson that a teacher wrote: opened by file and by address, played on a projector, refused with its line. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  countsOf,
  expect,
  LONG,
  openHome,
  overflow,
  test,
  total,
  violations,
  waitForState,
} from './app.ts';
import { images, labels, npz } from './npz.ts';

const path = fileURLToPath(new URL('../fixtures/lessons/by-hand.json', import.meta.url));
const written = readFileSync(path, 'utf8');
/** Loading and sampling, on a busy machine. */
const RUN = { timeout: 60_000 };
const asFile = (text: string, name = 'my.json') => ({
  ...{ name, mimeType: 'application/json' },
  buffer: Buffer.from(text),
});

test('a lesson by hand loads and plays, a guess stands beside the bars', async ({ page, app }) => {
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.route('**/lessons/my.json', (route) => route.fulfill({ body: written }));
  // The recorded run of the start page would tell a result under this lesson's title.
  const recorded: string[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('runs/first.jsonl')) recorded.push(request.url());
  });
  await page.goto(`${app.url}?present&lesson=lessons/my.json`);
  await expect(page.getByTestId('lesson-cover')).toContainText('2 steps');
  // What a clicker sends.
  const step = page.getByTestId('lesson-step');
  await page.keyboard.press('PageDown');
  await expect(step).toContainText('Step 1 of 2');
  await expect(step).toContainText('Look at: Which bar is longest.');
  await expect(page.getByTestId('present-question')).toContainText('Which blood cell');
  const options = page.getByTestId('predict-option');
  await expect(options).toHaveCount(4);
  await expect(page.getByTestId('predict')).toContainText(
    'Guess first: which answer will tiny-sft give most often?',
  );
  const unguessed = page.url();
  await page.getByText('Show of hands').click();
  await page.getByTestId('predict-hands').first().fill('12');
  await options.nth(1).click();
  await options.nth(1).click();
  await options.nth(1).click();
  await expect(page.getByTestId('predict')).toContainText('15 hands');
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  expect(await violations(page)).toEqual([]);

  // The first press lets the answers come, the next goes on.
  await page
    .getByTestId('predict-hands')
    .first()
    .evaluate((field) => {
      (field as HTMLElement).blur();
    });
  await page.keyboard.press('PageDown');
  await expect(page.getByTestId('guess-mark')).toHaveCount(2, RUN);
  // Once the run is over.
  await expect(page.getByTestId('guess-line')).toContainText('Most often said by tiny-sft:', RUN);
  await expect(page.getByTestId('guess-line')).toContainText('(12 of 15)');
  expect(total(await countsOf(page))).toBe(8);
  expect(page.url()).toBe(unguessed);
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain('hands');

  await page.keyboard.press('ArrowRight');
  await expect(step).toContainText('Step 2 of 2');
  await expect(page.getByTestId('lesson-end')).toHaveText('End of the lesson');
  await expect.poll(async () => total(await countsOf(page)), RUN).toBe(4);
  await expect(page.getByTestId('guess-mark')).toHaveCount(0);
  await expect(page).toHaveURL(/lesson=lessons\/my\.json.*lesson=step-2/);
  // The knob of the step before is back at its usual value.
  expect(page.url()).not.toContain('topk');

  await page.keyboard.press('PageUp');
  await expect(step).toContainText('Step 1 of 2');
  await expect(page.getByTestId('lesson-end')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('run')).toBeVisible();
  await expect(page).not.toHaveURL(/present/);
  await expect(step).toContainText('Step 1 of 2');
  expect(recorded).toEqual([]);
});

test('a broken lesson names its line, and nothing else changes', async ({ page, app }) => {
  await openHome(page, app.url);
  const file = page.getByTestId('lesson-file');
  const problem = page.getByTestId('lesson-problem');
  await file.setInputFiles(asFile(written.replace('anew.",', 'anew."')));
  await expect(problem).toContainText('Line 8, column 7: a comma is missing before this.');
  await file.setInputFiles(asFile(written.replace('"k": 8', '"k": 0')));
  await expect(problem).toContainText('Step 1, line 11, column');
  await expect(problem).toContainText('K must be a whole number from 1 to 1024');
  await expect(page.getByTestId('lesson-card')).toHaveCount(4);
  await expect(page.getByTestId('support-verdict')).toContainText('recorded run');

  await file.setInputFiles(asFile(written));
  await expect(page.getByTestId('lesson-card')).toHaveCount(2);
  await expect(problem).toHaveCount(0);
  await expect(page.getByTestId('empty-result')).toBeVisible();

  // In class: the page is loaded again on a step, and later the lesson is closed.
  await page.getByTestId('lesson-example').first().click();
  await expect(page.getByTestId('predict')).toBeVisible();
  await page.reload();
  await expect(page.getByTestId('lesson-step')).toContainText('Step 1 of 2');
  await expect(page.getByTestId('predict')).toBeVisible();
  await page.getByTestId('lesson-close').click();
  await page.getByTestId('lesson-bundled').click();
  await expect(page.getByTestId('lesson-card')).toHaveCount(4);
  await page.reload();
  await expect(page.getByTestId('lesson-card')).toHaveCount(4);
});

test('an image that does not ship is missed on opening, until its file is open', async ({
  page,
  app,
}) => {
  await openHome(page, app.url);
  const lesson = asFile(written.replace('"index": 85', '"index": 2'));
  await page.getByTestId('lesson-file').setInputFiles(lesson);
  const problem = page.getByTestId('lesson-problem');
  await expect(problem).toContainText('Step 2, line 19, column');
  await expect(problem).toContainText('near it are 1, 6, 27.');

  const arrays = { 'test_images.npy': images(7), 'test_labels.npy': labels(7) };
  const file = { name: 'pneumoniamnist.npz', mimeType: '', buffer: npz(arrays) };
  await page.locator('input[accept*="image/png"]').setInputFiles(file);
  await expect(page.getByText(/7 test images joined the gallery/)).toBeVisible();
  await page.getByTestId('lesson-file').setInputFiles(lesson);
  await expect(problem).toHaveCount(0);
  await page.getByTestId('lesson-example').nth(1).click();
  await expect(page.getByTestId('lesson-step')).toContainText('Step 2 of 2');
  await expect.poll(async () => total(await countsOf(page)), RUN).toBe(4);
  await expect(page).toHaveURL(/dataset=pneumoniamnist&index=2&/);
});

test('another site is named first, and asked only after a yes', async ({ page, app }) => {
  const asked: string[] = [];
  const site = createServer((request, response) => {
    asked.push(`${request.headers.referer ?? ''}${request.headers.cookie ?? ''}`);
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.end(written);
  });
  await new Promise<void>((done) => site.listen(0, '127.0.0.1', done));
  const host = `127.0.0.1:${String((site.address() as AddressInfo).port)}`;
  await openHome(page, `${app.url}?lesson=http://${host}/my.json`);
  await expect(page.getByTestId('lesson-asked')).toContainText(host);
  await expect(page.getByTestId('lesson-card')).toHaveCount(4);
  expect(asked).toEqual([]);
  await page.getByTestId('lesson-confirm').click();
  await expect(page.getByTestId('lesson-card')).toHaveCount(2);
  expect(asked).toEqual(['']);
  site.closeAllConnections();
  site.close();
});

test('link, picture and citation are copied', LONG, async ({ page, app }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await openHome(page, app.url);
  const said = page.getByTestId('copy-said');
  const press = async (handle: string) => {
    await page.getByTestId('copy-menu').locator('summary').click();
    await page.getByTestId(handle).click();
  };
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await press('copy-link');
  await expect(said).toHaveText('Link copied.');
  expect(await clipboard()).toContain('#/explore?dataset=bloodmnist&index=332');
  await press('copy-citation');
  await expect(said).toHaveText('Citation copied.');
  expect(await clipboard()).toMatch(/version 0\.1\.0[\s\S]*@misc\{supportlens[\s\S]*2603\.01301/);
  await press('copy-picture');
  await expect(said).toHaveText('Picture copied.');
  const types = await page.evaluate(async () =>
    (await navigator.clipboard.read()).flatMap((one) => one.types),
  );
  expect(types).toEqual(['image/png']);
  expect(await violations(page)).toEqual([]);

  // A browser that refuses: a file, and text to copy by hand.
  await page.evaluate(() => {
    Object.defineProperty(navigator, 'clipboard', { value: undefined });
  });
  const saved = page.waitForEvent('download');
  await press('copy-picture');
  expect((await saved).suggestedFilename()).toMatch(/\.png$/);
  await press('copy-link');
  await expect(page.getByTestId('copy-refused')).toHaveValue(/#\/explore\?/);
  await waitForState(page, 'idle');
});
