import { expect, test } from 'vitest';
import { binomial, binsOf, binWords, countItems, evenItems } from './support-histogram-layout.ts';

test('every count has its bin up to sixteen samples; then sixteen share those between never and always', () => {
  expect(binsOf(1).map(binWords)).toEqual(['0', '1']);
  expect(binsOf(4).map(binWords)).toEqual(['0', '1', '2', '3', '4']);
  expect(binsOf(16)).toHaveLength(17);
  for (const n of [20, 32, 64, 100, 1024]) {
    const bins = binsOf(n);
    expect(bins.length).toBeLessThanOrEqual(18);
    expect(bins[0]).toEqual({ from: 0, to: 0 });
    expect(bins.at(-1)).toEqual({ from: n, to: n });
    // Without a gap or an overlap.
    for (const [at, { from }] of bins.entries())
      expect(from).toBe(at === 0 ? 0 : (bins[at - 1]?.to ?? 0) + 1);
  }
});

test('items fall into the bin of their right samples', () => {
  const items = [0, 0, 3, 4, 4, 4].map((c) => ({ n: 4, c }));
  expect(countItems(items, binsOf(4))).toEqual([2, 0, 0, 1, 3]);
});

// scipy.stats.binom.pmf(range(5), 4, 0.25)
const BINOM_4_QUARTER = [0.31640625, 0.421875, 0.2109375, 0.046875, 0.00390625];

test('the even spread is binomial at the mean, and holds as many items', () => {
  binomial(4, 0.25).forEach((mass, c) => {
    expect(mass).toBeCloseTo(BINOM_4_QUARTER[c] ?? NaN, 12);
  });
  const items = [0, 0, 2, 2].map((c) => ({ n: 4, c }));
  evenItems(items, binsOf(4), 4).forEach((count, c) => {
    expect(count).toBeCloseTo(4 * (BINOM_4_QUARTER[c] ?? NaN), 12);
  });
  const many = evenItems([{ n: 1024, c: 400 }], binsOf(1024), 1024);
  expect(many.reduce((sum, count) => sum + count, 0)).toBeCloseTo(1, 9);
});

test('all right or none right is one bin', () => {
  expect(binomial(3, 0)).toEqual([1, 0, 0, 0]);
  expect(binomial(3, 1)).toEqual([0, 0, 0, 1]);
  expect(evenItems([], binsOf(3), 3)).toEqual([0, 0, 0, 0]);
});
