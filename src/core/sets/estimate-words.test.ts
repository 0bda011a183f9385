import { expect, test } from 'vitest';
import { changeWords, estimateWords } from './estimate-words.ts';
import { UNKNOWN } from './resampling.ts';

test('a value with its interval, and what is not known', () => {
  const estimate = { value: 0.125, interval: { lower: -0.051, upper: 0.3 } };
  expect(changeWords(estimate)).toBe('+0.13 (−0.05 to +0.30)');
  expect(estimateWords({ value: 0.5, interval: { lower: 0.25, upper: 1 } })).toBe(
    '0.50 (0.25 to 1.00)',
  );
  expect(estimateWords({ value: -0.001, interval: { lower: -0.07, upper: 0.06 } })).toBe(
    '0.00 (−0.07 to 0.06)',
  );
  expect(estimateWords({ value: 0.5, interval: null })).toBe('0.50');
  expect([estimateWords(UNKNOWN), changeWords(UNKNOWN)]).toEqual(['–', '–']);
});
