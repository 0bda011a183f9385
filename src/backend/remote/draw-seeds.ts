/** Seeds for requests, so that a draw is a function of run seed, item and index wherever a server lets it be. */

/** FNV-1a. */
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;
/** Room above for an index, below 2³¹, which every server takes. */
const BITS = 0x3fffffff;

/**
 * Seed of one draw. Draws of an item have neighbouring seeds: vLLM gives the answers of one request the
 * seeds from the request's own upwards, so that draw i is the same alone and among others.
 */
export function drawSeed(runSeed: number, itemId: string, index: number): number {
  let hash = OFFSET;
  for (const byte of new TextEncoder().encode(`${String(runSeed)} ${itemId}`)) {
    hash = Math.imul(hash ^ byte, PRIME);
  }
  return (hash & BITS) + index;
}
