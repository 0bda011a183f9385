/** One forward pass over chosen rows of a cache: for everything that walks the tree of prefixes. */

import type { KvCache, Step, VlmEngine } from './engine.ts';

/**
 * Appends `tokenIds[i]` to row `rows[i]` of `cache`, which stays valid. Rows are gathered only when
 * they are not the cache's own, in its order; what was gathered is released.
 */
export async function stepRows(
  engine: VlmEngine,
  cache: KvCache,
  rows: readonly number[],
  tokenIds: readonly number[],
): Promise<Step> {
  const moved = rows.length !== cache.rows || rows.some((row, position) => row !== position);
  const gathered = moved ? await engine.gather(cache, rows) : cache;
  try {
    return await engine.step(gathered, tokenIds);
  } finally {
    if (moved) engine.release(gathered);
  }
}
