import { expect, test } from 'vitest';
import { answerTexts, nullsOf, recordOf, sampleOf } from '../../core/record-fixture.ts';
import { itemFigures } from '../../core/sets/item-figures.ts';
import { runFigures } from '../../core/sets/run-figures.ts';
import { figureRows, figuresAt, figureWords } from './figure-rows.ts';
import { comparedChance, comparedKWords, itemsAt, largestInformativeK } from './set-view.ts';

const items = [3, 0, 4, 1].flatMap((c, at) => {
  const { image } = recordOf([]);
  const texts = [...answerTexts('B', c), ...answerTexts('A', 4 - c)];
  const record = recordOf(texts, {
    image: { ...image, dataset: at < 2 ? 'bloodmnist' : 'pathmnist' },
    greedy: sampleOf(`<answer>${c > 2 ? 'B' : 'A'}</answer>`),
    nulls: nullsOf(texts, answerTexts('A', 4)),
  });
  return itemFigures(record) ?? [];
});
const figures = runFigures(items);
const rows = figureRows(figures.all);
const row = (id: string) => {
  const found = rows.find((one) => one.id === id);
  if (!found) throw new Error(`There is no row ${id}.`);
  return found;
};

test('every figure of the run has a row, once, at every k', () => {
  const { items: count, blindItems, passAtK, cover, ...single } = figures.all;
  expect([count.value, blindItems.value]).toEqual([4, 0]);
  const expected = [
    ...Object.keys(single),
    ...passAtK.flatMap(({ k, ...curve }) =>
      // How many items have k samples is no figure of its own.
      Object.keys(curve).flatMap((name) => (name === 'items' ? [] : [`${name}@${String(k)}`])),
    ),
    ...cover.map(({ threshold }) => `cover@${String(threshold)}`),
  ];
  expect(rows.map(({ id }) => id).sort()).toEqual(expected.sort());
});

test('a row reads its figure of all items, of a set and of the mean over sets', () => {
  const support = row('support@2');
  const value = (scope: string) => {
    const own = figuresAt(figures, scope);
    return own && support.read(own)?.value;
  };
  // Pass@2 of 3, 0, 4 and 1 right of 4: 1, 0, 1, 0.5.
  expect(value('all')).toBeCloseTo(0.625, 12);
  expect(value('bloodmnist')).toBeCloseTo(0.5, 12);
  expect(value('pathmnist')).toBeCloseTo(0.75, 12);
  expect(value('macro')).toBeCloseTo(0.625, 12);
  expect(value('octmnist')).toBeUndefined();
  // One of four options: 1 − 0.75².
  expect(support.chance?.(figures.all)).toBeCloseTo(0.4375, 12);
});

test('words have two significant digits and the interval; none where it is not defined', () => {
  const interval = { lower: 0.512, upper: 1 };
  expect(figureWords({ value: 0.6234, interval }, 'share')).toBe('0.62 (0.51–1)');
  expect(figureWords({ value: -0.05, interval: { lower: -0.1, upper: 0.02 } }, 'difference')).toBe(
    '−0.05 (−0.10 to +0.02)',
  );
  expect(figureWords({ value: 1.234, interval: null }, 'amount')).toBe('1.2');
  // Rounding of sums leaves 0 … 1.
  expect(figureWords({ value: 1 + 1e-12, interval: null }, 'share')).toBe('1');
  expect(figureWords({ value: null, interval: null }, 'share')).toBe('–');
  expect(figureWords(undefined, 'share')).toBe('–');
});

test('items that are all alike have no interval to show', () => {
  expect(figureWords({ value: 0, interval: { lower: 0, upper: 0 } }, 'share')).toBe(
    '0 (all alike)',
  );
});

test('the k of the comparison is named with its sets where they differ', () => {
  expect(comparedKWords(items)).toBe('k = 4');
  const two = items.map((one) => (one.dataset === 'pathmnist' ? { ...one, options: 2 } : one));
  expect(comparedKWords(two)).toBe('k = 2 (PathMNIST), 4 (BloodMNIST)');
  // 1 − 0.75⁴, and 1 − 0.5².
  expect(comparedChance(items)).toBeCloseTo(0.68359375, 12);
  expect(comparedChance(itemsAt(two, 'pathmnist'))).toBeCloseTo(0.75, 12);
  expect(largestInformativeK(two)).toBe(4);
  const free = items.map((one) => ({ ...one, options: 0, rightOptions: 0 }));
  expect(comparedChance(free)).toBeNull();
  expect(largestInformativeK(free)).toBeNull();
});
