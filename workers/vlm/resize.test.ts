import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { RgbImage } from '../../src/core/types.ts';
import { pattern, type Pattern } from '../../test/support/pattern.ts';
import { resizeRgb, type ResizeFilter } from './resize.ts';

interface GoldenCase {
  readonly filter: ResizeFilter;
  readonly pattern: Pattern;
  readonly inWidth: number;
  readonly inHeight: number;
  readonly width: number;
  readonly height: number;
  readonly sha256: string;
}

const folder = new URL('../../test/fixtures/resize/', import.meta.url);
const golden = JSON.parse(readFileSync(new URL('cases.json', folder), 'utf8')) as {
  readonly crop: number;
  readonly cases: readonly GoldenCase[];
};
const crops = readFileSync(new URL('crops.bin', folder));

function middle(image: RgbImage, side: number): Uint8Array {
  const top = Math.max(0, Math.floor((image.height - side) / 2));
  const left = Math.max(0, Math.floor((image.width - side) / 2));
  const bytes: number[] = [];
  for (let y = top; y < Math.min(top + side, image.height); y++) {
    const start = (y * image.width + left) * 3;
    bytes.push(...image.data.subarray(start, start + Math.min(side, image.width) * 3));
  }
  return Uint8Array.from(bytes);
}

describe('resizeRgb against Pillow', () => {
  let offset = 0;
  golden.cases.forEach((row) => {
    const start = offset;
    offset += Math.min(row.width, golden.crop) * Math.min(row.height, golden.crop) * 3;
    const expected = crops.subarray(start, offset);
    const size = `${row.inWidth}×${row.inHeight} → ${row.width}×${row.height}`;
    it(`is equal: ${row.filter}, ${row.pattern}, ${size}`, () => {
      const image = pattern(row.pattern, row.inWidth, row.inHeight);
      const result = resizeRgb(image, row.width, row.height, row.filter);
      const crop = middle(result, golden.crop);
      expect(crop).toHaveLength(expected.length);
      const differences = crop.map((byte, i) => Math.abs(byte - (expected[i] ?? NaN)));
      expect(differences.filter((difference) => difference > 0)).toHaveLength(0);
      expect(createHash('sha256').update(result.data).digest('hex')).toBe(row.sha256);
    });
  });

  it('reads the whole fixture', () => {
    expect(golden.cases).toHaveLength(13);
    expect(offset).toBe(crops.length);
  });
});

describe('resizeRgb', () => {
  it('copies where nothing is to be done', () => {
    const image = pattern('noise', 5, 4);
    const copy = resizeRgb(image, 5, 4, 'lanczos');
    expect(copy).toEqual(image);
    expect(copy.data).not.toBe(image.data);
  });

  it('refuses sizes and data that are no image', () => {
    const image = pattern('noise', 5, 4);
    for (const side of [0, -1, 2.5, Number.NaN]) {
      expect(() => resizeRgb(image, side, 4, 'bicubic')).toThrow(RangeError);
      expect(() => resizeRgb(image, 4, side, 'bicubic')).toThrow(RangeError);
    }
    expect(() => resizeRgb({ ...image, width: 6 }, 4, 4, 'bicubic')).toThrow('other data');
  });
});
