/**
 * The image processors against transformers' own at the sizes of real checkpoints
 * (recipes/fixtures/pixels.py), their sizes, and what they refuse.
 */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { RgbImage } from '../../src/core/types.ts';
import { pattern, type Pattern } from '../../test/support/pattern.ts';
import { NamedError } from '../../src/protocol/errors.ts';
import { imageProcessorFor, patchMultiple } from './image-processors.ts';
import type { PixelConfig } from './preprocess.ts';

interface PixelCase {
  readonly name: string;
  readonly image: {
    readonly name: string;
    readonly pattern: Pattern;
    readonly width: number;
    readonly height: number;
  };
  readonly config: PixelConfig;
  readonly dims: readonly number[];
  readonly stride: number;
  /** Every `stride`-th value, rounded to 1e-5. */
  readonly samples: readonly number[];
  readonly mean: number;
  readonly grid?: readonly number[];
  readonly tiles?: { readonly rows: number; readonly columns: number };
  readonly layout?: readonly number[];
}

const address = new URL('../../test/fixtures/pixels/cases.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(address, 'utf8')) as { cases: readonly PixelCase[] };

function imageOf({ image: { name, pattern: kind, width, height } }: PixelCase): RgbImage {
  const image = pattern(kind, width, height);
  if (!name.startsWith('grey')) return image;
  const grey = image.data.map((_, at) => image.data[at - (at % 3)] ?? 0);
  return { width, height, data: grey };
}

test.each(cases)('$name, $image.name: Python’s values', (one) => {
  const made = imageProcessorFor(one.config)(imageOf(one), one.config);
  const { pixels, dims, grid, tiles, layout } = made;
  expect(dims).toEqual(one.dims);
  expect(grid).toEqual(one.grid);
  expect(tiles).toEqual(one.tiles);
  expect(layout).toEqual(one.layout);
  const found = one.samples.map((_, at) => pixels[at * one.stride] ?? NaN);
  // No grey level is off: one would be 4e-3 or more.
  found.forEach((value, at) => {
    expect(Math.abs(value - (one.samples[at] ?? NaN))).toBeLessThan(1e-4);
  });
  const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  expect(Math.abs(mean - one.mean)).toBeLessThan(1e-4);
});

// transformers 5.18: smart_resize(height, width, factor, least, most) -> (height, width) for each of
// (width, height, factor, least, most); 42 / 28 and 70 / 28 end in a half, which Python rounds to even.
test.each([
  [28, 28, 28, 3136, 1003520, 56, 56],
  [224, 224, 28, 3136, 1003520, 224, 224],
  [1000, 300, 28, 3136, 1003520, 1008, 308],
  [3000, 2000, 28, 3136, 1003520, 1204, 812],
  [30, 70, 28, 3136, 1003520, 56, 112],
  [42, 70, 28, 3136, 1003520, 56, 56],
  [10, 10, 28, 3136, 1003520, 56, 56],
  [98, 70, 28, 3136, 1003520, 112, 56],
  [640, 480, 32, 65536, 16777216, 640, 480],
])('%i by %i pixels in patches of %i', (width, height, factor, least, most, wide, tall) => {
  const size = { shortest_edge: least, longest_edge: most };
  expect(patchMultiple({ width, height }, factor, { size })).toEqual([wide, tall]);
  const older = { min_pixels: least, max_pixels: most };
  expect(patchMultiple({ width, height }, factor, older)).toEqual([wide, tall]);
});

const GREY = { width: 4, height: 3, data: new Uint8Array(36).fill(128) };

test.each(['LlavaNextImageProcessor', 'PixtralImageProcessor', ''])(
  'the kind “%s” is refused by name',
  (kind) => {
    expect(() => imageProcessorFor({ image_processor_type: kind })).toThrow(NamedError);
    expect(() => imageProcessorFor({ image_processor_type: kind })).toThrow(`“${kind}”`);
  },
);

test.each(['Gemma3ImageProcessor', 'Gemma3ImageProcessorFast', 'Gemma3ImageProcessorPil'])(
  '%s is one kind whatever its implementation',
  (kind) => {
    const config = { image_processor_type: kind, size: { width: 8, height: 8 }, resample: 2 };
    expect(imageProcessorFor(config)(GREY, config).dims).toEqual([1, 3, 8, 8]);
  },
);

test.each([
  [{ image_processor_type: 'Gemma3ImageProcessor' }, /size/],
  [
    {
      image_processor_type: 'Gemma3ImageProcessor',
      size: { width: 8, height: 8 },
      do_pan_and_scan: true,
    },
    /pan and scan/,
  ],
  [{ image_processor_type: 'Idefics3ImageProcessor', size: { longest_edge: 8 } }, /tiles/],
  [
    {
      image_processor_type: 'Gemma3ImageProcessor',
      size: { width: 8, height: 8 },
      resample: 4,
    },
    /filter 4/,
  ],
])('%j says what it cannot do', (config, why) => {
  expect(() => imageProcessorFor(config)(GREY, config)).toThrow(why);
});

test('an image thinner than 1 to 200 is refused, as in Python', () => {
  expect(() => patchMultiple({ width: 1, height: 201 }, 28, {})).toThrow(/200 times/);
});
