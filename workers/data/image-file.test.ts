import { describe, expect, it } from 'vitest';
import { readImageSize } from './image-file.ts';

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64'));
}

/**
 * Images of 5 × 3 px by Pillow 12.3.0: `Image.new(mode, (5, 3), (200, 30, 90)).save(f, …)` with
 * "PNG"; "JPEG", quality=5, progressive=True, and exif; "WEBP", quality=50; lossless=True; RGBA.
 */
const PILLOW = {
  PNG: 'iVBORw0KGgoAAAANSUhEUgAAAAUAAAADCAIAAADUVFKvAAAAFElEQVR4nGM8IRfFgASYGFABOh8AOq4BRmc+EA4AAAAASUVORK5CYII=',
  'progressive JPEG with EXIF':
    '/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQEOAAIAAAACeAAAAAAAAAD/2wBDAKBueIx4ZKCMgoy0qqC+8P//8Nzc8P//////////////////////////////////////////////////////////2wBDAaq0tPDS8P//////////////////////////////////////////////////////////////////////////////wgARCAADAAUDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAH/',
  'lossy WebP': 'UklGRjAAAABXRUJQVlA4ICQAAAAwAQCdASoFAAMAAsBMJaAAA3AA/uwl3//5xL/6Bf+AvMAAAAA=',
  'lossless WebP': 'UklGRh4AAABXRUJQVlA4TBEAAAAvBIAAAAdQjyJXq/+BiOh/AAA=',
  'WebP with alpha':
    'UklGRlQAAABXRUJQVlA4WAoAAAAQAAAABAAAAgAAQUxQSAoAAAABB1DAiAhERP8DVlA4ICQAAAAwAQCdASoFAAMAAsBMJaAAA3AA/uwl3//5xL/6Bf+AvMAAAAA=',
} as const;

/** A marker segment of a JPEG with its length. */
function segment(marker: number, ...content: readonly number[]): number[] {
  const length = content.length + 2;
  return [0xff, marker, length >> 8, length & 0xff, ...content];
}

const START = [0xff, 0xd8];
/** Precision, height, width, then one component. */
const frame = (marker: number, height: number, width: number): number[] =>
  segment(marker, 8, height >> 8, height & 0xff, width >> 8, width & 0xff, 1, 1, 0x11, 0);

const jpeg = (...parts: readonly (readonly number[])[]): Uint8Array =>
  Uint8Array.from([...START, ...parts.flat()]);

function webp(chunk: string, content: readonly number[]): Uint8Array {
  const text = [...`RIFF????WEBP${chunk}????`].map((letter) => letter.charCodeAt(0));
  return Uint8Array.from([...text, ...content]);
}

describe('readImageSize', () => {
  it.each(Object.entries(PILLOW))('of a %s by Pillow', (_, base64) => {
    expect(readImageSize(fromBase64(base64))).toEqual({ width: 5, height: 3 });
  });

  it('of a view that starts inside its buffer', () => {
    const png = fromBase64(PILLOW.PNG);
    const shifted = new Uint8Array(png.length + 7);
    shifted.set(png, 7);
    expect(readImageSize(shifted.subarray(7))).toEqual({ width: 5, height: 3 });
  });

  it('of a PNG of 20,000 × 70,000 px', () => {
    const png = fromBase64(PILLOW.PNG);
    new DataView(png.buffer).setUint32(16, 20_000);
    new DataView(png.buffer).setUint32(20, 70_000);
    expect(readImageSize(png)).toEqual({ width: 20_000, height: 70_000 });
  });

  it.each([0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc9, 0xca, 0xcf])(
    'of a JPEG frame of kind %i',
    (kind) => {
      expect(readImageSize(jpeg(frame(kind, 300, 1000)))).toEqual({ width: 1000, height: 300 });
    },
  );

  it('of a JPEG, not of the preview in its EXIF', () => {
    const preview = [...START, ...frame(0xc0, 120, 160)];
    const exif = segment(0xe1, ...new TextEncoder().encode('Exif\0\0'), ...preview);
    expect(readImageSize(jpeg(exif, frame(0xc2, 3000, 4000)))).toEqual({
      width: 4000,
      height: 3000,
    });
  });

  it('of a JPEG with tables and fill bytes before its frame', () => {
    const tables = [0xc4, 0xcc, 0xdb].flatMap((marker) => segment(marker, 1, 2, 3, 4, 5, 6, 7));
    const bytes = jpeg(tables, [0xff, 0xff, 0xff], frame(0xc0, 9, 11));
    expect(readImageSize(bytes)).toEqual({ width: 11, height: 9 });
  });

  it('of large WebP of all kinds', () => {
    const lossy = [0, 0, 0, 0x9d, 0x01, 0x2a, 0xff, 0xff, 0x00, 0x41];
    // the two upper bits of each side are a scale for showing it
    expect(readImageSize(webp('VP8 ', lossy))).toEqual({ width: 16383, height: 256 });
    const bits = ((300 - 1) | ((16384 - 1) << 14)) >>> 0;
    const lossless = [0x2f, bits & 255, (bits >> 8) & 255, (bits >> 16) & 255, bits >>> 24];
    expect(readImageSize(webp('VP8L', [...lossless, 0, 0, 0, 0, 0]))).toEqual({
      width: 300,
      height: 16384,
    });
    const extended = [0, 0, 0, 0, 0x1f, 0x4e, 0x00, 0x00, 0x00, 0x01];
    expect(readImageSize(webp('VP8X', extended))).toEqual({ width: 20_000, height: 65_537 });
  });

  it.each([
    ['no bytes', []],
    ['one byte', [0xff]],
    ['text', [...new TextEncoder().encode('<!doctype html><title>Not an image</title>')]],
    ['a GIF', [...new TextEncoder().encode('GIF89a'), ...new Array<number>(40).fill(1)]],
    ['a PNG that ends in its header', [...fromBase64(PILLOW.PNG).subarray(0, 20)]],
    ['a WebP that ends in its header', [...fromBase64(PILLOW['lossy WebP']).subarray(0, 29)]],
    ['a WebP of an unknown kind', [...webp('ABCD', new Array<number>(20).fill(1))]],
    ['a WAV', [...webp('fmt ', new Array<number>(20).fill(1)).fill(65, 8, 12)]],
    ['a JPEG of two bytes', START],
    ['a JPEG without a frame', [...jpeg(segment(0xe0, 1, 2, 3))]],
    ['a JPEG whose frame is cut', [...jpeg(frame(0xc0, 9, 11)).subarray(0, 10)]],
    ['a JPEG with rubbish between segments', [...jpeg([1, 2, 3, 4], frame(0xc0, 9, 11))]],
    [
      'a JPEG of empty segments',
      [...jpeg(new Array<number>(4000).fill(0).flatMap(() => [0xff, 0xe0, 0, 0]))],
    ],
  ])('is null for %s', (_, bytes) => {
    expect(readImageSize(Uint8Array.from(bytes))).toBeNull();
  });
});
