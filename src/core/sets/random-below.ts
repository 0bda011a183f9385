/** Random places for resamples and shufflings, of which there are tens of millions. */
import type { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export type RandomGenerator = ReturnType<typeof xoroshiro128plus>;

const RANGE = 2 ** 32;

/**
 * A whole number from 0 to `size` − 1. Of 2³² equally likely draws some numbers get one more than
 * others: for a million items that is 1 in 4,000. `uniformInt` draws again instead, and divides with
 * remainder outside of 32 bits: four times as slow.
 */
export function randomBelow(size: number, generator: RandomGenerator): number {
  return Math.floor(((generator.next() >>> 0) / RANGE) * size);
}
