/** The real data worker through the page's half of it, in Chromium. */
import { afterEach, describe, expect, it } from 'vitest';
import { createWorkerLink, type WorkerLink } from '../../src/backend/worker-link.ts';
import type { RgbImage } from '../../src/core/types.ts';
import type { DataService, NpzProgress } from '../../src/protocol/data.ts';
import { ImageLibrary } from '../../src/storage/image-library.ts';
import {
  endWorkers,
  makeLibrary,
  makeWorker,
  npzFile,
  read,
  refused,
  SAMPLES,
  workers,
} from '../../test/fixtures/npz/library.ts';
import {
  firstDifference,
  labelsNpy,
  npy,
  patternBytes,
  testSplit,
} from '../../test/fixtures/npz/make-npz.ts';

afterEach(endWorkers);

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(bytes)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** RGB of image `index` of `patternBytes`. */
function expectedRgb(side: number, channels: 1 | 3, index: number, seed = 0): Uint8Array {
  const size = side * side * channels;
  const own = patternBytes(size * (index + 1), seed).subarray(size * index);
  return Uint8Array.from({ length: side * side * 3 }, (_, i) =>
    channels === 3 ? (own[i] ?? 0) : (own[Math.floor(i / 3)] ?? 0),
  );
}

function expectPixels(image: RgbImage | undefined, side: number, expected: Uint8Array): void {
  expect([image?.width, image?.height]).toEqual([side, side]);
  expect(firstDifference(image?.data ?? new Uint8Array(), expected)).toBeNull();
}

describe('the gallery', () => {
  it('opens with at least 200 exact images of six sets', async () => {
    const list = (await (await fetch(`${SAMPLES}gallery.json`)).json()) as {
      sets: { dataset: string; images: { index: number; label: number; sha256: string }[] }[];
    };
    const gallery = await makeLibrary().openGallery();
    expect(new Set(gallery.map(({ dataset }) => dataset)).size).toBe(6);
    expect(gallery.map(({ dataset }) => dataset)).toEqual(list.sets.map(({ dataset }) => dataset));
    const images = gallery.flatMap((set) => set.images);
    expect(images.length).toBeGreaterThanOrEqual(200);
    const listed = list.sets.flatMap((set) => set.images);
    expect(await Promise.all(images.map(({ image }) => sha256(image.data)))).toEqual(
      listed.map((image) => image.sha256),
    );
    expect(images.map(({ source, label }) => [source.index, label, source.sha256])).toEqual(
      listed.map((image) => [image.index, [image.label], image.sha256]),
    );
    expect(new Set(listed.map((image) => image.sha256)).size).toBeGreaterThanOrEqual(200);
  });

  it('that is not there is a NetworkFailed', async () => {
    const library = new ImageLibrary(new URL('http://127.0.0.1:9/none/').href, makeWorker);
    expect((await refused(library.openGallery())).name).toBe('NetworkFailed');
  });

  it('refuses a sprite that is decoded to other pixels', async () => {
    const link: WorkerLink<DataService> = createWorkerLink(makeWorker);
    const sprite = await (await fetch(`${SAMPLES}bloodmnist.png`)).blob();
    const layout = { tileSide: 28, columns: 8, tileCount: 2, sha256: ['0', '1'] };
    const error = await refused(link.call((service) => service.decodeSprite(sprite, layout)));
    expect(error.name).toBe('ImageUnreadable');
    expect(error.message).toMatch(/^Gallery image 1 was decoded to other pixels/);
  });
});

describe('an image file', () => {
  it('comes with its name, size and hash', async () => {
    const canvas = new OffscreenCanvas(30, 20);
    const context = canvas.getContext('2d');
    if (context) context.fillStyle = '#102030';
    context?.fillRect(0, 0, 30, 20);
    const file = new File([await canvas.convertToBlob()], 'mine.png');
    const { image, source } = await makeLibrary().decodeImage(file);
    expect([...image.data.subarray(0, 3)]).toEqual([0x10, 0x20, 0x30]);
    const sha = await sha256(image.data);
    const nowhere = { dataset: null, split: null, index: null };
    expect(source).toEqual({ ...nowhere, name: 'mine.png', width: 30, height: 20, sha256: sha });
  });

  it('that is no image keeps the name of its error across the thread', async () => {
    const error = await refused(makeLibrary().decodeImage(new File(['text'], 'mine.png')));
    expect(error.name).toBe('ImageUnreadable');
    expect(error.message).toMatch(/^mine\.png is not an image/);
  });
});

