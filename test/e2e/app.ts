/** The built app on a local server; a console message of ours that is an error or warning fails. */

import { AxeBuilder } from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../scripts/server.mjs';

export { expect };
export const DOCUMENTED =
  '#/explore?dataset=bloodmnist&index=12&checkpoint=tiny-sft&k=16&t=1&p=1&seed=7&mode=think&run=1';

/** What other tests cover nearly as well: its turn comes in `npm run test:long`. */
export const LONG = { tag: '@long' } as const;
/** As a test's details: one of several that differ little has its turn in every run. */
export const longUnless = (isInEveryRun: boolean) => (isInEveryRun ? {} : LONG);

const dist = fileURLToPath(new URL('../../dist', import.meta.url));

interface App {
  readonly url: string;
  readonly sentBytes: () => number;
  /** Console messages that a test expects, e.g. of a request that it broke on purpose. */
  readonly allow: (pattern: RegExp) => void;
}

export const test = base.extend<{ app: App; isolated: boolean }>({
  isolated: [true, { option: true }],
  app: async ({ page, isolated }, use) => {
    const server = await serve(dist, { isolated, basePath: '/lab/' });
    const complaints: string[] = [];
    // Said by the tests' own browser: playwright.config.ts keeps the service worker away.
    const allowed: RegExp[] = [
      /Service Worker registration blocked by Playwright/,
      // Of Chromium itself, where a page asks for a graphics device and there is none.
      /^No available adapters\./,
    ];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await use({
      url: server.url,
      sentBytes: server.sentBytes,
      allow: (pattern) => allowed.push(pattern),
    });
    await page.close();
    await server.close();
    const ours = complaints.filter((text) => !allowed.some((pattern) => pattern.test(text)));
    expect(ours, 'console').toEqual([]);
  },
});

export const status = (page: Page) => page.getByTestId('status');

export async function waitForState(page: Page, ...states: string[]): Promise<void> {
  await expect(status(page)).toHaveAttribute('data-state', new RegExp(`^(${states.join('|')})$`), {
    timeout: 170_000,
  });
}

/** Loads the chosen checkpoints, without asking them. */
export async function loadChosen(page: Page, checkpoints: number): Promise<void> {
  // The address is taken over once there is an image to ask about.
  await expect(page.getByTestId('run')).toBeEnabled();
  await page.getByTestId('load').click();
  await expect(
    page.getByTestId('checkpoint').and(page.locator('[data-state="ready"]')),
  ).toHaveCount(checkpoints, { timeout: 170_000 });
}

/** Counts in the bars, by answer; of one checkpoint where several stand side by side. */
export async function countsOf(page: Page, checkpoint = ''): Promise<Record<string, number>> {
  const all = page.getByTestId('answer-row');
  const rows = await (
    checkpoint === '' ? all : all.and(page.locator(`[data-checkpoint="${checkpoint}"]`))
  ).all();
  const entries = await Promise.all(
    rows.map(async (row): Promise<[string, number]> => [
      (await row.getAttribute('data-answer')) ?? '',
      Number(await row.getAttribute('data-count')),
    ]),
  );
  return Object.fromEntries(entries);
}

export const total = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/** Waits until nothing moves: colours that are changing would be read half-way. */
async function untilStill(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    await frame();
    await frame();
    const ending = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}

/** What axe finds against WCAG 2.2 AA. */
export async function violations(page: Page): Promise<string[]> {
  // A colour may begin to change while axe reads. No style element: the page's policy refuses those.
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('*, *::before, *::after { transition: none !important }');
    document.adoptedStyleSheets = [sheet];
  });
  await untilStill(page);
  const { violations: found } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  await page.evaluate(() => {
    document.adoptedStyleSheets = [];
  });
  return found.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .map(({ target }) => target.join(' '))
        .slice(0, 3)
        .join(' | ')}`,
  );
}

/** Opens the page as a first visitor and waits for the recorded run. */
export async function openHome(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await expect(page.getByTestId('support-verdict')).toContainText('recorded run');
}

/** Opens the page on its first image, with short answers: direct mode. With `run=1` it is running. */
export async function openDirect(page: Page, url: string, extra = ''): Promise<void> {
  await page.goto(
    `${url}#/explore?dataset=bloodmnist&index=12&k=16&t=1&p=1&seed=7&mode=direct&device=wasm${extra}`,
  );
  // With `run=1` the page presses it itself, and it stays disabled until that run has ended.
  if (!extra.includes('run=1')) await expect(page.getByTestId('run')).toBeEnabled();
}

/** Pixels that the page is wider than its window; 0 or less when it fits. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
}
