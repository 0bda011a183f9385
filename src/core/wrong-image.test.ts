import { describe, expect, it } from 'vitest';
import { wilsonInterval } from './intervals.ts';
import { blindEstimate } from './wrong-image.ts';

const of = (n: number, ...cs: number[]) => cs.map((c) => ({ c, n }));

describe('blindEstimate', () => {
  it('is the mean over images, each with the same weight', () => {
    const counts = [...of(16, 4, 8, 0), { c: 1, n: 2 }];
    expect(blindEstimate(counts)).toMatchObject({ mean: (0.25 + 0.5 + 0 + 0.5) / 4, images: 4 });
  });

  it('has the Wilson interval where images agree', () => {
    expect(blindEstimate(of(16, 0, 0, 0, 0))).toEqual({
      mean: 0,
      interval: wilsonInterval(0, 64),
      images: 4,
    });
  });

  it("has Student's interval where images differ", () => {
    // scipy 1.17.1: t.ppf(.975, 3) = 3.18245, half = 3.18245 * std([…], ddof=1) / sqrt(4)
    const shares = [2, 4, 6, 8].map((c) => c / 20);
    const sd = Math.sqrt(shares.reduce((sum, s) => sum + (s - 0.25) ** 2, 0) / 3);
    const { interval } = blindEstimate(of(20, 2, 4, 6, 8));
    const half = (3.18245 * sd) / 2;
    expect(Math.abs(interval.upper - (0.25 + half)) / half).toBeLessThan(0.01);
    expect(interval.lower).toBeCloseTo(0.25 - half, 2);
  });

  it('stays within 0 and 1', () => {
    expect(blindEstimate(of(16, 0, 16, 0, 16)).interval).toEqual({ lower: 0, upper: 1 });
  });

  it('needs four images with samples', () => {
    expect(() => blindEstimate(of(16, 1, 2, 3))).toThrow('at least four images, not 3');
    expect(() => blindEstimate([])).toThrow(RangeError);
    expect(() => blindEstimate([...of(16, 1, 2, 3), { c: 0, n: 0 }])).toThrow(RangeError);
    expect(() => blindEstimate(of(4, 1, 2, 3, 5))).toThrow(RangeError);
  });
});
