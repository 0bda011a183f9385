import { describe, expect, it } from 'vitest';
import { isMultiLabel, MEDMNIST, type MedmnistSet } from '../../src/data/medmnist.ts';
import { imagesNpy, labelsNpy, npy, npz, testSplit } from '../../test/fixtures/npz/make-npz.ts';
import { open, refusal } from '../../test/fixtures/npz/reading.ts';
import { identifySet } from './identify-set.ts';
import { readNpzImages } from './npz.ts';

/** One image per class, or three of fourteen findings. */
function smallFile(set: MedmnistSet): Uint8Array<ArrayBuffer> {
  if (!isMultiLabel(set)) {
    const labels = set.labels.map((_, i) => i);
    return npz(testSplit({ count: labels.length, channels: set.channels, labels }));
  }
  const findings = npy({ shape: [3, 14], data: Uint8Array.from({ length: 42 }, (_, i) => i % 2) });
  return npz({ test_images: imagesNpy(3, 28, 1), test_labels: findings });
}

const withName = MEDMNIST.map((set) => [set.id, set] as const);

describe('a file with its name', () => {
  it('knows twelve sets', () => {
    expect(new Set(MEDMNIST.map(({ id }) => id)).size).toBe(12);
  });

  it.each(withName)('is %s, also as an edition, a copy or in capitals', async (id, set) => {
    const file = smallFile(set);
    for (const name of [`${id}.npz`, `${id}_64.npz`, `${id} (1).npz`, `${set.name}.NPZ`]) {
      expect((await open(file, name)).candidates).toEqual([id]);
    }
  });

  it.each([
    ['grey instead of colour', 'bloodmnist', testSplit({ channels: 1 }), /test_images is grey/],
    ['colour instead of grey', 'breastmnist', testSplit(), /test_images is colour/],
    [
      'one class too many',
      'bloodmnist',
      testSplit({ labels: [0, 8, 1] }),
      /test_labels contains 8/,
    ],
    [
      'a third class',
      'pneumoniamnist',
      testSplit({ channels: 1, labels: [2, 0, 1] }),
      /contains 2/,
    ],
    [
      'no findings',
      'chestmnist',
      testSplit({ channels: 1 }),
      /test_labels has 1 numbers per image/,
    ],
  ])('is refused when it has %s', async (_, id, arrays, why) => {
    const error = await refusal(open(npz(arrays), `${id}.npz`));
    expect(error.name).toBe('NpzInvalid');
    expect(error.message).toMatch(why);
    expect(error.message).toContain(id);
  });
});

describe('a renamed file', () => {
  /** Sets that differ in nothing that a few images show, the likeliest first. */
  const ALIKE: Readonly<Record<string, readonly string[]>> = {
    pathmnist: ['pathmnist'],
    chestmnist: ['chestmnist'],
    dermamnist: ['dermamnist', 'pathmnist', 'bloodmnist'],
    retinamnist: ['retinamnist', 'pathmnist', 'dermamnist', 'bloodmnist'],
    bloodmnist: ['bloodmnist', 'pathmnist'],
    octmnist: ['octmnist', 'tissuemnist', 'organamnist', 'organcmnist', 'organsmnist'],
    tissuemnist: ['tissuemnist', 'organamnist', 'organcmnist', 'organsmnist'],
    organamnist: ['organamnist', 'organcmnist', 'organsmnist'],
    organcmnist: ['organamnist', 'organcmnist', 'organsmnist'],
    organsmnist: ['organamnist', 'organcmnist', 'organsmnist'],
  };
  const binary = ['pneumoniamnist', 'breastmnist', ...(ALIKE['octmnist'] ?? [])];

  it.each(withName)('may be %s and what looks alike', async (id, set) => {
    const expected = ALIKE[id] ?? binary;
    expect((await open(smallFile(set), 'data.npz')).candidates).toEqual(expected);
  });

  it.each(withName)('is %s by the official numbers of images', (id, set) => {
    const traits = {
      split: 'test' as const,
      channels: set.channels,
      labelWidth: isMultiLabel(set) ? 14 : 1,
      largestLabel: isMultiLabel(set) ? 1 : set.labels.length - 1,
    };
    expect(identifySet('data.npz', { ...traits, splitCounts: set.splitCounts })).toEqual([id]);
    const { test } = set.splitCounts;
    expect(identifySet('data.npz', { ...traits, splitCounts: { test } })).toEqual([id]);
  });

  it('is known by the counts of train and val, whose images are not read', async () => {
    // 546 and 78 are BreastMNIST's; this test split has PneumoniaMNIST's classes as well
    const grey = (count: number): Uint8Array =>
      npy({ shape: [count, 28, 28], data: new Uint8Array(count * 784) });
    const official = npz({
      train_images: grey(546),
      val_images: grey(78),
      test_images: grey(156),
      test_labels: labelsNpy(Array.from({ length: 156 }, (_, i) => i % 2)),
    });
    expect((await open(official, 'data.npz')).candidates).toEqual(['breastmnist']);
  });

  it('gives the images of the split that is asked for, and names its keys', async () => {
    const pixels = new Uint8Array(2 * 784).fill(9);
    const file = npz({
      train_images: npy({ shape: [2, 28, 28], data: pixels }),
      train_labels: labelsNpy([1, 0]),
      ...testSplit({ labels: [0, 1, 1], channels: 1 }),
    });
    const read = (split: 'train' | 'val') =>
      readNpzImages(
        new Blob([file]),
        'breastmnist.npz',
        { aborted: false },
        () => undefined,
        split,
      );
    expect(await read('train')).toMatchObject({
      split: 'train',
      splitCount: 2,
      labels: [[1], [0]],
      pixels,
    });
    expect((await refusal(read('val'))).message).toMatch(/val_images is missing/);
  });

  it('with two names is judged by what is in it', async () => {
    const file = npz(testSplit({ labels: [0, 8, 1] }));
    const read = await open(file, 'bloodmnist or pathmnist.npz');
    expect(read.candidates).toEqual(['pathmnist']);
  });

  it('that fits none of the twelve is refused', async () => {
    const error = await refusal(open(npz(testSplit({ labels: [0, 11, 1] })), 'data.npz'));
    expect(error.name).toBe('NpzInvalid');
    expect(error.message).toMatch(/test_labels fit none of the twelve/);
  });
});
