/**
 * Features of images: a model that only sees gives PyTorch's, and every checkpoint gives for many images at
 * once what it gives for each alone.
 */

import { expect, test } from 'vitest';
import { FEATURE_KINDS, type FeatureTables } from '../../src/core/probe/features.ts';
import type { RgbImage } from '../../src/core/types.ts';
import { VISION_ARCHITECTURES } from '../../src/protocol/architectures.ts';
import { pixelTensors } from '../../workers/vlm/transformers-model.ts';
import type { PixelConfig } from '../../workers/vlm/preprocess.ts';
import {
  ARCHITECTURES,
  architectureFixture,
  largest,
  largestDifference,
  loadArchitecture,
} from '../support/architectures.ts';
import { loadTinySft } from '../support/engine.ts';
import { loadVision, VISION_FOLDER, visionCases } from '../support/vision.ts';

/** Largest error of a feature, relative to the largest. */
const TOLERANCE = 1e-4;
const PIXEL_TOLERANCE = 2 / 255 / 0.22;

const rowOf = (tables: FeatureTables, kind: keyof FeatureTables, row: number): Float32Array => {
  const table = tables[kind];
  if (!table) throw new Error(`no ${kind}`);
  return table.values.subarray(row * table.width, (row + 1) * table.width);
};

function expectClose(found: Float32Array, expected: Float32Array): void {
  expect(largestDifference(found, expected)).toBeLessThan(TOLERANCE * largest(expected));
}

test.each(VISION_ARCHITECTURES)('%s: pixels and pooled features are Python’s', async (name) => {
  const cases = await visionCases(name);
  expect(cases.length).toBeGreaterThan(2);
  const response = await fetch(`${VISION_FOLDER}${name}/preprocessor_config.json`);
  const toTensors = pixelTensors((await response.json()) as PixelConfig);
  for (const { image, pixelShape, pixelValues } of cases) {
    const pixels = toTensors(image)['pixel_values'];
    expect(pixels?.dims).toEqual(pixelShape);
    expect(largestDifference(pixels?.data as Float32Array, pixelValues)).toBeLessThan(
      PIXEL_TOLERANCE,
    );
  }
  const engine = await loadVision(name, 'wasm');
  const tables = await engine.features(cases.map(({ image }) => image));
  expect(Object.keys(tables).sort()).toEqual(['tower-max', 'tower-mean']);
  cases.forEach(({ mean, max }, row) => {
    expectClose(rowOf(tables, 'tower-mean', row), mean);
    expectClose(rowOf(tables, 'tower-max', row), max);
  });
  expect(largestDifference(cases[0]?.mean ?? mean0, cases[1]?.mean ?? mean0)).toBeGreaterThan(
    10 * TOLERANCE * largest(cases[0]?.mean ?? mean0),
  );
  await engine.dispose();
});
const mean0 = new Float32Array();

/** A picture with something in it. */
function picture(width: number, height: number, seed: number): RgbImage {
  const data = Uint8Array.from(
    { length: 3 * width * height },
    (_, at) => 127 + 120 * Math.sin(at * 0.013 * seed + seed),
  );
  return { width, height, data };
}

/** Two of one size beside each other, then others: batches of one and of several. */
const PICTURES = [
  picture(28, 28, 1),
  picture(28, 28, 2),
  picture(61, 23, 3),
  picture(24, 40, 4),
  picture(28, 28, 5),
];

test.each(ARCHITECTURES)('%s: many images at once are each alone', async (name) => {
  const { engine } = await loadArchitecture(name, 'wasm');
  const together = await engine.features(PICTURES);
  expect(Object.keys(together).sort()).toEqual(['projector-max', 'projector-mean']);
  for (const [row, image] of PICTURES.entries()) {
    const alone = await engine.features([image]);
    for (const kind of ['projector-mean', 'projector-max'] as const) {
      expect(together[kind]?.rows).toBe(PICTURES.length);
      expectClose(rowOf(together, kind, row), rowOf(alone, kind, 0));
    }
  }
  const [one, other] = [rowOf(together, 'projector-mean', 0), rowOf(together, 'projector-mean', 1)];
  expect(largestDifference(one, other)).toBeGreaterThan(TOLERANCE * largest(one));
  await engine.dispose();
});

test('the built-in family shows its tower too, and images do not change an answer', async () => {
  const { engine } = await loadTinySft('fp32');
  const { cases } = await architectureFixture('idefics3');
  const [{ image } = { image: picture(28, 28, 9) }] = cases;
  const before = await engine.prefill(image, 'Which cell is this?');
  const tables = await engine.features(PICTURES);
  expect(Object.keys(tables).sort()).toEqual([...FEATURE_KINDS].sort());
  expect(tables['tower-mean']).toMatchObject({ rows: PICTURES.length, width: 192 });
  expect(tables['projector-mean']).toMatchObject({ rows: PICTURES.length, width: 256 });
  const means = tables['tower-mean']?.values ?? mean0;
  (tables['tower-max']?.values ?? mean0).forEach((most, at) => {
    expect(most).toBeGreaterThanOrEqual((means[at] ?? NaN) - 1e-5);
  });
  const after = await engine.prefill(image, 'Which cell is this?');
  expect(after.logits).toEqual(before.logits);
  await engine.dispose();
});
