import { expect, test } from 'vitest';
import {
  effectiveSampleSize,
  needsNewRun,
  normalizedWeights,
  reweightRefusal,
  weightedEstimate,
} from './importance.ts';
import { wilsonInterval } from './intervals.ts';
import type { PolicySettings } from './types.ts';

const OPEN: PolicySettings = { temperature: 1, topK: 0, topP: 1, minP: 0 };

test.each<
  readonly [sampled: Partial<PolicySettings>, target: Partial<PolicySettings>, string | null]
>([
  [{}, { temperature: 0.3 }, null],
  [{}, { temperature: 1.7, topP: 0.8, topK: 5, minP: 0.1 }, null],
  [{}, { temperature: 0 }, null],
  [{ topP: 0.9 }, { topP: 0.9 }, null],
  [{ topP: 0.9 }, { topP: 0.8 }, null],
  [{ topP: 0.9 }, { topP: 0.8, topK: 20, minP: 0.01 }, null],
  [{ topP: 0.9 }, { topP: 0.95 }, 'wider-filters'],
  [{ topP: 0.9 }, { topP: 1, topK: 3 }, 'wider-filters'],
  [{ topP: 0.9 }, { topP: 0.9, temperature: 0.9 }, 'temperature-of-filtered-run'],
  [{ topK: 20 }, { topK: 10 }, null],
  [{ topK: 20 }, { topK: 21 }, 'wider-filters'],
  [{ topK: 20 }, { topK: 0, topP: 0.1 }, 'wider-filters'],
  [{ minP: 0.1 }, { minP: 0.2 }, null],
  [{ minP: 0.1 }, { minP: 0.05 }, 'wider-filters'],
  [{ minP: 0.1 }, { minP: 0.1, temperature: 0.5 }, 'temperature-of-filtered-run'],
  [{ temperature: 0 }, { temperature: 0 }, null],
  [{ temperature: 0 }, { temperature: 0.1 }, 'greedy-run'],
])('from %j to %j: %s', (sampled, target, refusal) => {
  expect(reweightRefusal({ ...OPEN, ...sampled }, { ...OPEN, ...target })).toBe(refusal);
});

test('weights add up to 1 and know no offset; nothing said has no weight', () => {
  const weights = normalizedWeights([Math.log(1), Math.log(3), -Infinity]);
  expect(weights.map((w) => w.toFixed(12))).toEqual([
    '0.250000000000',
    '0.750000000000',
    '0.000000000000',
  ]);
  expect(normalizedWeights([-1000, -1000])).toEqual([0.5, 0.5]);
  expect(normalizedWeights([-Infinity, -Infinity])).toEqual([0, 0]);
});

test('the effective sample size is n for equal weights and 1 for one', () => {
  expect(effectiveSampleSize([0.25, 0.25, 0.25, 0.25])).toBeCloseTo(4, 12);
  expect(effectiveSampleSize([0, 1, 0])).toBe(1);
  expect(effectiveSampleSize([0, 0])).toBe(0);
  expect(effectiveSampleSize([0.5, 0.25, 0.25])).toBeCloseTo(8 / 3, 12);
  expect(needsNewRun([0.97, 0.01, 0.01, 0.01, 0, 0, 0, 0])).toBe(true);
  expect(needsNewRun([0.25, 0.25, 0.25, 0.25, 0, 0, 0, 0])).toBe(false);
});

test('with equal weights the estimate is the share with its Wilson interval', () => {
  const values = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
  const estimate = weightedEstimate(
    values.map(() => 0.1),
    values,
  );
  expect(estimate?.probability).toBeCloseTo(0.3, 12);
  const wilson = wilsonInterval(3, 10);
  expect(estimate?.interval.lower).toBeCloseTo(wilson.lower, 10);
  expect(estimate?.interval.upper).toBeCloseTo(wilson.upper, 10);
});

test('heavy weights widen the interval, most where the members carry them', () => {
  const width = (weights: readonly number[], values: readonly number[]): number => {
    const estimate = weightedEstimate(normalizedWeights(weights.map(Math.log)), values);
    return estimate ? estimate.interval.upper - estimate.interval.lower : NaN;
  };
  const values = [1, 1, 1, 1, 0, 0, 0, 0];
  expect(width([1, 1, 1, 4, 1, 1, 1, 4], values)).toBeGreaterThan(
    width([1, 1, 1, 1, 1, 1, 1, 1], values),
  );
  // Four light members with a share of 1/2 against one heavy: the same Kish size cannot tell them apart.
  expect(weightedEstimate([1, 0], [1, 0])?.interval.lower).toBeLessThan(0.25);
  expect(weightedEstimate([0, 0], [1, 0])).toBeNull();
  expect(() => weightedEstimate([1], [1, 0])).toThrow(RangeError);
});
