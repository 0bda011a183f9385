/** `?present`: the page for a projector, without controls, enlarged, over the whole width. */

import { expect, openHome, test, violations, waitForState } from './app.ts';

/** What is measured: the type of words, and marks of the charts that do not follow the width. */
const SIZED = {
  headline: '[data-testid="support-verdict"] h2',
  figures: '[data-testid="support-verdict"] td',
  river: '[data-testid="answer-river"] .ring',
  bars: '[data-testid="answer-row"] .hit',
  curve: '[data-testid="pass-at-k"] .marker',
} as const;

/** A projector's picture is as large whatever its pixels are: words grow with the window. */
for (const [width, height, colorScheme, zoom] of [
  [1920, 1080, 'light', 1.5],
  [1280, 720, 'dark', 1],
] as const) {
  const size = `${String(width)} × ${String(height)}`;
  test(`all in one window and without controls at ${size}, ${colorScheme}`, async ({
    page,
    app,
  }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height });
    /** px as drawn; of words the size of the type, as they may take another number of lines. */
    const heights = () =>
      page.evaluate((selectors) => {
        const heightOf = (selector: string): number => {
          const element = document.querySelector(selector);
          if (!element) throw new Error(`There is no ${selector}.`);
          return element instanceof SVGElement
            ? element.getBoundingClientRect().height
            : parseFloat(getComputedStyle(element).fontSize);
        };
        return Object.entries(selectors).map(([name, selector]) => [name, heightOf(selector)]);
      }, SIZED);
    const openAndMeasure = async (address: string): Promise<Record<string, number>> => {
      await openHome(page, address);
      await expect(page.getByTestId('sample-row').first()).toBeAttached();
      return Object.fromEntries(await heights()) as Record<string, number>;
    };

    const usual = await openAndMeasure(app.url);
    await expect(page.getByTestId('run')).toBeVisible();
    await page.goto('about:blank');
    await page.goto(`${app.url}?present`);
    await expect(page.getByTestId('presentation')).toBeVisible();
    await expect(page.getByTestId('answer-row').first()).toBeVisible();
    await expect(page.getByTestId('sample-row').first()).toBeAttached();
    const large = Object.fromEntries(await heights()) as Record<string, number>;
    for (const [name, usualHeight] of Object.entries(usual)) {
      const isChart = ['river', 'bars', 'curve'].includes(name);
      expect((large[name] ?? 0) / usualHeight, name).toBeCloseTo(zoom * (isChart ? 1.15 : 1), 1);
    }
    for (const part of ['answer-river', 'answer-bars', 'image-panel']) {
      const box = await page.getByTestId(part).boundingBox();
      expect((box?.y ?? 0) + (box?.height ?? Infinity), part).toBeLessThanOrEqual(height);
    }
    const figures = await page.locator('[data-testid="support-verdict"] table').boundingBox();
    expect((figures?.y ?? 0) + (figures?.height ?? Infinity)).toBeLessThanOrEqual(height);

    for (const control of [
      ...['run', 'gallery-item', 'checkpoint', 'export-jsonl', 'lesson-card', 'save-chart'],
    ]) {
      await expect(page.getByTestId(control), control).toHaveCount(0);
    }
    await expect(page.getByTestId('image-panel')).toBeVisible();
    const outside = await page.evaluate(() => {
      const { clientWidth, scrollWidth } = document.documentElement;
      const words = [...document.querySelectorAll('main svg text')].filter(
        (text) => text.getBoundingClientRect().right > clientWidth,
      );
      return { overflow: scrollWidth - clientWidth, words: words.map((text) => text.textContent) };
    });
    expect(outside).toEqual({ overflow: 0, words: [] });
    expect(await violations(page)).toEqual([]);
  });
}

test('a step with its result leaves no hole when it is presented, and keys stay in the lesson', async ({
  page,
  app,
}) => {
  await openHome(page, app.url);
  await page.getByTestId('lesson-example').last().click();
  await waitForState(page, 'done');
  await page.getByTestId('present').click();
  const top = async (part: string) => (await page.getByTestId(part).boundingBox())?.y ?? Infinity;
  await expect.poll(() => top('answer-river')).toBeLessThan(450);
  expect(await top('answer-bars')).toBeLessThan(450);
  // The last step: the same keys would scroll.
  for (const key of ['PageDown', ' ', 'ArrowRight']) await page.keyboard.press(key);
  expect(await page.evaluate(() => window.scrollY)).toBe(0);
  await expect(page.getByTestId('lesson-step')).toContainText('Step 4 of 4');

  // Opened again, a step stands there without its answers: the first press lets them come.
  await page.reload();
  await expect(page.getByTestId('lesson-step')).toContainText('Step 4 of 4');
  await expect(page.getByTestId('empty-result')).toBeVisible();
  await page.keyboard.press('PageDown');
  await expect(page.getByTestId('answer-row').first()).toBeVisible({ timeout: 60_000 });
});
