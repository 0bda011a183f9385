/** WCAG checks by axe in every state, in both themes and at phone width. */

import { expect, longUnless, openDirect, overflow, test, violations, waitForState } from './app.ts';

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
