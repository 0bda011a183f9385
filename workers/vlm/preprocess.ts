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
  readonly crop_size?: { readonly width?: number; readonly height?: number };
  readonly crop_pct?: number;
  readonly size?: {
    readonly longest_edge?: number;
    readonly shortest_edge?: number;
    readonly width?: number;
    readonly height?: number;
  };
  /** Height and width of what tiles make together. */
  readonly image_grid_pinpoints?: readonly (readonly number[])[];
  readonly num_image_tokens?: number;
  readonly vision_aspect_ratio?: string;
  readonly do_center_crop?: boolean;
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

export interface ModelPixels {
  /** Row-major, shape `dims`. */
  readonly pixels: Float32Array;
  readonly dims: readonly number[];
  /** Frames, rows and columns of patches, where the model is told. */
  readonly grid?: readonly [number, number, number];
  /** Where an image is cut into tiles of shape `[1, tiles, 3, side, side]`: how; 0 by 0 is one tile. */
  readonly tiles?: { readonly rows: number; readonly columns: number };
  /** How the tiles are put together again, where the model is told (anyres.ts). */
  readonly layout?: readonly number[];
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

/** Images of one size, one after the other: shape `[images, 3, height, width]`. */
export function stackedPixels(images: readonly RgbImage[], config: PixelConfig): Float32Array {
  const planes = images.map((image) => normalisedPixels(image, config));
  const pixels = new Float32Array(planes.reduce((size, { length }) => size + length, 0));
  planes.forEach((plane, at) => {
    pixels.set(plane, at * plane.length);
  });
  return pixels;
}

/** A square of an image. */
export function crop({ width, data }: RgbImage, left: number, top: number, side: number): RgbImage {
  const cut = new Uint8Array(3 * side * side);
  for (let y = 0; y < side; y += 1) {
    const start = 3 * ((top + y) * width + left);
    cut.set(data.subarray(start, start + 3 * side), 3 * y * side);
  }
  return { width: side, height: side, data: cut };
}
