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

  test('the logits tell the images apart', () => {
    const [one, other] = fixture.cases;
    if (!one || !other) throw new Error('too few cases');
    expect(largestDifference(one.prefill, other.prefill)).toBeGreaterThan(
      10 * TOLERANCE * largest(one.prefill),
    );
  });
});
