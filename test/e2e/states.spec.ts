/** axe on every screen in every state: what `npm run screens` photographs, wide and light, narrow and dark. */

import { SIZES, PROJECTOR } from '../../scripts/screens/camera.mjs';
import { STATES } from '../../scripts/screens/states.mjs';
import { expect, LONG, overflow, test, violations } from './app.ts';

/** What a request that does not succeed leaves on the console by itself. */
const EXPECTED = /Failed to load resource|net::ERR_/;
const [narrow] = SIZES;
const wide = SIZES.at(-1);

for (const { screen, title, prepare, present, moves, narrow: open } of STATES) {
  test(`${screen}: ${title}`, LONG, async ({ page, app }) => {
    app.allow(EXPECTED);
    const look = async (size: typeof wide, colorScheme: 'light' | 'dark', where: string) => {
      if (!size) throw new Error('There is no such size.');
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize(size);
      if (where === 'narrow') await open?.(page);
      expect(await violations(page), where).toEqual([]);
      expect(await overflow(page), where).toBeLessThanOrEqual(0);
      if (where === 'narrow' && open) await page.keyboard.press('Escape');
    };
    await page.setViewportSize(wide ?? { width: 1440, height: 900 });
    await prepare(page, app.url);
    await look(wide, 'light', 'wide');
    // What passes by itself is over by now.
    if (!moves) await look(narrow, 'dark', 'narrow');
    if (!present) return;
    await page.setViewportSize(PROJECTOR);
    await prepare(page, `${app.url}?present`);
    await look(PROJECTOR, 'dark', 'present');
  });
}
