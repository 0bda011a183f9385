/**
 * Every architecture gives PyTorch's numbers in the browser: pixels, token ids, logits of the prompt and
 * of three decode steps, one row and four. The checkpoints are tiny and random (recipes/fixtures).
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TransformersEngine } from '../../workers/vlm/transformers-engine.ts';
import {
  architectureFixture,
  loadArchitecture,
  type ArchitectureCase,
  type ArchitectureFixture,
} from '../support/architectures.ts';

/** Largest error of a logit, relative to the largest logit. */
const TOLERANCE = 1e-3;
/** Two grey levels before normalisation, which divides by about a quarter to a half. */
const PIXEL_TOLERANCE = 2 / 255 / 0.26;

const ARCHITECTURES = ['idefics3', 'smolvlm', 'gemma3', 'qwen2_vl', 'qwen2_5_vl'];

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a).toHaveLength(b.length);
  return a.reduce((most, value, at) => Math.max(most, Math.abs(value - (b[at] ?? NaN))), 0);
}

/** The largest error of a case along its tokens, all rows in one batch, relative to its largest logit. */
async function errorAlong(
  engine: TransformersEngine,
  prompt: string,
  { image, prefill, stepTokens, steps }: ArchitectureCase,
  rows: number,
): Promise<number> {
  const scale = Math.max(largest(prefill), ...steps.flat().map(largest));
  const start = await engine.prefill(image, prompt);
  let worst = largestDifference(start.logits, prefill);
  let cache = await engine.gather(start.cache, new Array<number>(rows).fill(0));
  for (const [at, expected] of steps.entries()) {
    const step = await engine.step(
      cache,
      stepTokens.slice(0, rows).map((tokens) => tokens[at] ?? 0),
    );
    engine.release(cache);
    cache = step.cache;
    const size = step.logits.length / rows;
    for (let row = 0; row < rows; row += 1) {
      const found = step.logits.subarray(row * size, (row + 1) * size);
      worst = Math.max(worst, largestDifference(found, expected[row] ?? new Float32Array()));
    }
  }
  engine.release(cache);
  engine.release(start.cache);
  return worst / scale;
}

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
