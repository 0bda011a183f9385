import { describe, expect, it } from 'vitest';
import { newcombeDifference, wilsonInterval } from './intervals.ts';

describe('wilsonInterval', () => {
  // scipy 1.17.1: binomtest(c, n).proportion_ci(0.95, 'wilson')
  it.each([
    [11, 16, 0.44404355834740666, 0.8583535614521796],
    [0, 16, 0, 0.1936076805344365],
    [16, 16, 0.8063923194655637, 1],
    [1, 1, 0.20654931437723745, 1],
    [0, 1, 0, 0.7934506856227626],
    [5, 10, 0.236593090512564, 0.7634069094874361],
    [3, 1024, 0.0009968475014902937, 0.008578032686730406],
    [8, 64, 0.06472242663330455, 0.22774561821129943],
  ])('of %i in %i', (c, n, lower, upper) => {
    const interval = wilsonInterval(c, n);
    // z here has six decimals, scipy's sixteen.
    expect(interval.lower).toBeCloseTo(lower, 7);
    expect(interval.upper).toBeCloseTo(upper, 7);
  });

  it('is exactly 0 and 1 at the ends, and everything without samples', () => {
    for (let n = 1; n <= 1024; n += 1) {
      expect(wilsonInterval(0, n).lower).toBe(0);
      expect(wilsonInterval(n, n).upper).toBe(1);
    }
    expect(wilsonInterval(0, 0)).toEqual({ lower: 0, upper: 1 });
  });

  it('narrows with a smaller z', () => {
    const wide = wilsonInterval(5, 10);
    const narrow = wilsonInterval(5, 10, 1);
    expect(narrow.lower).toBeGreaterThan(wide.lower);
    expect(narrow.upper).toBeLessThan(wide.upper);
  });

  it('refuses impossible counts', () => {
    for (const [c, n] of [
      [-1, 4],
      [5, 4],
      [1.5, 4],
      [0, -1],
      [NaN, 4],
      [1, Infinity],
    ] as const) {
      expect(() => wilsonInterval(c, n)).toThrow(RangeError);
    }
    expect(() => wilsonInterval(1, 2, 0)).toThrow(RangeError);
  });
});

describe('newcombeDifference', () => {
  // Python, scipy 1.17.1, w = binomtest(c, n).proportion_ci(.95, 'wilson'), a of the first, b of
  // the second: d - sqrt((q - b.low)**2 + (a.high - p)**2), d + sqrt((b.high - q)**2 + (p - a.low)**2)
  // 56/70 and 48/80 are example (a) of Newcombe 1998: 0.0524 to 0.3339 with the other sign.
  it.each([
    [8, 16, 12, 16, 0.25, -0.07926990667385231, 0.5152527709885528],
    [0, 16, 0, 16, 0, -0.1936076805344365, 0.1936076805344365],
    [56, 70, 48, 80, -0.2, -0.3338726540369059, -0.052431472402364815],
    [4, 16, 16, 16, 0.75, 0.43774900277289325, 0.8981793250878696],
  ])('%i/%i then %i/%i', (c1, n1, c2, n2, difference, lower, upper) => {
    const result = newcombeDifference({ c: c1, n: n1 }, { c: c2, n: n2 });
    expect(result.difference).toBeCloseTo(difference, 12);
    expect(result.interval.lower).toBeCloseTo(lower, 7);
    expect(result.interval.upper).toBeCloseTo(upper, 7);
  });

  it('refuses an empty group', () => {
    expect(() => newcombeDifference({ c: 0, n: 0 }, { c: 1, n: 2 })).toThrow(RangeError);
    expect(() => newcombeDifference({ c: 1, n: 2 }, { c: 0, n: 0 })).toThrow(RangeError);
  });
});
