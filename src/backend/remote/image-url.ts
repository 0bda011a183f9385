/** Pixels as a data URL that servers open, without a canvas: the same bytes in a page and in Node. */

import { encode } from 'fast-png';
import type { RgbImage } from '../../core/types.ts';

/** PNG, so that the server sees exactly these pixels. Kept per image: all K requests carry it. */
export function imageUrl(image: RgbImage): string {
  const known = urls.get(image);
  if (known !== undefined) return known;
  const { width, height, data } = image;
  const url = `data:image/png;base64,${base64(encode({ width, height, data, channels: 3, depth: 8 }))}`;
  urls.set(image, url);
  return url;
}

const urls = new WeakMap<RgbImage, string>();

/** `String.fromCharCode` takes so many arguments at once. */
const PIECE = 0x8000;

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += PIECE) {
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  }
  return btoa(text);
}
