/** `?present`: the page for a projector, without controls, enlarged, over the whole width. */

import { expect, openHome, test, violations } from './app.ts';

/** What is measured: the type of words, and marks of the charts that do not follow the width. */
const SIZED = {
  headline: '[data-testid="support-verdict"] h2',
  figures: '[data-testid="support-verdict"] td',
  river: '[data-testid="answer-river"] .ring',
  bars: '[data-testid="answer-row"] .hit',
  curve: '[data-testid="pass-at-k"] .marker',
} as const;

for (const [width, colorScheme] of [
  [1440, 'light'],
  [1024, 'dark'],
] as const) {
  test(`larger and without controls at ${String(width)} px, ${colorScheme}`, async ({
    page,
    app,
  }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
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
      await expect(page.getByTestId('sample-row').first()).toBeVisible();
      return Object.fromEntries(await heights()) as Record<string, number>;
    };

    const usual = await openAndMeasure(app.url);
    await expect(page.getByTestId('run')).toBeVisible();
    const large = await openAndMeasure(`${app.url}?present`);
    for (const [name, height] of Object.entries(usual)) {
      expect((large[name] ?? 0) / height, name).toBeCloseTo(1.5, 1);
    }

    for (const control of [
      ...['run', 'gallery-item', 'checkpoint', 'export-jsonl', 'lesson-card', 'save-chart'],
    ]) {
      await expect(page.getByTestId(control), control).toHaveCount(0);
    }
    await expect(page.getByTestId('image-panel')).toBeVisible();
    const river = await page.getByTestId('answer-river').boundingBox();
    expect(river?.width).toBeGreaterThan(width * 0.94);

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
