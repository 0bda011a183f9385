/**
 * What every image processor is made of: PIL-equal resizes, then rescale and normalise. Which sizes and
 * which layout is in image-processors.ts. Rejected: the library's own image path, which resizes on a
 * canvas and bilinearly.
 */

import type { RgbImage } from '../../src/core/types.ts';
import { NamedError } from '../../src/protocol/errors.ts';
import type { ResizeFilter } from './resize.ts';

/** The fields of `preprocessor_config.json` that the image processors need. */
export interface PixelConfig {
  readonly image_processor_type?: string;
  /** Its old name. */
  readonly feature_extractor_type?: string;
  readonly do_resize?: boolean;
  readonly do_image_splitting?: boolean;
  readonly do_pan_and_scan?: boolean;
  readonly do_center_crop?: boolean;
  readonly crop_size?: { readonly width?: number; readonly height?: number };
  readonly crop_pct?: number;
  readonly size?: {
    readonly longest_edge?: number;
    readonly shortest_edge?: number;
    readonly width?: number;
    readonly height?: number;
  };
  readonly max_image_size?: { readonly longest_edge?: number };
  readonly min_pixels?: number;
  readonly max_pixels?: number;
  readonly patch_size?: number;
  readonly temporal_patch_size?: number;
  readonly merge_size?: number;
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

/** The filter that `resample` names. Throws for those that PIL has and we do not. */
export function filterOf({ resample = 1 }: PixelConfig): ResizeFilter {
  const filter = FILTERS.get(resample);
  if (filter) return filter;
  throw unsupported(`it resizes with PIL’s filter ${String(resample)}`);
}

export function unsupported(why: string): NamedError {
  return new NamedError(
    'CheckpointInvalid',
    `This checkpoint’s image processor is not supported: ${why}.`,
  );
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
