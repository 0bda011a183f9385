import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  asZip64,
  firstDifference,
  imagesNpy,
  labelsNpy,
  npy,
  npz,
  patternBytes,
  testSplit,
} from '../../test/fixtures/npz/make-npz.ts';
import { BLOOD, open } from '../../test/fixtures/npz/reading.ts';
import { readNpzImages } from './npz.ts';

const CHEST = 'chestmnist.npz';
const BREAST = 'breastmnist.npz';

describe('readNpzImages on files that numpy wrote', () => {
  const folder = new URL('../../test/fixtures/npz/', import.meta.url);

  it.each(['numpy-stored.npz', 'numpy-compressed.npz'])('reads %s', async (name) => {
    const file = new Blob([readFileSync(new URL(name, folder))]);
    const images = await open(file, BREAST);
    expect(images).toMatchObject({ side: 28, channels: 1, splitCount: 3, imageCount: 3 });
    expect(images.labels).toEqual([[0], [1], [0]]);
    const expected = Uint8Array.from({ length: 3 * 784 }, (_, i) => (i * 7 + 2) % 251);
    expect(firstDifference(images.pixels, expected)).toBeNull();
  });
});

describe('readNpzImages', () => {
  it.each([
    { side: 28, channels: 3, packing: 'deflated' },
    { side: 28, channels: 3, packing: 'stored' },
    { side: 64, channels: 3, packing: 'deflated' },
    { side: 128, channels: 3, packing: 'stored' },
    { side: 224, channels: 3, packing: 'deflated' },
    { side: 28, channels: 1, packing: 'deflated' },
    { side: 64, channels: 1, packing: 'stored' },
    { side: 128, channels: 1, packing: 'deflated' },
    { side: 224, channels: 1, packing: 'stored' },
  ] as const)('gives the exact pixels: $side px, $channels channels, $packing', async (given) => {
    const { side, channels, packing } = given;
    const file = npz(testSplit({ count: 5, side, channels, labels: [1, 0, 1, 1, 0] }), packing);
    const images = await open(file, channels === 3 ? BLOOD : BREAST);
    expect(images).toMatchObject({ side, channels, splitCount: 5, imageCount: 5 });
    expect(firstDifference(images.pixels, patternBytes(5 * side * side * channels))).toBeNull();
    expect(images.labels).toEqual([[1], [0], [1], [1], [0]]);
  });

  it('takes (N, side, side, 1) for grey', async () => {
    const data = patternBytes(2 * 784);
    const images = npy({ shape: [2, 28, 28, 1], data });
    const read = await open(npz({ test_images: images, test_labels: labelsNpy([1, 0]) }), BREAST);
    expect(read).toMatchObject({ channels: 1, imageCount: 2 });
    expect(firstDifference(read.pixels, data)).toBeNull();
  });

  it('reads the test split and not the others, in any order of the entries', async () => {
    const { test_images, test_labels } = testSplit({ count: 2, labels: [7, 4], seed: 3 });
    const file = npz({
      test_labels,
      train_images: imagesNpy(4, 28, 3, 1),
      train_labels: labelsNpy([0, 0, 0, 0]),
      val_images: imagesNpy(1, 28, 3, 2),
      val_labels: labelsNpy([0]),
      test_images,
    });
    const images = await open(file);
    expect(firstDifference(images.pixels, patternBytes(2 * 28 * 28 * 3, 3))).toBeNull();
    expect(images.labels).toEqual([[7], [4]]);
  });

  it('reads a zip64 directory', async () => {
    const images = await open(asZip64(npz(testSplit({ labels: [0, 7, 3] }))));
    expect(images.labels).toEqual([[0], [7], [3]]);
    expect(firstDifference(images.pixels, patternBytes(3 * 28 * 28 * 3))).toBeNull();
  });

  it('reads a zip with a comment', async () => {
    const zip = npz(testSplit());
    const comment = new TextEncoder().encode('downloaded from Zenodo');
    new DataView(zip.buffer).setUint16(zip.length - 2, comment.length, true);
    const images = await open(Uint8Array.from([...zip, ...comment]));
    expect(firstDifference(images.pixels, patternBytes(3 * 28 * 28 * 3))).toBeNull();
  });

  it('takes black images, which deflate to a thousandth', async () => {
    const images = npy({ shape: [900, 28, 28], data: new Uint8Array(900 * 784) });
    const labels = labelsNpy(new Array<number>(900).fill(0));
    const read = await open(npz({ test_images: images, test_labels: labels }), BREAST);
    expect(read.imageCount).toBe(900);
  });

  it('reports packed bytes that grow to the total', async () => {
    const file = new Blob([npz(testSplit({ count: 6, side: 224 }), 'stored')]);
    const reports: [number, number][] = [];
    await readNpzImages(file, BLOOD, { aborted: false }, (read, total) => {
      reports.push([read, total]);
    });
    const total = 6 * 224 * 224 * 3 + 128 + 6 + 128;
    expect(reports.length).toBeGreaterThan(4);
    expect(new Set(reports.map((report) => report[1]))).toEqual(new Set([total]));
    const reads = reports.map(([read]) => read);
    expect(reads).toEqual([...reads].sort((a, b) => a - b));
    expect(reads[1]).toBeLessThan(total / 2);
    expect(reads.at(-1)).toBe(total);
  });
});

