/** Several tokens in one forward pass after a cache give what they give one by one. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Loaded } from '../../workers/vlm/load.ts';
import { loadTinySft } from '../support/engine.ts';
import { storedItems, type StoredItem } from '../support/fixtures.ts';

const TOLERANCE = 1e-4;

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a).toHaveLength(b.length);
  return a.reduce((largest, value, at) => Math.max(largest, Math.abs(value - (b[at] ?? NaN))), 0);
}

/** One item of every shape of prompt and completion. */
const items: readonly StoredItem[] = storedItems.filter((_, at) => at % 4 === 1);

let loaded: Loaded;
beforeAll(async () => {
  loaded = await loadTinySft();
});
afterAll(() => loaded.engine.dispose());

test.each(items)('$name within 1e-4', async ({ image, userPrompt, completionIds }) => {
  const { engine } = loaded;
  const prefill = await engine.prefill(image, userPrompt);
  const [ahead, after] = [completionIds.slice(0, -1), completionIds.at(-1) ?? 0];
  const extended = await engine.extend(prefill.cache, ahead);
  let stepped = { ...prefill };
  for (const tokenId of ahead) {
    const next = await engine.step(stepped.cache, [tokenId]);
    if (stepped.cache !== prefill.cache) engine.release(stepped.cache);
    stepped = next;
  }
  expect(largestDifference(extended.logits, stepped.logits)).toBeLessThan(TOLERANCE);
  expect(extended.cache.length).toBe(stepped.cache.length);
  expect(extended.cache.sizeBytes).toBe(stepped.cache.sizeBytes);
  // The cache goes on as well as the other one.
  const [fromExtended, fromStepped] = [
    await engine.step(extended.cache, [after]),
    await engine.step(stepped.cache, [after]),
  ];
  expect(largestDifference(fromExtended.logits, fromStepped.logits)).toBeLessThan(TOLERANCE);
  for (const cache of [prefill, extended, stepped, fromExtended, fromStepped].map((s) => s.cache)) {
    engine.release(cache);
  }
});

test('a text keeps its tokens where it was written with the usual ones', () => {
  const { engine } = loaded;
  for (const { completionText } of storedItems) {
    expect(engine.decode(engine.encode(completionText))).toBe(completionText);
  }
  const [item] = storedItems;
  expect(engine.encode(item?.completionText ?? '')).toEqual(item?.completionIds);
});

test('only one row is extended', async () => {
  const { engine } = loaded;
  const [item] = storedItems;
  if (!item) throw new Error('There is no stored item.');
  const { cache } = await engine.prefill(item.image, item.userPrompt);
  const two = await engine.gather(cache, [0, 0]);
  await expect(engine.extend(two, [1, 2])).rejects.toThrow(/one row/);
  for (const own of [cache, two]) engine.release(own);
});