describe('a .npz', () => {
  it.each([
    { side: 28, channels: 3, name: 'bloodmnist.npz', set: 'BloodMNIST' },
    { side: 28, channels: 1, name: 'breastmnist.npz', set: 'BreastMNIST' },
    { side: 64, channels: 3, name: 'bloodmnist_64.npz', set: 'BloodMNIST' },
  ] as const)('gives exact pixels: $name', async ({ side, channels, name, set }) => {
    const library = makeLibrary();
    const file = npzFile(testSplit({ count: 4, side, channels, labels: [1, 0, 0, 1] }), name);
    const progress: NpzProgress[] = [];
    const summary = await read(library, file, (event) => progress.push(event));
    const dataset = set.toLowerCase();
    expect(summary).toMatchObject({ fileName: name, dataset, candidates: [dataset] });
    expect(summary).toMatchObject({ split: 'test', imageSide: side, channels, imageCount: 4 });
    expect(summary).toMatchObject({ splitCount: 4, labels: [[1], [0], [0], [1]] });
    expect(progress.at(-1)?.readBytes).toBe(progress.at(-1)?.totalBytes);

    const indexes = [3, 0, 3];
    const thumbnails = await library.thumbnails(summary.handle, indexes, side);
    expect(thumbnails).toHaveLength(3);
    indexes.forEach((index, i) => {
      expectPixels(thumbnails[i], side, expectedRgb(side, channels, index));
    });
    for (const index of [0, 3]) {
      const { image, source, label } = await library.imageAt(summary.handle, index);
      expectPixels(image, side, expectedRgb(side, channels, index));
      expect(label).toEqual([index === 0 || index === 3 ? 1 : 0]);
      const sha = await sha256(image.data);
      const expectedIndex = side === 28 ? index : null;
      expect(source).toMatchObject({ dataset, split: 'test', index: expectedIndex, name: set });
      expect(source).toMatchObject({ width: side, height: side, sha256: sha });
    }
  });

  it('gives thumbnails of at most the side that was asked for', async () => {
    const library = makeLibrary();
    const data = new Uint8Array(2 * 64 * 64 * 3).fill(90, 64 * 64 * 3);
    const test_images = npy({ shape: [2, 64, 64, 3], data });
    const file = npzFile({ test_images, test_labels: labelsNpy([0, 1]) });
    const { handle } = await read(library, file);
    const [black, grey] = await library.thumbnails(handle, [0, 1], 28);
    expectPixels(black, 28, new Uint8Array(28 * 28 * 3));
    expectPixels(grey, 28, new Uint8Array(28 * 28 * 3).fill(90));
  });

  it('is one of two that are read at the same time', async () => {
    const library = makeLibrary();
    const files = [
      npzFile(testSplit({ count: 30, side: 64, seed: 1 }), 'bloodmnist_64.npz'),
      npzFile(testSplit({ count: 20, channels: 1, seed: 2 }), 'breastmnist.npz'),
    ] as const;
    const jobs: string[][] = [[], []];
    const [first, second] = await Promise.all([
      read(library, files[0], ({ jobId }) => jobs[0]?.push(jobId)),
      read(library, files[1], ({ jobId }) => jobs[1]?.push(jobId)),
    ]);
    expect(workers).toHaveLength(1);
    expect(new Set(jobs.flat()).size).toBe(2);
    expect(new Set(jobs[0]).size).toBe(1);
    expect(second.handle).not.toBe(first.handle);
    const [blood, breast] = await Promise.all([
      library.imageAt(first.handle, 29),
      library.imageAt(second.handle, 19),
    ]);
    expectPixels(blood.image, 64, expectedRgb(64, 3, 29, 1));
    expectPixels(breast.image, 28, expectedRgb(28, 1, 19, 2));
  });

  it('whose set is not certain is settled on one of its candidates', async () => {
    const library = makeLibrary();
    const file = npzFile(testSplit({ labels: [0, 7, 1] }), 'data.npz');
    const summary = await read(library, file);
    expect(summary.dataset).toBeNull();
    expect(summary.candidates).toEqual(['bloodmnist', 'pathmnist']);
    expect((await library.imageAt(summary.handle, 1)).source).toMatchObject({
      dataset: null,
      name: 'data.npz',
    });
    const wrong = await refused(library.chooseDataset(summary.handle, 'dermamnist'));
    expect([wrong.name, wrong.message]).toEqual(['NpzInvalid', 'data.npz cannot be dermamnist.']);
    const chosen = await library.chooseDataset(summary.handle, 'pathmnist');
    expect(chosen).toEqual({ ...summary, dataset: 'pathmnist' });
    expect((await library.imageAt(summary.handle, 1)).source.name).toBe('PathMNIST');
  });

  it('without images is refused by name', async () => {
    const { test_labels } = testSplit();
    const error = await refused(read(makeLibrary(), npzFile({ test_labels })));
    expect(error.name).toBe('NpzInvalid');
    expect(error.message).toMatch(/^test_images is missing; the file has test_labels/);
  });

  it.each([-1, 3, 0.5, NaN])('has no image %d, large or small', async (index) => {
    const library = makeLibrary();
    const { handle } = await read(library, npzFile(testSplit({ count: 3 })));
    for (const call of [library.imageAt(handle, index), library.thumbnails(handle, [index], 28)]) {
      const error = await refused(call);
      expect(error.name).toBe('ImageUnreadable');
      expect(error.message).toBe(`bloodmnist.npz has no test image ${index}.`);
    }
  });

  it('that was released cannot be asked for images', async () => {
    const library = makeLibrary();
    const { handle } = await read(library, npzFile(testSplit()));
    await library.release(handle);
    const error = await refused(library.imageAt(handle, 0));
    expect(error.name).toBe('ImageUnreadable');
    expect(error.message).toMatch(/was closed/);
  });
});