describe('numpy headers', () => {
  const data = patternBytes(3 * 784);

  it.each([1, 2, 3])('of version %i', async (version) => {
    const test_images = npy({ shape: [3, 28, 28], data, version });
    const test_labels = npy({ shape: [3, 1], data: Uint8Array.of(1, 0, 1), version });
    const read = await open(npz({ test_images, test_labels }), BREAST);
    expect(firstDifference(read.pixels, data)).toBeNull();
    expect(read.labels).toEqual([[1], [0], [1]]);
  });

  it('longer than one piece of the inflater', async () => {
    const test_images = npy({ shape: [3, 28, 28], data, version: 2, padding: 60_000 });
    const read = await open(npz({ test_images, test_labels: labelsNpy([1, 0, 1]) }), BREAST);
    expect(firstDifference(read.pixels, data)).toBeNull();
  });
});

describe('labels', () => {
  const test_images = imagesNpy(3, 28, 1);

  function wide(descr: string, isLittle = true): Uint8Array {
    const itemBytes = Number(descr.slice(2));
    const view = new DataView(new ArrayBuffer(3 * itemBytes));
    [1, 0, 1].forEach((label, i) => {
      view.setUint8(i * itemBytes + (isLittle ? 0 : itemBytes - 1), label);
    });
    return new Uint8Array(view.buffer);
  }

  it.each(['|u1', '|i1', '|b1', '<u2', '<i2', '<u4', '<i4', '<u8', '<i8', '>i4', '>i8'])(
    'of %s, one to an image',
    async (descr) => {
      const data = wide(descr, !descr.startsWith('>'));
      for (const shape of [[3, 1], [3]]) {
        const test_labels = npy({ shape, descr, data });
        const read = await open(npz({ test_images, test_labels }), BREAST);
        expect(read.labels).toEqual([[1], [0], [1]]);
      }
    },
  );

  it('are class indexes as they stand in the file', async () => {
    const labels = [0, 1, 2, 3, 4, 5, 6, 7];
    expect((await open(npz(testSplit({ count: 8, labels })))).labels).toEqual(
      labels.map((label) => [label]),
    );
  });

  it('are the findings present, 14 to an image', async () => {
    const rows = [[0, 13], [], [1, 2, 12]];
    const data = Uint8Array.from(
      rows.flatMap((row) => Array.from({ length: 14 }, (_, i) => Number(row.includes(i)))),
    );
    const test_labels = npy({ shape: [3, 14], data });
    const read = await open(npz({ test_images, test_labels }), CHEST);
    expect(read.labels).toEqual(rows);
    expect(read.candidates).toEqual(['chestmnist']);
  });
});
