import { describe, expect, it } from 'vitest';
import { formatDifference, formatProbability, formatUpperBound } from './format.ts';

describe('formatProbability', () => {
  it.each([
    [0, '0'],
    [1, '1'],
    [0.6875, '0.69'],
    [0.25, '0.25'],
    [0.05, '0.050'],
    [0.00371, '0.0037'],
    [0.00002, '0.000020'],
    [0.0000001, '<0.00001'],
    [0.98998, '0.99'],
    [0.9949, '0.99'],
    [0.995, '>0.99'],
    [0.99999, '>0.99'],
  ])('%s → %s', (value, text) => {
    expect(formatProbability(value)).toBe(text);
  });

  it('refuses what is no probability', () => {
    for (const value of [-0.1, 1.01, NaN]) expect(() => formatProbability(value)).toThrow();
  });
});

describe('formatUpperBound', () => {
  it.each([
    [0.1936, '0.20'],
    [0.2, '0.20'],
    [0.21, '0.21'],
    [0.7934, '0.80'],
    [0.00371, '0.0038'],
    [0.095, '0.095'],
    [0.0991, '0.10'],
    [1, '1'],
    [0, '0'],
  ])('%s → %s', (value, text) => {
    expect(formatUpperBound(value)).toBe(text);
  });

  it('is never below its value', () => {
    for (let n = 1; n <= 1024; n += 1) {
      expect(Number(formatUpperBound(3.84 / (n + 3.84)))).toBeGreaterThanOrEqual(3.84 / (n + 3.84));
    }
  });
});

describe('formatDifference', () => {
  it.each([
    [0.3125, '+0.31'],
    [-0.0625, '−0.06'],
    [1, '+1.00'],
    [0, '0.00'],
    [-0.004, '0.00'],
  ])('%s → %s', (value, text) => {
    expect(formatDifference(value)).toBe(text);
  });
});
