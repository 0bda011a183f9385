/** Cutting RGB pixels. */

import type { RgbImage } from '../../src/core/types.ts';
import type { NpzImages } from './npz.ts';

/** Tile `tile` of a sprite whose tiles stand in rows of `columns`, from the top left. */
export function cutTile(sprite: RgbImage, side: number, columns: number, tile: number): RgbImage {
  const left = (tile % columns) * side;
  const top = Math.floor(tile / columns) * side;
  const data = new Uint8Array(side * side * 3);
  for (let row = 0; row < side; row += 1) {
    const start = ((top + row) * sprite.width + left) * 3;
    data.set(sprite.data.subarray(start, start + side * 3), row * side * 3);
  }
  return { width: side, height: side, data };
}

/** One image of an opened file as RGB; grey becomes three equal channels. */
export function rgbAt({ side, channels, pixels }: NpzImages, index: number): RgbImage {
  const size = side * side * channels;
  const own = pixels.subarray(index * size, (index + 1) * size);
  const data = new Uint8Array(side * side * 3);
  if (channels === 3) data.set(own);
  else own.forEach((value, at) => data.fill(value, at * 3, at * 3 + 3));
  return { width: side, height: side, data };
}
