/** Sizes and refusals of the image processors; their pixels are in test/parity/architectures.browser.test.ts. */

import { expect, test } from 'vitest';
import { NamedError } from '../../src/protocol/errors.ts';
import { imageProcessorFor, patchMultiple } from './image-processors.ts';

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

test.each(['LlavaOnevisionImageProcessor', 'PixtralImageProcessor', ''])(
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
