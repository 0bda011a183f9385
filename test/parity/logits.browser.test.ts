/** The browser's logits equal PyTorch's at every answer position of 20 stored items. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Loaded } from '../../workers/vlm/load.ts';
import type { VlmEngine } from '../../workers/vlm/engine.ts';
import { drawSamples, loadTinySft, OPEN_SAMPLER } from '../support/engine.ts';
import { storedItems, type StoredItem } from '../support/fixtures.ts';

/** Feeds the stored completion token by token; logits at each stored position. */
async function logitsAlong(engine: VlmEngine, item: StoredItem): Promise<Float32Array[]> {
  const prefill = await engine.prefill(item.image, item.userPrompt);
  const start = item.promptIds.length - 1;
  const last = item.positions.at(-1) ?? start;
  const found = item.positions.includes(start) ? [prefill.logits] : [];
  let { cache } = prefill;
  for (let position = start + 1; position <= last; position += 1) {
    const step = await engine.step(cache, [item.completionIds[position - start - 1] ?? 0]);
    engine.release(cache);
    cache = step.cache;
    if (item.positions.includes(position)) found.push(step.logits);
  }
  engine.release(cache);
  return found;
}

describe('fp32', () => {
  let loaded: Loaded;
  beforeAll(async () => {
    loaded = await loadTinySft('fp32');
  });
  afterAll(() => loaded.engine.dispose());

  test.each(storedItems)('$name within 1e-3', async (item) => {
    const logits = await logitsAlong(loaded.engine, item);
    expect(logits).toHaveLength(item.logits.length);
    let largest = 0;
    logits.forEach((row, at) => {
      row.forEach((value, id) => {
        largest = Math.max(largest, Math.abs(value - (item.logits[at]?.[id] ?? NaN)));
      });
    });
    expect(largest).toBeLessThan(1e-3);
  });
});

test('the quantized checkpoint agrees with PyTorch on the greedy answer of 19 of 20 items', async () => {
  const { engine } = await loadTinySft();
  let agreeing = 0;
  for (const item of storedItems) {
    const prefill = await engine.prefill(item.image, item.userPrompt);
    const sampler = { ...OPEN_SAMPLER, k: 1, temperature: 0 };
    const { samples } = await drawSamples(engine, prefill, item, sampler);
    const answerOf = (text: string): string =>
      text.split('<answer>')[1]?.split('</answer>')[0] ?? '';
    const answer = answerOf(samples[0]?.text ?? '');
    if (answer !== '' && answer === answerOf(item.completionText)) agreeing += 1;
  }
  await engine.dispose();
  console.info(
    `quantized: greedy answer agrees on ${String(agreeing)} of ${String(storedItems.length)}`,
  );
  expect(agreeing).toBeGreaterThanOrEqual(19);
});
