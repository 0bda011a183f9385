/** Sizes and token counts of LLaVA-OneVision; its pixels are in image-processors.test.ts. */

import { expect, test } from 'vitest';
import { anyres, anyresTokens, bestSize } from './anyres.ts';
import type { PixelConfig } from './preprocess.ts';

const SIDES = [384, 768, 1152, 1536, 1920, 2304];
/** The defaults of Python's processor, as our export writes them. */
const CONFIG: PixelConfig = {
  image_processor_type: 'LlavaOnevisionImageProcessor',
  size: { width: 384, height: 384 },
  image_grid_pinpoints: SIDES.flatMap((height) => SIDES.map((width) => [height, width])),
  num_image_tokens: 729,
  vision_aspect_ratio: 'anyres_max_9',
};

// transformers 5.18: select_best_resolution((height, width), pinpoints) and LlavaOnevisionProcessor's
// _get_number_of_features(height, width, 384, 384). 1920 by 1920 shrinks by 5/3, where Python's 135 // (5 / 3)
// is 80; 5000 by 1 pixels are less than a row of any size.
test.each([
  [28, 28, 384, 384, 1485],
  [385, 384, 768, 384, 1512],
  [301, 90, 384, 384, 981],
  [77, 260, 384, 384, 945],
  [640, 480, 768, 768, 2929],
  [1024, 1024, 1152, 1152, 7371],
  [1920, 1920, 1920, 1920, 7209],
  [2304, 384, 2304, 384, 5130],
  [3000, 2000, 2304, 1536, 7329],
  [1153, 577, 1536, 768, 6615],
  [1535, 1537, 1536, 1920, 7290],
])('%i by %i pixels on tiles of %i by %i take %i tokens', (width, height, wide, tall, tokens) => {
  expect(bestSize({ width, height }, CONFIG)).toEqual({ width: wide, height: tall });
  expect(anyresTokens({ width, height }, CONFIG)).toBe(tokens);
});

test('a line thinner than any row has a size all the same', () => {
  expect(bestSize({ width: 5000, height: 1 }, CONFIG)).toEqual({ width: 384, height: 384 });
});

const GREY = { width: 4, height: 3, data: new Uint8Array(36).fill(128) };

test('the whole fills its tile, and black lies beside the image on the others', () => {
  const config = { ...CONFIG, size: { width: 8, height: 8 }, image_grid_pinpoints: [[8, 16]] };
  const { pixels, dims, layout } = anyres(GREY, { ...config, resample: 3 });
  expect(dims).toEqual([1, 3, 3, 8, 8]);
  expect(layout).toEqual([1, 2, 0, 9, 27, 36]);
  const rowsOf = (tile: number) =>
    Array.from({ length: 8 }, (_, y) => pixels.slice(192 * tile + 8 * y, 192 * tile + 8 * (y + 1)));
  const grey = (128 / 255 - 0.5) / 0.5;
  expect(rowsOf(0).every((row) => row.every((value) => Math.abs(value - grey) < 1e-6))).toBe(true);
  // 4 by 3 becomes 11 by 8, in the middle of 16 by 8: two black columns before, three after.
  for (const row of rowsOf(1))
    expect(Array.from(row, (value) => value === -1)).toEqual([
      true,
      true,
      ...new Array<boolean>(6).fill(false),
    ]);
  for (const row of rowsOf(2))
    expect(Array.from(row, (value) => value === -1)).toEqual([
      ...new Array<boolean>(5).fill(false),
      true,
      true,
      true,
    ]);
});

test.each([
  [{ size: { shortest_edge: 384 } }, /square/],
  [{ image_grid_pinpoints: [] }, /sizes/],
  [{ vision_aspect_ratio: 'square' }, /how many tokens/],
  [{ num_image_tokens: undefined }, /how many tokens/],
])('%j is refused', (changed, why) => {
  expect(() => anyresTokens(GREY, { ...CONFIG, ...(changed as PixelConfig) })).toThrow(why);
});

test('a middle cut out of each tile is refused', () => {
  expect(() => anyres(GREY, { ...CONFIG, do_center_crop: true })).toThrow(/middle/);
});
