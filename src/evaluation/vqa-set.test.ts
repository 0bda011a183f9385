import { expect, test } from 'vitest';
import { SAMPLER } from '../core/record-fixture.ts';
import { readVqaFile } from '../data/vqa-jsonl.ts';
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

const { items } = readVqaFile(
  [
    line(0, 'images/a.png'),
    line(1, 'images/a.png'),
    line(2, './images/b.png'),
    line(3, '/mnt/data/images/c.png'),
    line(4, 'd.png'),
    line(5, 'twice.png'),
    line(6, 'missing.png'),
    line(0, 'deep/e.png', 'VQA-RAD'),
    line(8, 'images/f.png'),
  ].join('\n'),
  'set',
  { by: 'normalized' },
);

const paths = [
  'images/a.png',
  'images/b.png',
  'images/c.png',
  'x/d.png',
  'x/twice.png',
  'y/twice.png',
  'e.png',
  'images/f.png',
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
    ['SLAKE', 6],
    ['VQA-RAD', 1],
  ]);
  expect(problems).toEqual([
    { line: 6, message: 'The image twice.png is in the folder 2 times.' },
    { line: 7, message: 'The image missing.png is not in the folder.' },
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
    { dataset: 'SLAKE', items: 6 },
    { dataset: 'VQA-RAD', items: 1 },
  ]);
  const [first, second] = ['SLAKE/0', 'SLAKE/1'].map((id) =>
    newRun.items.find(({ itemId }) => itemId === id),
  );
  expect(first?.question.text).toBe('Question 0?');
  expect(second?.question.text).toBe('Question 1?');
  expect(first?.image).toMatchObject({ dataset: 'SLAKE', index: 0, sha256: 'images/a.png' });
  const wrong = first?.wrongImages?.images?.map(({ sha256 }) => sha256).sort();
  expect(wrong).toEqual(['images/b.png', 'images/c.png', 'images/f.png', 'x/d.png']);
  const alone = newRun.items.find(({ image }) => image.dataset === 'VQA-RAD');
  expect(alone?.wrongImages).toMatchObject({
    images: null,
    reason: expect.stringMatching(/^0 images/) as string,
  });
});
