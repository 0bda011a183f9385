/**
 * One image processor per kind of checkpoint: from an RGB image to the tensors of its vision session, as
 * the Python class of the same name makes them. A row of the table and a function is what a new kind needs.
 */

import type { RgbImage } from '../../src/core/types.ts';
import { imageProcessorName, type ImageProcessorName } from '../../src/protocol/architectures.ts';
import { anyres } from './anyres.ts';
import {
  crop,
  filterOf,
  normalisedPixels,
  stackedPixels,
  unsupported,
  type ModelPixels,
  type PixelConfig,
} from './preprocess.ts';
import { resizeRgb } from './resize.ts';

export type ImageProcessor = (image: RgbImage, config: PixelConfig) => ModelPixels;

const PROCESSORS: Readonly<Record<ImageProcessorName, ImageProcessor>> = {
  Idefics3ImageProcessor: tiled,
  SmolVLMImageProcessor: tiled,
  Gemma3ImageProcessor: fixedSize,
  Qwen2VLImageProcessor: patches,
  BitImageProcessor: shortestThenCropped,
  ConvNextImageProcessor: croppedShare,
  LlavaOnevisionImageProcessor: anyres,
};

/** By `image_processor_type`, whatever its implementation. Throws `CheckpointInvalid` for unknown kinds. */
export function imageProcessorFor(config: PixelConfig): ImageProcessor {
  const type = config.image_processor_type ?? config.feature_extractor_type ?? '';
  const name = imageProcessorName(type);
  if (name !== null) return PROCESSORS[name];
  throw unsupported(`its kind is “${type}”`);
}

/**
 * Idefics3 and SmolVLM. The longest edge is set; then either one square tile, or the image made a multiple
 * of the tile's side both ways, cut, and followed by the whole as one more tile.
 */
function tiled(image: RgbImage, config: PixelConfig): ModelPixels {
  const longestEdge = config.size?.longest_edge;
  const side = config.max_image_size?.longest_edge;
  if (!longestEdge || !side) throw unsupported('it does not say how large its tiles are');
  const filter = filterOf(config);
  const { width, height } = longestEdgeSize(image.width, image.height, longestEdge);
  const sized = config.do_resize === false ? image : resizeRgb(image, width, height, filter);
  const square = (whole: RgbImage): RgbImage => resizeRgb(whole, side, side, filter);
  if (config.do_image_splitting === false) return stacked([square(sized)], side, config, 0, 0);
  const [wide, tall] = tileMultiple(sized, side);
  const whole = resizeRgb(sized, wide, tall, filter);
  const [columns, rows] = [wide / side, tall / side];
  if (rows === 1 && columns === 1) return stacked([whole], side, config, 0, 0);
  const cut = Array.from({ length: rows * columns }, (_, at) =>
    crop(whole, (at % columns) * side, Math.floor(at / columns) * side, side),
  );
  return stacked([...cut, square(whole)], side, config, rows, columns);
}

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

/** Width and height as multiples of a tile's side, nearly keeping the aspect (`resize_for_vision_encoder`). */
function tileMultiple({ width, height }: RgbImage, side: number): [number, number] {
  const up = (value: number): number => Math.ceil(value / side) * side;
  const aspectRatio = width / height;
  return width >= height
    ? [up(width), up(Math.trunc(up(width) / aspectRatio))]
    : [up(Math.trunc(up(height) * aspectRatio)), up(height)];
}

function stacked(
  tiles: readonly RgbImage[],
  side: number,
  config: PixelConfig,
  rows: number,
  columns: number,
): ModelPixels {
  const dims = [1, tiles.length, 3, side, side];
  return { pixels: stackedPixels(tiles, config), dims, tiles: { rows, columns } };
}

/** Gemma 3: one size whatever the aspect. */
function fixedSize(image: RgbImage, config: PixelConfig): ModelPixels {
  const { width, height } = config.size ?? {};
  if (!width || !height) throw unsupported('it does not say its size');
  if (config.do_pan_and_scan === true) throw unsupported('it cuts images by pan and scan');
  const sized =
    config.do_resize === false ? image : resizeRgb(image, width, height, filterOf(config));
  const dims = [1, 3, sized.height, sized.width];
  return { pixels: normalisedPixels(sized, config), dims };
}

/** DINOv2: the shortest edge is set, then a square is cut from the middle. */
function shortestThenCropped(image: RgbImage, config: PixelConfig): ModelPixels {
  const { do_resize, do_center_crop, size, crop_size } = config;
  const edge = size?.shortest_edge;
  const { width, height } = crop_size ?? {};
  if (!edge || !width || width !== height) throw unsupported('it does not say its size');
  const sized = do_resize === false ? image : shortestEdge(image, edge, config);
  return single(do_center_crop === false ? sized : middle(sized, width), config);
}

