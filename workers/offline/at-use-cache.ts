/** Files that are kept when they are first asked for, each under its revision, and only those of this build. */

import type { WorkboxPlugin } from 'workbox-core/types.js';
import { CacheFirst } from 'workbox-strategies/CacheFirst.js';
import type { BuildFile } from './kept-files.ts';

export class AtUseCache {
  /** Address of a file by the address that is asked for, both absolute. */
  private readonly keys: ReadonlyMap<string, string>;
  readonly strategy: CacheFirst;

  /** @param base what the files' addresses are relative to */
  constructor(
    private readonly name: string,
    files: readonly BuildFile[],
    private readonly base: string,
    plugins: readonly WorkboxPlugin[],
  ) {
    this.keys = new Map(
      files.map(({ url, revision }) => {
        const { href } = new URL(url, base);
        return [href, revision === null ? href : `${href}?revision=${revision}`];
      }),
    );
    const byRevision: WorkboxPlugin = {
      cacheKeyWillBeUsed: ({ request }) => Promise.resolve(this.keyOf(request.url) ?? request),
    };
    this.strategy = new CacheFirst({ cacheName: name, plugins: [byRevision, ...plugins] });
  }

  has(address: string): boolean {
    return this.keyOf(address) !== undefined;
  }

  /** Fetches a file, where it is not kept yet. @throws when it cannot be had */
  async keep({ url }: BuildFile, event: ExtendableEvent): Promise<void> {
    const request = new Request(new URL(url, this.base));
    const [response, stored] = this.strategy.handleAll({ event, request });
    const { ok, status } = await response;
    if (!ok) throw new Error(`${url}: the host answers ${String(status)}.`);
    await stored;
  }

  /** Deletes what other builds left. */
  async clean(): Promise<void> {
    const cache = await caches.open(this.name);
    const current = new Set(this.keys.values());
    const old = (await cache.keys()).filter(({ url }) => !current.has(url));
    await Promise.all(old.map((request) => cache.delete(request)));
  }

  private keyOf(address: string): string | undefined {
    const url = new URL(address);
    return this.keys.get(`${url.origin}${url.pathname}`);
  }
}
