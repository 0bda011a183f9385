/**
 * LLaVA-OneVision's images: the whole on one tile, then the tiles of a larger size that suits its aspect
 * (“anyres”), as transformers' `LlavaOnevisionImageProcessor` makes them of one image; and how many tokens
 * the vision session makes of it, which the library counts as if there were one tile. The session puts the
 * tiles together, as it is told here (recipes/export/architectures/llava_onevision.py).
 */

import type { RgbImage } from '../../src/core/types.ts';
import {
  crop,
  filterOf,
  stackedPixels,
  unsupported,
  type ModelPixels,
  type PixelConfig,
} from './preprocess.ts';
import { resizeRgb } from './resize.ts';

type Size = Pick<RgbImage, 'width' | 'height'>;

/** Shape `[1, 1 + tiles, 3, side, side]`, the whole first. */
export function anyres(image: RgbImage, config: PixelConfig): ModelPixels {
  const side = tileSide(config);
  if (config.do_center_crop === true) throw unsupported('it cuts a middle out of its tiles');
  const filter = filterOf(config);
  const best = bestSize(image, config);
  const { width, height } = fitted(image, best);
  const tiles = padded(resizeRgb(image, width, height, filter), best);
  const columns = best.width / side;
  const cut = Array.from({ length: columns * (best.height / side) }, (_, at) =>
    crop(tiles, (at % columns) * side, Math.floor(at / columns) * side, side),
  );
  const all = [resizeRgb(image, side, side, filter), ...cut];
  const dims = [1, all.length, 3, side, side];
  return { pixels: stackedPixels(all, config), dims, layout: anyresLayout(image, config) };
}

/** Of an image: the whole's tokens, those of its tiles without padding, and one at the end of each row. */
export function anyresTokens(image: Size, config: PixelConfig): number {
  const [, , , , down = 0, across = 0] = anyresLayout(image, config);
  return (config.num_image_tokens ?? 0) + down * (across + 1);
}

/**
 * What the vision session is told: rows and columns of tiles, rows and columns of patches that are padding
 * before the image, rows and columns of features to make of the others. In float64, as Python computes them.
 */
function anyresLayout(image: Size, config: PixelConfig): readonly number[] {
  const side = tileSide(config);
  const { num_image_tokens: whole = 0, vision_aspect_ratio: aspect = '' } = config;
  const most = Number(/^anyres_max_(\d+)$/.exec(aspect)?.[1] ?? 0);
  if (whole === 0 || most === 0)
    throw unsupported('it does not say how many tokens an image takes');
  const best = bestSize(image, config);
  const [rows, columns] = [best.height / side, best.width / side];
  const along = Math.floor(Math.sqrt(whole));
  const [top, left] = padding(image, rows * along, columns * along);
  const [down, across] = [rows * along - 2 * top, columns * along - 2 * left];
  const ratio = Math.sqrt((down * across) / (most * along * along));
  const fit = (count: number): number => (ratio > 1.1 ? floorDivide(count, ratio) : count);
  return [rows, columns, top, left, fit(down), fit(across)];
}

function tileSide({ size }: PixelConfig): number {
  if (!size?.height || size.height !== size.width) throw unsupported('its tiles are not square');
  return size.height;
}

/**
 * Of the sizes that the checkpoint knows, the one that keeps most of the image's pixels, and of those that
 * keep as many the smallest (`select_best_resolution`).
 */
export function bestSize({ width, height }: Size, config: PixelConfig): Size {
  let best: (Size & { shown: number }) | null = null;
  for (const [tall = 0, wide = 0] of config.image_grid_pinpoints ?? []) {
    const scale = Math.min(wide / width, tall / height);
    const scaled = Math.trunc(width * scale) * Math.trunc(height * scale);
    const shown = Math.min(scaled, width * height);
    const isBetter =
      best === null ||
      shown > best.shown ||
      (shown === best.shown && wide * tall < best.width * best.height);
    if (isBetter) best = { width: wide, height: tall, shown };
  }
  if (best) return { width: best.width, height: best.height };
  throw unsupported('it does not say what sizes its tiles make');
}

/** The image's size inside another, its aspect kept (`get_patch_output_size`). */
function fitted({ width, height }: Size, inside: Size): Size {
  const [across, down] = [inside.width / width, inside.height / height];
  return across < down
    ? { width: inside.width, height: Math.min(Math.ceil(height * across), inside.height) }
    : { width: Math.min(Math.ceil(width * down), inside.width), height: inside.height };
}

/** In the middle of black. */
function padded(image: RgbImage, { width, height }: Size): RgbImage {
  const data = new Uint8Array(3 * width * height);
  const left = Math.floor((width - image.width) / 2);
  const top = Math.floor((height - image.height) / 2);
  for (let y = 0; y < image.height; y += 1) {
    const row = image.data.subarray(3 * y * image.width, 3 * (y + 1) * image.width);
    data.set(row, 3 * ((top + y) * width + left));
  }
  return { width, height, data };
}

/** Of `rows` by `columns` patches those above and left of an image of this size (`unpad_image`). */
function padding({ width, height }: Size, rows: number, columns: number): [number, number] {
  const half = (full: number, covered: number): number =>
    Math.floor((full - Math.floor(covered)) / 2);
  return width * rows > columns * height
    ? [half(rows, (height * columns) / width), 0]
    : [0, half(columns, (width * rows) / height)];
}

/** Python's `//` of floats, which is not the floor of the quotient: 135 // (5 / 3) is 80. */
function floorDivide(value: number, by: number): number {
  return Math.round((value - (value % by)) / by);
}
