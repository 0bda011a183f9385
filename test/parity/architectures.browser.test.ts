/**
 * Every architecture gives PyTorch's numbers in the browser: pixels, token ids, logits of the prompt and
 * of three decode steps, one row and four. The checkpoints are tiny and random (recipes/fixtures).
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TransformersEngine } from '../../workers/vlm/transformers-engine.ts';
import {
  ARCHITECTURES,
  architectureFixture,
  errorAlong,
  largest,
  largestDifference,
  loadArchitecture,
  type ArchitectureFixture,
} from '../support/architectures.ts';

import { drawSamples, OPEN_SAMPLER } from '../support/engine.ts';

/** Largest error of a logit, relative to the largest logit. */
const TOLERANCE = 1e-3;
/** Two grey levels before normalisation, which divides by about a quarter to a half. */
const PIXEL_TOLERANCE = 2 / 255 / 0.26;

describe.each(ARCHITECTURES)('%s', (name) => {
  let fixture: ArchitectureFixture;
  let engine: TransformersEngine;
  beforeAll(async () => {
    fixture = await architectureFixture(name);
    ({ engine } = await loadArchitecture(name, 'wasm'));
  });
  afterAll(() => engine.dispose());

  test('token ids and pixels are Python’s', async () => {
    expect(fixture.cases.length).toBeGreaterThan(2);
    for (const { image, promptIds, pixelShape, pixelValues } of fixture.cases) {
      const inputs = await engine.promptInputs(image, fixture.prompt);
      expect(Array.from(inputs['input_ids']?.data as BigInt64Array, Number)).toEqual(promptIds);
      expect(inputs['pixel_values']?.dims).toEqual(pixelShape);
      const pixels = inputs['pixel_values']?.data as Float32Array;
      expect(largestDifference(pixels, pixelValues)).toBeLessThan(PIXEL_TOLERANCE);
    }
  });

  test.each([1, 4])('logits of prompt and three steps, %i in a batch', async (rows) => {
    for (const one of fixture.cases) {
      expect(await errorAlong(engine, fixture.prompt, one, rows)).toBeLessThan(TOLERANCE);
    }
  });

  test('several tokens in one pass are those tokens one by one', async () => {
    for (const { image, stepTokens, steps, prefill } of fixture.cases) {
      const start = await engine.prefill(image, fixture.prompt);
      const extended = await engine.extend(start.cache, stepTokens[0] ?? []);
      const expected = steps.at(-1)?.[0] ?? new Float32Array();
      expect(largestDifference(extended.logits, expected) / largest(prefill)).toBeLessThan(
        TOLERANCE,
      );
    }
  });

  test('eight samples of the tree are those of eight texts alone', async () => {
    const [one] = fixture.cases;
    if (!one) throw new Error('no case');
    const item = { name, image: one.image, userPrompt: fixture.prompt };
    const sampler = { ...OPEN_SAMPLER, k: 8, temperature: 0.5, maxNewTokens: 6 };
    const prefill = await engine.prefill(one.image, fixture.prompt);
    const [tree, alone] = [
      await drawSamples(engine, prefill, item, sampler),
      await drawSamples(engine, prefill, item, sampler, false),
    ];
    expect(tree.samples).toHaveLength(8);
    expect(tree.samples.map(({ tokenIds }) => tokenIds)).toEqual(
      alone.samples.map(({ tokenIds }) => tokenIds),
    );
  });

  test('the logits tell the images apart', () => {
    const [one, other] = fixture.cases;
    if (!one || !other) throw new Error('too few cases');
    expect(largestDifference(one.prefill, other.prefill)).toBeGreaterThan(
      10 * TOLERANCE * largest(one.prefill),
    );
  });
});

test('a four-bit export with weights beside its graphs gives onnxruntime’s numbers', async () => {
  const { prompt, cases } = await architectureFixture('gemma3-q4');
  const { engine } = await loadArchitecture('gemma3-q4', 'wasm', 'q4');
  for (const one of cases) {
    expect(await errorAlong(engine, prompt, one, 4)).toBeLessThan(TOLERANCE);
  }
  await engine.dispose();
});

test.each([
  { name: 'qwen2_5_vl', grey: 90, one: [48, 16], other: [16, 48] },
  // Black, as what is around it on its tiles.
  { name: 'llava_onevision', grey: 0, one: [46, 22], other: [44, 28] },
] as const)('$name: a plain image is not taken for another of the same pixels', async (given) => {
  const { name, grey, one, other } = given;
  const { prompt } = await architectureFixture(name);
  const plain = ([width, height]: readonly [number, number]) => ({
    width,
    height,
    data: new Uint8Array(3 * width * height).fill(grey),
  });
  const [seen, fresh] = [
    await loadArchitecture(name, 'wasm'),
    await loadArchitecture(name, 'wasm'),
  ];
  const before = await seen.engine.promptInputs(plain(one), prompt);
  const now = await seen.engine.promptInputs(plain(other), prompt);
  expect(now['pixel_values']?.data).toEqual(before['pixel_values']?.data);
  await seen.engine.prefill(plain(one), prompt);
  const [after, alone] = [
    await seen.engine.prefill(plain(other), prompt),
    await fresh.engine.prefill(plain(other), prompt),
  ];
  expect(after.logits).toEqual(alone.logits);
  await seen.engine.dispose();
  await fresh.engine.dispose();
});
