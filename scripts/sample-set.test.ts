import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nullsOf } from '../src/core/record-fixture.ts';
import { parseExploreLink } from '../src/state/explore-link.ts';
import { addressOf } from './page-run.mjs';
import { resultLine } from './sample-lines.mjs';
import { itemsOf } from './sample-set.mjs';

const gallery = JSON.parse(
  readFileSync(new URL('../public/samples/gallery.json', import.meta.url), 'utf8'),
) as Parameters<typeof itemsOf>[0];

test('without a limit it takes every image, in the order of the gallery', () => {
  const all = gallery.sets.flatMap(({ dataset, images }) =>
    images.map(({ index }) => `${dataset}/${index}`),
  );
  const taken = itemsOf(gallery, Infinity).map(({ dataset, index }) => `${dataset}/${index}`);
  expect(taken).toEqual(all);
  expect(itemsOf(gallery, all.length + 1)).toHaveLength(all.length);
});

test('a limit is spread evenly over the sets, and over the classes of each', () => {
  for (const limit of [1, 6, 100]) expect(itemsOf(gallery, limit)).toHaveLength(limit);
  const items = itemsOf(gallery, 100);
  for (const { dataset, images } of gallery.sets) {
    const labels = items.filter((item) => item.dataset === dataset).map(({ label }) => label);
    expect([16, 17]).toContain(labels.length);
    const classes = new Set(images.map(({ label }) => label));
    const counts = [...classes].map((one) => labels.filter((label) => label === one).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  }
});

test('the page reads from the address what was asked for', () => {
  const sampler = {
    k: 16,
    temperature: 0.7,
    topP: 0.9,
    topK: 5,
    minP: 0.01,
    maxNewTokens: 64,
    seed: 0,
  };
  const plan = { checkpoints: ['a', 'b'], kind: 'yes-no', mode: 'direct', sampler, nulls: false };
  const link = parseExploreLink(addressOf({ dataset: 'octmnist', index: 3, label: 0 }, plan));
  expect(link).toMatchObject({
    dataset: 'octmnist',
    index: 3,
    checkpoints: ['a', 'b'],
    kind: 'yes-no',
    mode: 'direct',
    device: 'wasm',
    nulls: false,
    sampler,
  });
  const withNulls = addressOf(
    { dataset: 'octmnist', index: 3, label: 0 },
    { ...plan, nulls: true },
  );
  expect(parseExploreLink(withNulls).nulls).toBe(true);
});

test('a result has the answers and what made them, and no tokens', () => {
  const run = readFileSync(new URL('../public/runs/first.jsonl', import.meta.url), 'utf8');
  const line = run
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text) as { type: string; samples: { logProbs: number[] }[] })
    .find(({ type }) => type === 'item');
  const result = resultLine(line, { label: 5 }, 'free-form');
  expect(result).toMatchObject({
    dataset: 'bloodmnist',
    index: 332,
    label: 5,
    checkpoint: 'tiny-base',
    kind: 'free-form',
    question: { options: [], referenceAnswer: 'monocyte' },
    mode: 'think',
    sampler: { k: 16, seed: 7 },
  });
  expect(result.samples).toHaveLength(16);
  expect(Object.keys(result.samples[0] ?? {})).toEqual(['text', 'answer', 'correct', 'logProb']);
  const sum = line?.samples[0]?.logProbs.reduce((total, value) => total + value, 0);
  expect(result.samples[0]?.logProb).toBe(sum);
  expect(Object.keys(result.greedy)).toEqual(['text', 'answer', 'correct']);
  const { nulls } = resultLine(
    { ...line, nulls: nullsOf(['B'], ['A', 'B']) },
    { label: 5 },
    'options',
  );
  expect(nulls.secondSeed).toMatchObject({ reason: null, drawn: { seed: 1_000_126 } });
  expect(nulls.wrongImages.drawn).toMatchObject([{ index: 1, samples: [{ text: 'A' }, {}] }]);
  const none = { drawn: null, reason: 'No set.' };
  const missing = { ...line, nulls: { secondSeed: none, wrongImages: none } };
  expect(resultLine(missing, { label: 5 }, 'options').nulls.wrongImages).toEqual(none);
});
