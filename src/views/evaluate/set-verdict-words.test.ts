import { expect, test } from 'vitest';
import { belowGuessingWords, gapWords, shareWords } from './set-verdict-words.ts';

const estimate = (value: number, lower: number, upper: number) => ({
  value,
  interval: { lower, upper },
});

test('shares are of the items, and words where all are alike', () => {
  expect(shareWords(estimate(0.62, 0.55, 0.69))).toBe('0.62 (0.55–0.69) of the items');
  expect(shareWords(estimate(1, 1, 1))).toBe('all items');
  expect(shareWords(estimate(0, 0, 0))).toBe('none of the items');
  expect(gapWords(estimate(0, 0, 0))).not.toContain('alike');
  expect(gapWords(estimate(0.11, 0.05, 0.17))).toContain('0.17');
});

test('support below guessing is called so', () => {
  expect(belowGuessingWords(estimate(0.6, 0.53, 0.66), 0.71)).toBe('below guessing (0.71)');
  expect(belowGuessingWords(estimate(0.7, 0.6, 0.8), 0.71)).toBe(
    'below guessing (0.71, not clearly)',
  );
  expect(belowGuessingWords(estimate(0.8, 0.7, 0.9), 0.71)).toBe('');
  expect(belowGuessingWords(estimate(0.6, 0.5, 0.7), null)).toBe('');
});