/** From this size on ConvNeXt's processor stretches images instead of cutting them. */
const STRETCHED_FROM = 384;

/** ResNet and ConvNeXt: enlarged so that a square of the model's size is the share `crop_pct` of it. */
function croppedShare(image: RgbImage, config: PixelConfig): ModelPixels {
  const { do_resize, size, crop_pct: share = 224 / 256 } = config;
  if (do_resize === false) return single(image, config);
  const edge = size?.shortest_edge;
  if (!edge) throw unsupported('it does not say its size');
  if (edge >= STRETCHED_FROM) {
    return single(resizeRgb(image, edge, edge, filterOf(config)), config);
  }
  return single(middle(shortestEdge(image, Math.trunc(edge / share), config), edge), config);
}

function shortestEdge(image: RgbImage, edge: number, config: PixelConfig): RgbImage {
  const [short, long] = [Math.min(image.width, image.height), Math.max(image.width, image.height)];
  const other = Math.trunc((edge * long) / short);
  const [width, height] = image.width <= image.height ? [edge, other] : [other, edge];
  return resizeRgb(image, width, height, filterOf(config));
}

/** Of images at least as large. */
const middle = (image: RgbImage, side: number): RgbImage =>
  crop(image, Math.floor((image.width - side) / 2), Math.floor((image.height - side) / 2), side);

const single = (image: RgbImage, config: PixelConfig): ModelPixels => ({
  pixels: normalisedPixels(image, config),
  dims: [1, 3, image.height, image.width],
});

/**
 * Qwen-VL: as many patches as the image's size allows, in blocks that the model merges; a still image is
 * its own second frame. Shape `[patches, 3 · frames · patch · patch]`.
 */
function patches(image: RgbImage, config: PixelConfig): ModelPixels {
  const { patch_size: patch = 14, merge_size: merge = 2, temporal_patch_size: frames = 2 } = config;
  const [width, height] = patchMultiple(image, patch * merge, config);
  const sized =
    config.do_resize === false ? image : resizeRgb(image, width, height, filterOf(config));
  const planes = normalisedPixels(sized, config);
  const [rows, columns] = [sized.height / patch, sized.width / patch];
  const pixels = new Float32Array(planes.length * frames);
  let at = 0;
  for (const [top, left] of patchOrder(rows, columns, merge)) {
    for (let channel = 0; channel < 3; channel += 1) {
      const plane = channel * sized.width * sized.height;
      for (let frame = 0; frame < frames; frame += 1) {
        for (let y = 0; y < patch; y += 1) {
          const start = plane + (top * patch + y) * sized.width + left * patch;
          pixels.set(planes.subarray(start, start + patch), at);
          at += patch;
        }
      }
    }
  }
  const dims = [rows * columns, 3 * frames * patch * patch];
  return { pixels, dims, grid: [1, rows, columns] };
}

/** Row and column of each patch: blocks of `merge` by `merge` one after the other, row by row inside. */
function* patchOrder(rows: number, columns: number, merge: number) {
  for (let top = 0; top < rows; top += merge) {
    for (let left = 0; left < columns; left += merge) {
      for (let part = 0; part < merge * merge; part += 1) {
        yield [top + Math.floor(part / merge), left + (part % merge)] as const;
      }
    }
  }
}

/** Width and height as multiples of `factor` with the number of pixels in bounds (`smart_resize`). */
export function patchMultiple(
  { width, height }: Pick<RgbImage, 'width' | 'height'>,
  factor: number,
  { size, min_pixels, max_pixels }: PixelConfig,
): [number, number] {
  const least = min_pixels ?? size?.shortest_edge ?? 56 * 56;
  const most = max_pixels ?? size?.longest_edge ?? 28 * 28 * 1280;
  if (Math.max(width, height) / Math.min(width, height) > 200) {
    throw unsupported('it takes no image whose one side is over 200 times the other');
  }
  const [wide, tall] = [width, height].map((side) => roundHalfEven(side / factor) * factor);
  const area = (wide ?? 0) * (tall ?? 0);
  if (area > most) {
    const shrink = Math.sqrt((width * height) / most);
    const fit = (side: number): number =>
      Math.max(factor, Math.floor(side / shrink / factor) * factor);
    return [fit(width), fit(height)];
  }
  if (area < least) {
    const grow = Math.sqrt(least / (width * height));
    const fit = (side: number): number => Math.ceil((side * grow) / factor) * factor;
    return [fit(width), fit(height)];
  }
  return [wide ?? factor, tall ?? factor];
}

/** Python's `round`. */
function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
