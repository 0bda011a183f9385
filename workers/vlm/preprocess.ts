/**
 * Pixels as the checkpoint's Python processor makes them: PIL-equal resizes, then rescale and
 * normalise. Rejected: the library's own image path, which resizes on a canvas and bilinearly.
 */

import type { RgbImage } from '../../src/core/types.ts';
import { NamedError } from '../../src/protocol/errors.ts';
import { resizeRgb, type ResizeFilter } from './resize.ts';

/** The fields of `preprocessor_config.json` that one-tile preprocessing needs. */
export interface PixelConfig {
  readonly do_resize?: boolean;
  readonly do_image_splitting?: boolean;
  readonly size?: { readonly longest_edge?: number };
  readonly max_image_size?: { readonly longest_edge?: number };
  readonly resample?: number;
  readonly rescale_factor?: number;
  readonly image_mean?: readonly number[];
  readonly image_std?: readonly number[];
}

/** PIL's numbers for its filters (`Image.Resampling`). */
const FILTERS = new Map<number, ResizeFilter>([
  [1, 'lanczos'],
  [2, 'bilinear'],
  [3, 'bicubic'],
]);

/**
 * Size with the longest edge at `longestEdge`, as Idefics3 computes it in Python
 * (`_resize_output_size_rescale_to_max_len`): the shorter edge is truncated, then made even.
 */
export function longestEdgeSize(width: number, height: number, longestEdge: number) {
  const aspectRatio = width / height;
  const even = (value: number): number => Math.max(1, value + (value % 2));
  return width >= height
    ? { width: longestEdge, height: even(Math.trunc(longestEdge / aspectRatio)) }
    : { width: even(Math.trunc(longestEdge * aspectRatio)), height: longestEdge };
}

/** The single square tile that an Idefics3 processor without splitting feeds to the tower. */
export function squareTile(image: RgbImage, config: PixelConfig): RgbImage {
  const longestEdge = config.size?.longest_edge;
  const tile = config.max_image_size?.longest_edge;
  const filter = FILTERS.get(config.resample ?? 1);
  if (config.do_image_splitting !== false || !longestEdge || !tile || !filter) {
    throw new NamedError(
      'CheckpointInvalid',
      'This checkpoint’s image processor is not supported: it must feed one square tile, without splitting.',
    );
  }
  const size = longestEdgeSize(image.width, image.height, longestEdge);
  const resized =
    config.do_resize === false ? image : resizeRgb(image, size.width, size.height, filter);
  return resizeRgb(resized, tile, tile, filter);
}

/** Rescaled, normalised, channel-first: shape `[3, height, width]`. */
export function normalisedPixels(image: RgbImage, config: PixelConfig): Float32Array {
  const scale = config.rescale_factor ?? 1 / 255;
  const mean = config.image_mean ?? [0.5, 0.5, 0.5];
  const std = config.image_std ?? [0.5, 0.5, 0.5];
  const count = image.width * image.height;
  const pixels = new Float32Array(3 * count);
  for (let channel = 0; channel < 3; channel += 1) {
    const offset = mean[channel] ?? 0;
    const divisor = std[channel] ?? 1;
    for (let i = 0; i < count; i += 1) {
      pixels[channel * count + i] = ((image.data[3 * i + channel] ?? 0) * scale - offset) / divisor;
    }
  }
  return pixels;
}
