/** A first visit: its paints, its shifts, and the bytes of what comes before anything is chosen. */
import { cumulativeShift, openWatched, shiftsOf, shiftSum, watchedOf } from './watch.mjs';

/** How long the page is left alone after the recorded run is there. */
const QUIET_MS = 3000;

/** Bytes over the wire, by what index.html itself asks for. */
async function initialBytes(page, paths) {
  const initial = await page.evaluate(() => {
    const of = (selector, attribute) =>
      [...document.querySelectorAll(selector)].map(
        (one) => new URL(one.getAttribute(attribute), document.baseURI).pathname,
      );
    return {
      scripts: [...of('script[src]', 'src'), ...of('link[rel=modulepreload]', 'href')],
      styles: of('link[rel=stylesheet]', 'href'),
    };
  });
  const sum = (names) =>
    [...new Set(names)].reduce((bytes, name) => bytes + (paths.get(name) ?? 0), 0);
  return { firstScriptBytes: sum(initial.scripts), firstStyleBytes: sum(initial.styles) };
}

export async function measureVisit(browser, url) {
  const page = await openWatched(browser);
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const names = new Map();
  const paths = new Map();
  session.on('Network.responseReceived', ({ requestId, response }) => {
    names.set(requestId, new URL(response.url).pathname);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const name = names.get(requestId);
    if (name !== undefined) paths.set(name, encodedDataLength);
  });
  await page.goto(url);
  await page.getByTestId('support-verdict').getByText('recorded run').first().waitFor();
  // Chunks that Vite preloads for later imports are in the head only from then on.
  const bytes = await initialBytes(page, paths);
  await page.waitForTimeout(QUIET_MS);
  const watched = await watchedOf(page);
  await page.context().close();
  return {
    firstPaintMs: watched.paints['first-paint'] ?? null,
    firstContentfulPaintMs: watched.paints['first-contentful-paint'] ?? null,
    largestContentfulPaintMs: watched.paints['largest-contentful-paint'] ?? null,
    visitCls: cumulativeShift(watched),
    visitShift: shiftSum(watched),
    ...bytes,
    shifts: shiftsOf(watched, 'first visit'),
  };
}
