/**
 * The tree gives the same K answers as decoding every sample on a row of its own, with the real
 * checkpoint. Batch sizes round differently, so a difference is allowed only where a draw lay within
 * 1e-5 of another outcome; that sample is compared no further, and at most 2 % may need it.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SamplerSettings } from '../../src/core/types.ts';
import type { Loaded } from '../../workers/vlm/load.ts';
import { EMPTY_PREFIX, PrefixDecoder } from '../../workers/vlm/prefix-text.ts';
import { philox } from '../../workers/vlm/random.ts';
import { drawSamples, loadTinySft, OPEN_SAMPLER } from '../support/engine.ts';
import { storedItems } from '../support/fixtures.ts';
import { excused } from '../support/same-samples.ts';

const ROUNDING = 1e-5;
const ALLOWED_SHARE = 0.02;
const REPEATS = Number(import.meta.env['VITE_TREE_CASES'] ?? 20);

let loaded: Loaded;
beforeAll(async () => {
  loaded = await loadTinySft();
});
afterAll(() => loaded.engine.dispose());

const pick = <T>(values: readonly T[], word: number): T => values[word % values.length] as T;

/** Case number → a random item, seed, K, temperature and top-p. */
function randomCase(number: number) {
  const [a, b, c, d] = philox([number, 1, 0, 0], [20261123, 0]);
  const [e] = philox([number, 2, 0, 0], [20261123, 0]);
  const sampler: SamplerSettings = {
    ...OPEN_SAMPLER,
    seed: b,
    k: pick([4, 8, 16, 24], c),
    temperature: pick([0.5, 0.7, 1, 1.3], d),
    topP: pick([1, 0.95, 0.9], e),
  };
  return { item: pick(storedItems, a), sampler };
}

test(
  `tree on equals tree off in ${String(REPEATS)} random cases`,
  { timeout: 900_000 },
  async () => {
    let samples = 0;
    let excuses = 0;
    let rowsOn = 0;
    let rowsOff = 0;
    for (let number = 0; number < REPEATS; number += 1) {
      const { item, sampler } = randomCase(number);
      const prefill = await loaded.engine.prefill(item.image, item.userPrompt);
      const on = await drawSamples(loaded.engine, prefill, item, sampler, true);
      const off = await drawSamples(loaded.engine, prefill, item, sampler, false);
      expect(on.samples).toHaveLength(sampler.k);
      excuses += excused(on, off, ROUNDING, `case ${String(number)}`);
      samples += sampler.k;
      rowsOn += on.cost.rows;
      rowsOff += off.cost.rows;
    }
    console.info(
      `tree: ${String(samples)} samples, ${String(excuses)} within rounding, rows ${String(rowsOn)} instead of ${String(rowsOff)}`,
    );
    expect(excuses / samples).toBeLessThanOrEqual(ALLOWED_SHARE);
    expect(rowsOn).toBeLessThan(rowsOff);
  },
);

test('text grown token by token equals the tokenizer’s text of the whole', () => {
  const { engine } = loaded;
  expect(engine.decodesBytes).toBe(true);
  const decoder = new PrefixDecoder(engine);
  for (let run = 0; run < 200; run += 1) {
    const ids: number[] = [];
    let prefix = EMPTY_PREFIX;
    for (let t = 0; t < 20; t += 1) {
      // Every second token is one of the 256 single bytes, so that characters are cut.
      const [word] = philox([run, t, 0, 0], [1, 0]);
      ids.push(word % (t % 2 === 0 ? 256 : engine.vocabSize));
      prefix = decoder.extend(prefix, ids.at(-1) ?? 0);
      expect(prefix.text, ids.join(' ')).toBe(engine.decode(ids).replace(/\uFFFD+$/, ''));
    }
  }
});

test('K = 16 is the beginning of K = 64', async () => {
  let excuses = 0;
  for (const item of storedItems.slice(0, 4)) {
    const prefill = await loaded.engine.prefill(item.image, item.userPrompt);
    const few = await drawSamples(loaded.engine, prefill, item, { ...OPEN_SAMPLER, k: 16 });
    const many = await drawSamples(loaded.engine, prefill, item, { ...OPEN_SAMPLER, k: 64 });
    const first = { ...many, samples: many.samples.slice(0, 16) };
    excuses += excused(first, few, ROUNDING, item.name);
  }
  expect(excuses / 64).toBeLessThanOrEqual(ALLOWED_SHARE);
});
