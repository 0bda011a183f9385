/**
 * Where complete files of a hub's checkpoint are kept: a browser cache per commit, keyed by file and hash.
 * Pages without a secure context have none; there they are kept in memory for one load.
 */

import { NamedError } from '../../src/protocol/errors.ts';
import { hubCacheKey, hubCacheName, type HubPlace } from '../../src/protocol/hub.ts';
import type { ManifestFile } from '../../src/protocol/manifest.ts';

export interface HubStore {
  /** The file's content, or `undefined` where it is not kept. */
  get(file: ManifestFile): Promise<Response | undefined>;
  /** Keeps a whole, verified file. Throws `StorageFull`. */
  put(file: ManifestFile, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Bytes that may still be kept; `null` where nobody knows. */
  freeBytes(): Promise<number | null>;
}

export async function openHubStore(place: HubPlace): Promise<HubStore> {
  if (!('caches' in self)) return memoryStore();
  const cache = await caches.open(hubCacheName(place));
  const keyOf = (file: ManifestFile): string => hubCacheKey(place, file);
  return {
    get: (file) => cache.match(keyOf(file)),
    put: async (file, bytes) => {
      const headers = { 'content-length': String(bytes.byteLength) };
      try {
        await cache.put(keyOf(file), new Response(bytes, { headers }));
      } catch (thrown) {
        await cache.delete(keyOf(file)).catch(() => false);
        throw storageFull(file.path, thrown);
      }
    },
    freeBytes: async () => {
      const { quota, usage } = await navigator.storage.estimate();
      return quota === undefined ? null : quota - (usage ?? 0);
    },
  };
}

export function memoryStore(): HubStore {
  const kept = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    get: ({ path }) => {
      const bytes = kept.get(path);
      const headers = { 'content-length': String(bytes?.byteLength ?? 0) };
      return Promise.resolve(bytes && new Response(bytes, { headers }));
    },
    put: ({ path }, bytes) => {
      kept.set(path, bytes);
      return Promise.resolve();
    },
    freeBytes: () => Promise.resolve(null),
  };
}

/** Throws `StorageFull` before a download that cannot be kept. */
export async function requireRoom(store: HubStore, missingBytes: number): Promise<void> {
  const freeBytes = await store.freeBytes();
  if (freeBytes === null || missingBytes <= freeBytes) return;
  throw new NamedError(
    'StorageFull',
    `The download needs ${megabytes(missingBytes)} of this browser’s storage, and ${megabytes(freeBytes)} are free. Delete other checkpoints, or choose a smaller data type. Nothing was downloaded.`,
  );
}

const megabytes = (bytes: number): string => `${String(Math.ceil(Math.max(0, bytes) / 1e6))} MB`;

function storageFull(path: string, cause: unknown): NamedError {
  return new NamedError(
    'StorageFull',
    `The browser had no room to keep ${path}. Files that are complete are kept: delete other checkpoints, then load it again.`,
    { cause },
  );
}
