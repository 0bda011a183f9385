/** WCAG checks by axe in every state, in both themes and at phone width. */

import type { Page } from '@playwright/test';
import {
  DOCUMENTED,
  expect,
  LONG,
  longUnless,
  openDirect,
  openHome,
  overflow,
  test,
  violations,
  waitForState,
} from './app.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1440, 1024, 390]) {
    const isInEveryRun = (colorScheme === 'dark') === (width === 390);
    const details = longUnless(isInEveryRun);
    test(`${colorScheme} at ${String(width)} px`, details, async ({ page, app }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      await openDirect(page, app.url);
      expect(await violations(page)).toEqual([]);
      await page.getByTestId('run').click();
      await waitForState(page, 'done');
      expect(await violations(page)).toEqual([]);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
    });
  }
}

const SCREENS = ['explore', 'evaluate', 'compare', 'recipe', 'probe', 'models'] as const;

async function openScreen(page: Page, url: string, screen: string): Promise<void> {
  await page.goto(`${url}#/${screen}`);
  await expect(page.getByTestId('nav').locator('[aria-current]')).toHaveAttribute(
    'data-screen',
    screen,
  );
  await expect(page.locator('main h2').first()).toBeVisible();
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every screen as it is found, ${colorScheme}`, LONG, async ({ page, app }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const screen of SCREENS) {
      await openScreen(page, app.url, screen);
      expect(await violations(page), screen).toEqual([]);
    }
  });

  test(
    `running, stopped, as tables, with the list of keys, ${colorScheme}`,
    LONG,
    async ({ page, app }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await openHome(page, app.url);
      await expect(page.getByTestId('chart-as-table')).toHaveCount(3);
      for (const toggle of await page.getByTestId('chart-as-table').all()) await toggle.click();
      await expect(page.getByTestId('chart-table')).toHaveCount(3);
      await page.keyboard.press('?');
      await expect(page.getByTestId('shortcuts')).toBeVisible();
      expect(await violations(page), 'tables and keys').toEqual([]);
      await page.keyboard.press('Escape');
      await page.goto(`${app.url}${DOCUMENTED.replace('k=16', 'k=1024').replace('&run=1', '')}`);
      await expect(page.getByTestId('run')).toBeEnabled();
      await page.getByTestId('run').click();
      await waitForState(page, 'running');
      expect(await violations(page), 'running').toEqual([]);
      await page.keyboard.press('Escape');
      await waitForState(page, 'stopped', 'done');
      expect(await violations(page), 'stopped').toEqual([]);
    },
  );
}

// 360 px is a phone, and a window of 720 px at 200 %; 640 x 400 is a laptop's at 200 %.
for (const [width, height] of [
  [360, 640],
  [640, 400],
  [320, 640],
] as const) {
  const details = longUnless(width === 360);
  test(`every screen fits into ${String(width)} px`, details, async ({ page, app }) => {
    await page.setViewportSize({ width, height });
    await openHome(page, app.url);
    expect(await overflow(page), 'with a run').toBeLessThanOrEqual(0);
    for (const screen of SCREENS) {
      await openScreen(page, app.url, screen);
      expect(await overflow(page), screen).toBeLessThanOrEqual(0);
    }
  });
}

test('forced colours keep apart what fill and hatch tell, and words from their ground', async ({
  page,
  app,
}) => {
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  await openHome(page, app.url);
  // The river is loaded after the bars, with the other drawings further down.
  await page.locator('.river .filled').first().waitFor();
  const colours = await page.evaluate(() => {
    const of = (selector: string, property: 'fill' | 'backgroundColor' | 'color') => {
      const element = document.querySelector(selector);
      if (!element) throw new Error(`There is no ${selector}.`);
      return getComputedStyle(element)[property];
    };
    return {
      river: [of('.river .filled', 'fill'), of('.river .tinted', 'fill')],
      row: [of('[data-testid="answer-row"] .hit', 'fill'), of('.chart-drawing .label', 'fill')],
      run: [of('[data-testid="run"]', 'backgroundColor'), of('[data-testid="run"]', 'color')],
    };
  });
  for (const [name, [one, other]] of Object.entries(colours)) expect(one, name).not.toBe(other);
});
