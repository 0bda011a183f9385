/** What Chromium's performance timeline tells of a page: paints, interactions, layout shifts. */

const VIEWPORT = { width: 1440, height: 900 };

/** Runs in the page before anything of it; `window.watched` is filled as entries come. */
function watch() {
  const watched = { paints: {}, events: [], shifts: [] };
  Object.assign(window, { watched });
  const observe = (type, take, options = {}) => {
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({
      type,
      buffered: true,
      ...options,
    });
  };
  const nameOf = (node) => {
    const element = node instanceof Element ? node : node?.parentElement;
    if (!element) return 'something that is gone';
    const handle = element.closest('[data-testid]')?.getAttribute('data-testid');
    return `${element.localName}${element.classList.length > 0 ? `.${element.classList[0]}` : ''}${handle ? ` in ${handle}` : ''}`;
  };
  observe('paint', ({ name, startTime }) => (watched.paints[name] = startTime));
  observe('largest-contentful-paint', ({ startTime }) => {
    watched.paints['largest-contentful-paint'] = startTime;
  });
  // 16 ms is the least that Chromium reports; shorter ones are not told.
  observe(
    'event',
    ({ name, duration, startTime }) => watched.events.push({ name, duration, startTime }),
    { durationThreshold: 16 },
  );
  observe('layout-shift', ({ value, hadRecentInput, startTime, sources }) => {
    const nodes = sources.map(({ node }) => nameOf(node)).join(', ');
    watched.shifts.push({ value, hadRecentInput, startTime, nodes });
  });
}

/** A page in a context that has seen nothing, watched from its beginning. */
export async function openWatched(browser) {
  const context = await browser.newContext({ viewport: VIEWPORT, serviceWorkers: 'block' });
  const page = await context.newPage();
  await page.addInitScript(watch);
  return page;
}

/** Two frames and a little, so that entries have been told. */
const settle = (page) =>
  page.evaluate(
    () =>
      new Promise((done) => {
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100)));
      }),
  );

/** All that was watched so far. */
export async function watchedOf(page) {
  await settle(page);
  return page.evaluate(() => window.watched);
}

/** Time of the page's clock. */
export const nowOf = (page) => page.evaluate(() => performance.now());

/**
 * Longest event that `act` led to, ms, from its input to the next picture; what is shorter than the 16 ms
 * that Chromium reports is 16.
 */
export async function interactionMs(page, names, act) {
  const from = await nowOf(page);
  await act();
  const { events } = await watchedOf(page);
  const own = events.filter(({ name, startTime }) => startTime >= from && names.includes(name));
  return Math.max(16, ...own.map(({ duration }) => duration));
}

/** Sum of the shifts from a moment on, those that follow an input within half a second included. */
export function shiftSum({ shifts }, from = 0) {
  return shifts
    .filter(({ startTime }) => startTime >= from)
    .reduce((sum, { value }) => sum + value, 0);
}

/**
 * Cumulative layout shift as browsers report it: the worst window of at most five seconds without a second's
 * rest, without what follows an input within half a second.
 */
export function cumulativeShift({ shifts }, from = 0) {
  let worst = 0;
  let window = { from: -Infinity, last: -Infinity, sum: 0 };
  for (const { startTime, value, hadRecentInput } of shifts) {
    if (startTime < from || hadRecentInput) continue;
    const goesOn = startTime - window.last < 1000 && startTime - window.from < 5000;
    window = goesOn
      ? { ...window, last: startTime, sum: window.sum + value }
      : { from: startTime, last: startTime, sum: value };
    worst = Math.max(worst, window.sum);
  }
  return worst;
}

/** Those worth a look, for whoever wants to know what moved. */
export function shiftsOf({ shifts }, during, from = 0) {
  return shifts
    .filter(({ startTime, value }) => startTime >= from && value >= 0.0005)
    .map(({ value, nodes }) => ({ during, value, nodes }));
}
