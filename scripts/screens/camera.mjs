/** One state at one width in one scheme, as a WebP picture. */

/** Taller than this a picture of a whole page is cut: WebP ends at 16,383 px. */
const MOST_PX = 16_000;
const QUALITY = 60;

export const SCHEMES = ['light', 'dark'];
/** Viewports in px; a phone's picture shows the whole page. */
export const SIZES = [
  { name: '390', width: 390, height: 844, wholePage: true },
  { name: '1024', width: 1024, height: 768, wholePage: false },
  { name: '1440', width: 1440, height: 900, wholePage: false },
];
export const PROJECTOR = { name: '1920-present', width: 1920, height: 1080, wholePage: false };

/** Waits for fonts, two frames and whatever still moves and has an end. */
async function untilStill(page) {
  await page.evaluate(async () => {
    await document.fonts.ready;
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    await frame();
    await frame();
    const ending = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    await Promise.race([
      Promise.allSettled(ending.map(({ finished }) => finished)),
      new Promise((done) => setTimeout(done, 1000)),
    ]);
  });
}

/** Sets the window up. */
export async function pose(page, { width, height }, scheme) {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  await page.setViewportSize({ width, height });
}

/**
 * @returns {Promise<{bytes: Buffer, overflowPx: number}>} `overflowPx`: by how much the page is wider than its
 *   window
 */
export async function shoot(page, { width, height, wholePage }) {
  await untilStill(page);
  const [scrollWidth, scrollHeight] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.scrollHeight,
  ]);
  if (wholePage) {
    // What is not in the window may be left undrawn (content-visibility).
    await page.setViewportSize({
      width,
      height: Math.min(MOST_PX, Math.max(height, scrollHeight)),
    });
    await untilStill(page);
  }
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', {
    format: 'webp',
    quality: QUALITY,
  });
  await session.detach();
  if (wholePage) await page.setViewportSize({ width, height });
  return { bytes: Buffer.from(data, 'base64'), overflowPx: scrollWidth - width };
}
