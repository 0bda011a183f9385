/**
 * The service worker: the page works without network after the first visit. It answers for the files
 * of its own build and for nothing else: no other origin, no other address of this one. A new version
 * waits until the page says so, or until no page is open (docs/decisions/0026-offline.md).
 */

import { clientsClaim } from 'workbox-core/clientsClaim.js';
import type { WorkboxPlugin } from 'workbox-core/types.js';
import { PrecacheController } from 'workbox-precaching/PrecacheController.js';
import { PrecacheRoute } from 'workbox-precaching/PrecacheRoute.js';
import { registerRoute } from 'workbox-routing/registerRoute.js';
import { TAKE_OVER } from '../src/protocol/offline.ts';
import { AtUseCache } from './offline/at-use-cache.ts';
import { withIsolation } from './offline/isolation.ts';
import { binaryFile, keptAhead, keptAtUse, type BuildFile } from './offline/kept-files.ts';
import { binaryFor, hasAdapter } from './vlm/runtime-binary.ts';

/** Every file of the build, put in by scripts/offline.mjs. */
declare const __BUILD_FILES__: readonly BuildFile[];
declare const self: ServiceWorkerGlobalScope;
/** Once in the script: what is put in is put in wherever it is named. */
const files = __BUILD_FILES__;

const isolated: WorkboxPlugin = {
  handlerWillRespond: ({ response }) => Promise.resolve(withIsolation(response)),
};

const ahead = new PrecacheController({ plugins: [isolated] });
ahead.precache([...keptAhead(files)]);
registerRoute(
  // `?present` and its like say nothing about which file is asked for.
  new PrecacheRoute(ahead, { ignoreURLParametersMatching: [/./], cleanURLs: false }),
);

const atUse = new AtUseCache(
  `supportlens-at-use-${self.registration.scope}`,
  keptAtUse(files),
  self.location.href,
  [isolated],
);
registerRoute(({ url, sameOrigin }) => sameOrigin && atUse.has(url.href), atUse.strategy);

async function keepRuntime(event: ExtendableEvent): Promise<void> {
  const name = binaryFor(await hasAdapter());
  await atUse.keep(binaryFile(files, name), event);
}

self.addEventListener('install', (event) => {
  event.waitUntil(keepRuntime(event));
});
self.addEventListener('activate', (event) => {
  event.waitUntil(atUse.clean());
});
self.addEventListener('message', ({ data }) => {
  if (data === TAKE_OVER) void self.skipWaiting();
});
// The first visit's page too: what it uses from then on is kept.
clientsClaim();
