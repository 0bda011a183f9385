import { expect, test } from 'vitest';
import { recordOf } from '../core/record-fixture.ts';
import { NamedError } from '../protocol/errors.ts';
import { chooseWrongImages, type LabelledSet } from './wrong-images.ts';

const { image: source } = recordOf([]);
const pixels = { width: 2, height: 3, data: new Uint8Array(18) };

/** A set of images with these classes; the image's id is its place. */
const setOf = (labels: readonly (readonly number[])[], width = 2): LabelledSet => ({
  images: labels.map((label, index) => ({ id: String(index), label })),
  open: (id) =>
    Promise.resolve({
      image: { ...pixels, width },
      source: { ...source, width, index: Number(id) },
    }),
});
const labels = Array.from({ length: 40 }, (_, index) => [index % 8]);
const chosen = { source, label: [3] };
const indexes = async (set: LabelledSet | null, seed: number, image = chosen) =>
  (await chooseWrongImages(image, set, seed)).images?.map((one) => one.source.index);

test('four different images of other classes, by seed and item', async () => {
  const choice = await chooseWrongImages(chosen, setOf(labels), 7);
  expect(choice).toMatchObject({ atHand: 35, reason: null });
  const drawn = await indexes(setOf(labels), 7);
  expect(new Set(drawn).size).toBe(4);
  expect(drawn?.map((index) => (index ?? 3) % 8)).not.toContain(3);
  expect(await indexes(setOf(labels), 7)).toEqual(drawn);
  expect(await indexes(setOf(labels), 8)).not.toEqual(drawn);
  const other = { ...chosen, source: { ...source, index: 9 } };
  expect(await indexes(setOf(labels), 7, other)).not.toEqual(drawn);
});

test('several findings: none may be shared; no finding is a class of its own', async () => {
  const set = setOf([[1, 2], [3], [], [4], [0], [5], [1, 4]]);
  const several = await indexes(set, 7, { source, label: [1, 3] });
  expect(several?.toSorted()).toEqual([2, 3, 4, 5]);
  const none = await indexes(setOf([[], [], [1], [2], [3], [1, 2]]), 7, { source, label: [] });
  expect(none?.toSorted()).toEqual([2, 3, 4, 5]);
});

test.each([
  [
    'an image of one’s own',
    { ...chosen, source: { ...source, dataset: null } },
    setOf(labels),
    /own/,
  ],
  ['no set at hand', chosen, null, /not on this page/],
  [
    'no VQA set at hand',
    { ...chosen, source: { ...source, dataset: 'SLAKE' } },
    null,
    /run under Evaluate/,
  ],
  ['no known class', { source, label: null }, setOf(labels), /not on this page/],
  ['too few', chosen, setOf([[3], [1], [3], [2]]), /^2 images of other classes at hand, and 4 are/],
  ['another size', chosen, setOf(labels, 64), /another size/],
])('%s: none, with the reason', async (_, image, set, reason) => {
  const choice = await chooseWrongImages(image, set, 7);
  expect(choice.images).toBeNull();
  expect(choice.reason).toMatch(reason);
});

test('a file that is gone is a reason, not an error', async () => {
  const open = () => Promise.reject(new NamedError('ImageUnreadable', 'The file is gone.'));
  const choice = await chooseWrongImages(chosen, { ...setOf(labels), open }, 7);
  expect(choice).toEqual({ images: null, reason: 'The file is gone.' });
});
