/**
 * A copied address, opened by somebody else: the same picture and the same numbers, or what is missing. The
 * other one is a browser context of its own, which has stored nothing.
 */

import type { Browser, Page } from '@playwright/test';
import { expect, longUnless, LONG, openHome, test, waitForState } from './app.ts';

/** Follows the page's address as somebody else; fails on what that page has to complain about. */
async function asSomebodyElse(
  browser: Browser,
  address: string,
  look: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({
    serviceWorkers: 'block',
    viewport: { width: 1440, height: 900 },
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  await page.goto(address);
  await look(page);
  await context.close();
  expect(complaints).toEqual([]);
}

/** What is drawn and said in a part of the page: its words, and the shapes of its charts. */
const seenIn = (page: Page, testId: string): Promise<unknown> =>
  page
    .getByTestId(testId)
    .first()
    .evaluate((part) => ({
      words: (part as HTMLElement).innerText,
      texts: [...part.querySelectorAll('svg text')].map((text) => text.textContent),
      shapes: [...part.querySelectorAll('path, rect, circle, line, polyline')].map((shape) =>
        ['d', 'x', 'y', 'width', 'height', 'cx', 'cy', 'r', 'x1', 'x2', 'y1', 'y2', 'points']
          .map((name) => shape.getAttribute(name))
          .join(' '),
      ),
    }));

const rowsOf = (page: Page, testId: string): Promise<unknown> =>
  page
    .getByTestId(testId)
    .evaluateAll((rows) => rows.map((row) => ({ ...(row as HTMLElement).dataset })));

/** The picture of a finished run under Explore. */
async function exploreOf(page: Page, mode: string): Promise<unknown> {
  await waitForState(page, 'done');
  // The list is drawn after the charts, and short answers are bounded after the run.
  await expect(page.getByTestId('sample-row')).toHaveCount(3 * 16);
  if (mode === 'direct') {
    await expect(page.getByTestId('exact-panel')).toHaveAttribute('data-phase', 'ended', {
      timeout: 60_000,
    });
  }
  const parts = ['support-verdict', 'answer-river', 'pass-at-k'];
  return {
    parts: await Promise.all(parts.map((part) => seenIn(page, part))),
    bars: await rowsOf(page, 'answer-row'),
    greedy: await page.getByTestId('greedy-answer').allInnerTexts(),
    samples: await page.getByTestId('sample-row').allTextContents(),
  };
}

for (const mode of ['direct', 'think'] as const) {
  test(
    `Explore, three checkpoints, ${mode}: the same seed gives the same picture to somebody else`,
    longUnless(mode === 'direct'),
    async ({ page, app, browser }) => {
      await page.goto(
        `${app.url}#/explore?dataset=bloodmnist&index=12&checkpoint=tiny-base,tiny-sft,tiny-rl&k=16&t=1.2&p=0.95&seed=11&mode=${mode}&device=wasm&nulls=${mode === 'think' ? '1' : '0'}`,
      );
      await page.getByTestId('run').click();
      const own = await exploreOf(page, mode);
      await asSomebodyElse(browser, page.url(), async (theirs) => {
        // A shared address waits for its reader.
        await theirs.getByTestId('run').click();
        expect(await exploreOf(theirs, mode)).toEqual(own);
        expect(theirs.url()).toBe(page.url());
      });
    },
  );
}

/** Opens the recorded run where it is offered, and waits until figures have their intervals. */
async function openRecorded(page: Page, url: string, screen: string): Promise<void> {
  await page.goto(`${url}#/${screen}`);
  await page.getByTestId('recorded-open').click();
  await expect(page.getByTestId('recorded-offer')).toHaveCount(0, { timeout: 120_000 });
}

/** What is compared of a screen with the recorded run: parts by handle, all of whose intervals are drawn. */
const SCREENS = {
  evaluate: { parts: ['set-verdict'], rows: 'figure' },
  compare: { parts: ['compare-summary', 'lineage'], rows: 'support-change' },
  recipe: { parts: [], rows: 'recipe-verdict' },
} as const;

for (const [screen, { parts, rows }] of Object.entries(SCREENS)) {
  test(
    `${screen}: the recorded run comes to whoever follows an address that names it`,
    LONG,
    async ({ page, app, browser }) => {
      const read = async (from: Page) => {
        await expect(from.getByTestId(rows).first()).toBeVisible({ timeout: 120_000 });
        await expect(from.getByText(/being drawn|being compared/)).toHaveCount(0, {
          timeout: 120_000,
        });
        return {
          parts: await Promise.all(parts.map((part) => seenIn(from, part))),
          rows: await rowsOf(from, rows),
        };
      };
      await openRecorded(page, app.url, screen);
      if (screen === 'recipe') {
        await page.getByLabel(/τ/).first().fill('0.55');
        await page.getByLabel(/τ/).first().blur();
      }
      const own = await read(page);
      await expect(page).toHaveURL(screen === 'compare' ? /side=/ : /run=/);
      await asSomebodyElse(browser, page.url(), async (theirs) => {
        expect(await read(theirs)).toEqual(own);
        await expect(theirs.getByTestId('missing-runs')).toHaveCount(0);
        expect(theirs.url()).toBe(page.url());
      });
    },
  );
}

test(
  'Probe: the address asks for the same study, which says the same',
  LONG,
  async ({ page, app, browser }) => {
    const study = async (of: Page) => {
      await of.getByTestId('probe-start').click();
      await expect(of.getByTestId('probe-status')).toHaveAttribute('data-state', 'done', {
        timeout: 120_000,
      });
      await expect(of.getByTestId('feature-map-drawn')).toBeVisible({ timeout: 60_000 });
      return rowsOf(of, 'vision-figure');
    };
    await page.goto(
      `${app.url}#/probe?device=wasm&set=breastmnist&checkpoint=tiny-sft&seed=3&epochs=20`,
    );
    const own = await study(page);
    expect(own).not.toEqual([]);
    await asSomebodyElse(browser, page.url(), async (theirs) => {
      expect(await study(theirs)).toEqual(own);
      expect(theirs.url()).toBe(page.url());
    });
  },
);

test(
  'Models: what was typed is in the address, and nobody is asked of it',
  LONG,
  async ({ page, app, browser }) => {
    await page.goto(`${app.url}#/models`);
    await page.getByTestId('server-address').fill('http://localhost:9');
    await page.getByTestId('hub-repository').fill('owner/name');
    await expect(page).toHaveURL(/#\/models\?look=owner\/name&server=http:\/\/localhost:9$/);
    await asSomebodyElse(browser, page.url(), async (theirs) => {
      const asked: string[] = [];
      theirs.on('request', (request) => asked.push(request.url()));
      await expect(theirs.getByTestId('server-address')).toHaveValue('http://localhost:9');
      await expect(theirs.getByTestId('hub-repository')).toHaveValue('owner/name');
      expect(asked.filter((url) => !url.startsWith(app.url))).toEqual([]);
      await theirs.getByTestId('server-connect').click();
      await expect(theirs.getByTestId('server-error')).toContainText('localhost:9');
    });
  },
);

test(
  'an address made on an own image, a run elsewhere or an added checkpoint says what is missing',
  LONG,
  async ({ page, app, browser }) => {
    await openHome(page, app.url);
    await page.locator('input[accept*="image/png"]').setInputFiles('public/samples/bloodmnist.png');
    await expect(page).toHaveURL(/#\/explore\?image=own&/);
    const editor = page.getByTestId('question-editor');
    await editor.getByRole('textbox', { name: 'Question' }).fill('Which cell is it?');
    await expect(page).toHaveURL(/q=Which/);
    await asSomebodyElse(browser, page.url(), async (theirs) => {
      await expect(theirs.getByText('made on an image of its sender’s own')).toBeVisible();
      await expect(theirs.getByTestId('run')).toBeDisabled();
      await expect(theirs.getByTestId('answer-row')).toHaveCount(0);
      // Once it is there, it is asked what the address says.
      await theirs
        .locator('input[accept*="image/png"]')
        .setInputFiles('public/samples/bloodmnist.png');
      await expect(theirs.getByTestId('run')).toBeEnabled();
      await expect(theirs.getByText('made on an image of its sender’s own')).toHaveCount(0);
    });

    const ask = '#/explore?dataset=bloodmnist&index=12&k=4&mode=direct';
    await page.goto(`${app.url}${ask}&checkpoint=mine`);
    await expect(
      page.getByText(/the checkpoint mine, which is not here; .* under Models/),
    ).toBeVisible();
    await page.goto(`${app.url}#/explore?dataset=retinamnist&index=99999`);
    await expect(page.getByText(/names image retinamnist\/99999.*MedMNIST file/)).toBeVisible();

    const missing = page.getByTestId('missing-runs');
    for (const address of [
      'compare?side=gone:tiny-sft&side=gone:tiny-rl',
      'recipe?run=gone',
      'probe?run=gone',
    ]) {
      await page.goto(`${app.url}#/${address}`);
      await expect(missing).toContainText('Missing: gone.');
    }
    await page.goto(`${app.url}#/evaluate?run=gone`);
    await expect(page.getByText('the address names gone')).toBeVisible();
    await page.goto(`${app.url}#/probe?set=chestmnist,bloodmnist&checkpoint=mine,tiny-sft`);
    await expect(missing).toHaveCount(0);
    await expect(page.getByText(/chestmnist\.npz, .*; the checkpoint mine, which/)).toBeVisible();
  },
);
