import { describe, expect, it } from 'vitest';
import { boundsWords, formatLowerBound } from './bounds-words.ts';

describe('formatLowerBound', () => {
  it.each([
    [0, '0'],
    [0.1999, '0.19'],
    [0.29, '0.29'],
    [0.0507, '0.050'],
    [0.00371, '0.0037'],
    [0.000001, '0'],
    [0.9999, '0.99'],
    [1, '1'],
  ])('%s → %s', (value, text) => {
    expect(formatLowerBound(value)).toBe(text);
  });
});

describe('boundsWords', () => {
  it.each([
    [0.62, 0.62005, '0.62'],
    [0.4199, 0.7701, '0.41–0.78'],
    [0, 0.00012, '<0.00012'],
    [0, 0, '0'],
    [0, 1, '0–1'],
    [0.3, 1, '0.30–1'],
    [0.997, 0.9995, '>0.99'],
  ])('%s to %s → %s', (lower, upper, text) => {
    expect(boundsWords({ lower, upper })).toBe(text);
  });
});
