import { expect, test } from 'vitest';
import { SAMPLER } from '../core/record-fixture.ts';
import { VqaReader } from '../data/vqa-jsonl.ts';
import { planRun } from './plan-run.ts';
import { vqaSets } from './vqa-set.ts';

const line = (index: number, image: string, dataset = 'SLAKE') =>
  JSON.stringify({
    dataset_name: dataset,
    dataset_index: index,
    image_paths: [image],
    question: `Question ${String(index)}?`,
    options: ['yes', 'no'],
    answer: 'yes',
  });

const reader = new VqaReader('set');
for (const [at, text] of [
  line(0, 'images/a.png'),
  line(1, 'images/a.png'),
  line(2, './images/b.png'),
  line(3, '/mnt/data/images/c.png'),
  line(4, 'd.png'),
  line(5, 'twice.png'),
  line(6, 'missing.png'),
  line(0, 'deep/e.png', 'VQA-RAD'),
  line(8, 'images/f.png'),
  line(9, 'old/images/g.png'),
  line(10, 'z/twice.png'),
  line(11, 'slice.dcm'),
].entries()) {
  reader.add(at + 1, text);
}
const { items } = reader.file();

const paths = [
  'images/a.png',
  'images/b.png',
  'images/c.png',
  'x/d.png',
  'x/twice.png',
  'y/twice.png',
  'e.png',
  'images/f.png',
  'new/images/g.png',
  'other/g.png',
];
const files = paths.map((path) => ({ path, file: new File([path], path) }));

/** Pixels by name, each image of another size. */
const decode = async (file: File) => {
  const text = await file.text();
  const width = text.length;
  return {
    image: { width, height: 1, data: new Uint8Array(3 * width) },
    source: {
      dataset: null,
      split: null,
      index: null,
      name: file.name,
      width,
      height: 1,
      sha256: text,
    },
  };
};

test('images are found by their path or its end, and the others are named with their line', () => {
  const { sets, problems } = vqaSets(items, files, decode);
  expect(sets.map(({ dataset, images }) => [dataset, images.length])).toEqual([
    ['SLAKE', 7],
    ['VQA-RAD', 1],
  ]);
  expect(problems).toEqual([
    { line: 6, message: 'The image twice.png is in the folder 2 times.' },
    { line: 7, message: 'The image missing.png is not in the folder.' },
    { line: 11, message: 'The image z/twice.png is not in the folder.' },
    {
      line: 12,
      message: 'The image slice.dcm is of a kind that cannot be read: PNG, JPEG and WebP can.',
    },
  ]);
});

test('a run takes its questions as they are, and other images as wrong ones', async () => {
  const { sets } = vqaSets(items, files, decode);
  const { newRun, leftOut } = await planRun(
    {
      name: 'vqa',
      sets,
      itemsPerSet: 100,
      kind: 'options',
      settings: {
        checkpointIds: ['sft'],
        promptMode: 'think',
        hint: null,
        sampler: SAMPLER,
        nulls: true,
      },
    },
    {
      runId: 'run',
      createdAt: '2026-11-26T00:00:00.000Z',
      signal: new AbortController().signal,
      onProgress: () => undefined,
    },
  );
  expect(leftOut).toBeNull();
  expect(newRun.run.datasets).toEqual([
    { dataset: 'SLAKE', items: 7 },
    { dataset: 'VQA-RAD', items: 1 },
  ]);
  const [first, second] = ['SLAKE/0', 'SLAKE/1'].map((id) =>
    newRun.items.find(({ itemId }) => itemId === id),
  );
  expect(first?.question.text).toBe('Question 0?');
  expect(second?.question.text).toBe('Question 1?');
  expect(first?.image).toMatchObject({ dataset: 'SLAKE', index: 0, sha256: 'images/a.png' });
  // Two questions about one image are no two images.
  const others = ['images/b.png', 'images/c.png', 'images/f.png', 'new/images/g.png', 'x/d.png'];
  const wrong = first?.wrongImages?.images?.map(({ sha256 }) => sha256) ?? [];
  expect(others).toEqual(expect.arrayContaining(wrong));
  expect(new Set(wrong).size).toBe(4);
  expect(first?.wrongImages).toMatchObject({ atHand: 5 });
  const third = newRun.items.find(({ itemId }) => itemId === 'SLAKE/2');
  expect(third?.wrongImages).toMatchObject({ atHand: 5 });
  const alone = newRun.items.find(({ image }) => image.dataset === 'VQA-RAD');
  expect(alone?.wrongImages).toMatchObject({
    images: null,
    reason: expect.stringMatching(/^0 images/) as string,
  });
});
