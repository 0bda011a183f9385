/**
 * Lessons of the page's own site that were opened in this browser, for a hall without network. The page
 * keeps them itself: a first visit opens its lesson before there is a service worker.
 */

/** More than a course has; each has at most 1 MB. */
const MOST_KEPT = 50;

/** Ends in what the page's other caches end in, so that all of them can be taken away together. */
const cacheName = (): string => `supportlens-lessons-${new URL('./', document.baseURI).href}`;

/** Keeps the text of an address for the next time without network; where it cannot, nothing happens. */
export async function keepLesson(url: URL, text: string): Promise<void> {
  await inCache(async (cache) => {
    // At the end, as the newest.
    await cache.delete(url);
    await cache.put(url, new Response(text, { headers: { 'Content-Type': 'application/json' } }));
    const old = (await cache.keys()).slice(0, -MOST_KEPT);
    await Promise.all(old.map((request) => cache.delete(request)));
  });
}

/** The text when it was last opened; `null` where it never was. */
export const keptLesson = (url: URL): Promise<string | null> =>
  inCache(async (cache) => (await (await cache.match(url))?.text()) ?? null);

/** Plain http has no caches, and a private window may refuse one. */
async function inCache<T>(work: (cache: Cache) => Promise<T>): Promise<T | null> {
  if (!('caches' in globalThis)) return null;
  try {
    return await work(await caches.open(cacheName()));
  } catch {
    return null;
  }
}
