/**
 * A PNG, JPEG or WebP file of the user's own as RGB pixels. Kind and size are read from the first
 * bytes, so that a file that is no image, or is 20,000 px wide, is refused before it is decoded.
 * Transparent pixels are laid on white, as a viewer shows them (PIL would drop the alpha channel).
 */

import type { RgbImage } from '../../src/core/types.ts';
import { DATA_LIMITS } from '../../src/protocol/data.ts';
import { NamedError } from '../../src/protocol/errors.ts';

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Photo software puts up to a few MB of profiles and previews before a JPEG's frame header. */
const HEADER_BYTES = 4 * 2 ** 20;
const SUPPORTED = 'Choose a PNG, JPEG or WebP image, or a MedMNIST .npz file.';

const unreadable = (what: string): NamedError => new NamedError('ImageUnreadable', what);

/** Decodes a file. Throws ImageUnreadable or ImageTooLarge. */
export async function decodeImageFile(file: Blob, name: string): Promise<RgbImage> {
  if (file.size === 0) throw unreadable(`${name} is empty (0 bytes). ${SUPPORTED}`);
  if (file.size > DATA_LIMITS.imageFileBytes) {
    throw new NamedError('ImageTooLarge', `${name} is larger than 64 MiB. Shrink it first.`);
  }
  const size = readImageSize(await readStart(file, name));
  if (size === null) throw unreadable(`${name} is not an image that can be read. ${SUPPORTED}`);
  checkSize(size, name);
  const rgba = await decode(file, name, true);
  return { width: rgba.width, height: rgba.height, data: dropAlpha(rgba.data) };
}

async function readStart(file: Blob, name: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.slice(0, HEADER_BYTES).arrayBuffer());
  } catch {
    throw unreadable(`${name} could not be read: was it moved or changed? Open it again.`);
  }
}

/** The exact pixels of an opaque picture of our own, e.g. a sprite. */
export async function decodeExact(file: Blob, name: string): Promise<RgbImage> {
  const rgba = await decode(file, name, false);
  return { width: rgba.width, height: rgba.height, data: dropAlpha(rgba.data) };
}

function checkSize({ width, height }: ImageSize, name: string): void {
  const { imageSide, imagePixels } = DATA_LIMITS;
  if (width === 0 || height === 0) throw unreadable(`${name} says that it has no pixels.`);
  if (width <= imageSide && height <= imageSide && width * height <= imagePixels) return;
  throw new NamedError(
    'ImageTooLarge',
    `${name} is ${width} × ${height} px; up to ${imageSide} px a side and ${imagePixels / 1e6} megapixels can be opened. Crop or shrink it first.`,
  );
}

async function decode(file: Blob, name: string, onWhite: boolean): Promise<ImageData> {
  const bitmap = await createImageBitmap(file, {
    colorSpaceConversion: 'none',
    premultiplyAlpha: onWhite ? 'default' : 'none',
    imageOrientation: 'from-image',
  }).catch(() => {
    throw unreadable(`${name} is damaged or cut short: it could not be decoded.`);
  });
  try {
    const { width, height } = bitmap;
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d', { willReadFrequently: true, alpha: !onWhite });
    if (!context) throw unreadable(`${name} could not be decoded: this browser gave no canvas.`);
    if (onWhite) {
      context.fillStyle = '#fff';
      context.fillRect(0, 0, width, height);
    }
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, width, height);
  } finally {
    bitmap.close();
  }
}

function dropAlpha(rgba: Uint8ClampedArray): Uint8Array<ArrayBuffer> {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from] ?? 0;
    rgb[to + 1] = rgba[from + 1] ?? 0;
    rgb[to + 2] = rgba[from + 2] ?? 0;
  }
  return rgb;
}

/** Width and height from the first bytes; `null` when they are of no kind that we read. */
export function readImageSize(bytes: Uint8Array): ImageSize | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (start: number, end: number): string =>
    String.fromCharCode(...bytes.subarray(start, end));
  if (bytes.length >= 24 && text(1, 4) === 'PNG' && text(12, 16) === 'IHDR') {
    return { width: view.getUint32(16), height: view.getUint32(20) };
  }
  if (bytes.length >= 30 && text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') {
    return webpSize(view, text(12, 16));
  }
  if (bytes.length >= 4 && view.getUint16(0) === 0xffd8) return jpegSize(view);
  return null;
}

function webpSize(view: DataView, chunk: string): ImageSize | null {
  const uint24 = (at: number): number => view.getUint16(at, true) + view.getUint8(at + 2) * 0x10000;
  if (chunk === 'VP8X') return { width: uint24(24) + 1, height: uint24(27) + 1 };
  if (chunk === 'VP8L') {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (chunk !== 'VP8 ') return null;
  const side = (at: number): number => view.getUint16(at, true) & 0x3fff;
  return { width: side(26), height: side(28) };
}

/** Walks the segments to the frame header (SOF0 … SOF15 without the tables among them). */
function jpegSize(view: DataView): ImageSize | null {
  const NOT_FRAMES = new Set([0xc4, 0xc8, 0xcc]);
  let at = 2;
  while (at + 9 <= view.byteLength) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker >= 0xc0 && marker <= 0xcf && !NOT_FRAMES.has(marker)) {
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    }
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return null;
}
