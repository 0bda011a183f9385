import { describe, expect, it, test } from 'vitest';
import { checkSets, featuresProblem } from './check-sets.ts';
import {
  classLabels,
  imagesByClass,
  standardized,
  type LabelledFeatures,
  type ProbeSets,
} from './features.ts';
import { RELEASED_PROBE, validateLinearProbe, validateNeighbours } from './settings.ts';

function split(labels: number[], width = 3): LabelledFeatures {
  const values = Float32Array.from({ length: labels.length * width }, (_, place) => place % 7);
  return { features: { rows: labels.length, width, values }, labels: Int32Array.from(labels) };
}

const sound: ProbeSets = {
  classes: 3,
  train: split([0, 0, 1, 1, 1]),
  val: split([0, 1]),
  test: split([1, 0, 0]),
};

function spoilt(rows: number, at: number, value: number): LabelledFeatures {
  const own = split(new Array<number>(rows).fill(1));
  own.features.values[at] = value;
  return own;
}

it('takes sound sets: without val, and with a class of which there is no image', () => {
  expect(checkSets(sound)).toEqual([]);
  expect(checkSets({ ...sound, val: null })).toEqual([]);
  expect(featuresProblem(sound.train.features, 'images')).toBeNull();
});

describe('what is wrong is named, with what to do', () => {
  const { labels, features } = sound.train;
  const cases: [string, Partial<ProbeSets>, string, RegExp][] = [
    ['no images', { test: split([]) }, 'test', /no features of the test images: take some/],
    [
      'fewer numbers than images',
      { val: { labels, features: { ...features, values: features.values.slice(1) } } },
      'val',
      /14 numbers of the validation images where 5 · 3 are due: encode/,
    ],
    [
      'NaN',
      { test: spoilt(4, 10, NaN) },
      'test',
      /Image 4 of the test .* is NaN: .*another device/,
    ],
    ['Infinity', { val: spoilt(4, 0, Infinity) }, 'val', /Image 1 .* is Infinity: .*encode/i],
    ['−Infinity', { train: spoilt(4, 5, -Infinity) }, 'train', /Image 2 .* is -Infinity/],
    [
      'fewer labels than images',
      { train: { features, labels: labels.slice(1) } },
      'train',
      /5 training images and 4 labels: a probe needs one for each/,
    ],
    [
      'an image without a label',
      { test: split([0, -1]) },
      'test',
      /Test image 2 has no label.*leave it out/,
    ],
    [
      'several labels',
      { train: { features, labels: classLabels([[0], [0, 1], [], [1], [1]]) } },
      'train',
      /Training image 2 has several labels\..* ChestMNIST, cannot be probed: choose another/,
    ],
    ['a class that the set lacks', { val: split([0, 3]) }, 'val', /label 3, but .* 0 to 2: check/],
    [
      'other widths',
      { test: split([0, 1], 4) },
      'test',
      /training images have 3 .* test images 4: .*same checkpoint/,
    ],
    [
      'one image of a class',
      { train: split([0, 0, 1]) },
      'train',
      /Class 1 has 1 training images.* at least 2: take more/,
    ],
    [
      'a class that is only tested',
      { test: split([0, 2]) },
      'train',
      /Class 2 has 0 training images/,
    ],
    [
      'several such classes',
      { train: split([0, 0, 1]), val: split([2]) },
      'train',
      /Class 1 \(and 1 more\)/,
    ],
    [
      'one class alone',
      { train: split([0, 0]), val: null, test: split([0]) },
      'train',
      /all training images are of one class.*take images of others/i,
    ],
  ];
  it.each(cases)('%s', (_, change, field, message) => {
    const problems = checkSets({ ...sound, ...change });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.field).toBe(field);
    expect(problems[0]?.message).toMatch(message);
  });

  it('each split on its own, before they are compared', () => {
    const problems = checkSets({ ...sound, train: split([]), test: split([0, 9], 4) });
    expect(problems.map(({ field }) => field)).toEqual(['train', 'test']);
  });
});

it('large finite features are no infinity', () => {
  const values = Float32Array.from([3e38, 3e38, 3e38]);
  expect(featuresProblem({ rows: 1, width: 3, values }, 'images')).toBeNull();
});

it('settings out of range are named by field', () => {
  expect(validateLinearProbe(RELEASED_PROBE)).toEqual([]);
  const wrong = { learningRate: 0, batchSize: 1, epochs: 1.5, seed: -1 };
  expect(validateLinearProbe(wrong).map(({ field }) => field)).toEqual(Object.keys(wrong));
  const endless = { learningRate: NaN, batchSize: Infinity, epochs: NaN, seed: 2 ** 32 };
  expect(validateLinearProbe(endless)).toHaveLength(4);
  expect(validateNeighbours(20, 20)).toEqual([]);
  for (const k of [0, 21, 1.5, NaN]) {
    expect(validateNeighbours(k, 20)[0]?.message).toMatch(/1 to 20, the number of training/);
  }
});

it('labels as files have them, and their counts', () => {
  const labels = classLabels([[2], [0], [], [1, 2], [0]]);
  expect([...labels]).toEqual([2, 0, -1, -2, 0]);
  expect([...imagesByClass(labels, 3)]).toEqual([2, 0, 1]);
});

test('standardized: mean 0 and variance 1 a feature, 0 where nothing varies, NaN where it was', () => {
  const values = Float32Array.from([1, 5, 100, 3, 5, 300, 5, 5, NaN]);
  const scaled = standardized({ rows: 3, width: 3, values });
  const column = (place: number) => [0, 1, 2].map((row) => scaled.values[3 * row + place]);
  expect(column(0)).toEqual([-Math.sqrt(1.5), 0, Math.sqrt(1.5)].map(Math.fround));
  expect(column(1)).toEqual([0, 0, 0]);
  expect(column(2)).toEqual([NaN, NaN, NaN]);
});
