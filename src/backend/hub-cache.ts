/** The page's view of what is kept of hubs' checkpoints: the worker fills these caches (workers/vlm/hub-store.ts). */

import { hubCacheKey, hubCacheName, hubPlaceOf, type HubPlace } from '../protocol/hub.ts';
import type { ManifestFile } from '../protocol/manifest.ts';

/** Bytes of those files that are kept already; 0 where the browser keeps nothing. */
export async function keptBytes(place: HubPlace, files: readonly ManifestFile[]): Promise<number> {
  // Without this question an empty cache would be made.
  if (!('caches' in window) || !(await caches.has(hubCacheName(place)))) return 0;
  const cache = await caches.open(hubCacheName(place));
  const kept = new Set((await cache.keys()).map(({ url }) => url));
  return files
    .filter((file) => kept.has(new URL(hubCacheKey(place, file)).href))
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** The commits of which something is kept. */
export async function keptPlaces(): Promise<readonly HubPlace[]> {
  if (!('caches' in window)) return [];
  return (await caches.keys()).flatMap((name) => hubPlaceOf(name) ?? []);
}

/** Deletes all that is kept of a commit. */
export async function discardKept(place: HubPlace): Promise<void> {
  if ('caches' in window) await caches.delete(hubCacheName(place));
}

/** Bytes that this browser would still keep; `null` where it does not say. */
export async function freeBytes(): Promise<number | null> {
  if (!('storage' in navigator)) return null;
  const { quota, usage = 0 } = await navigator.storage.estimate();
  return quota === undefined ? null : Math.max(0, quota - usage);
}
