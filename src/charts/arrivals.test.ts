import { describe, expect, it } from 'vitest';
import { arrivalsSince, type CountedRow } from './arrivals.ts';

const rows = (...counts: readonly number[]): readonly CountedRow[] =>
  counts.map((count, at) => ({ series: 'sft', answer: ['A', 'B', null][at] ?? null, count }));

describe('what has come since the last picture', () => {
  it('is a dot a sample up to K = 64, one after the other', () => {
    const come = arrivalsSince(rows(2, 0, 1), rows(4, 1, 1), 64);
    expect(come.map(({ answer, count }) => [answer, count])).toEqual([
      ['A', 1],
      ['A', 1],
      ['B', 1],
    ]);
    expect(new Set(come.map(({ id }) => id)).size).toBe(3);
    expect(come[0]?.delayMs).toBe(0);
    expect(come[2]?.delayMs).toBeGreaterThan(come[1]?.delayMs ?? Infinity);
    expect(come.every(({ delayMs }) => delayMs < 150)).toBe(true);
  });

  it('is a lump a row above that', () => {
    const come = arrivalsSince(rows(2, 0, 1), rows(40, 1, 1), 128);
    expect(come.map(({ answer, count }) => [answer, count])).toEqual([
      ['A', 38],
      ['B', 1],
    ]);
  });

  it('is nothing when nothing came, and everything in the first picture', () => {
    expect(arrivalsSince(rows(2, 1, 0), rows(2, 1, 0), 16)).toEqual([]);
    expect(arrivalsSince([], rows(2, 1, 0), 16)).toHaveLength(3);
  });

  it('names none twice over a run', () => {
    const first = arrivalsSince([], rows(2, 1, 0), 16);
    const second = arrivalsSince(rows(2, 1, 0), rows(3, 1, 2), 16);
    const ids = [...first, ...second].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
