import { describe, expect, it } from 'vitest';
import {
  aboveChance,
  chancePassAtK,
  curveKs,
  informativeK,
  passAtK,
  passAtKEmpirical,
  passAtKExact,
} from './pass-at-k.ts';

/** C(n, k) exactly. */
function choose(n: number, k: number): bigint {
  if (k > n) return 0n;
  let value = 1n;
  for (let i = 1; i <= k; i += 1) value = (value * BigInt(n - k + i)) / BigInt(i);
  return value;
}

/** 1 − C(n−c, k) / C(n, k) in integers, to 18 decimals. */
function passAtKByCounting(n: number, c: number, k: number): number {
  const all = choose(n, k);
  return Number(((all - choose(n - c, k)) * 10n ** 18n) / all) / 1e18;
}

describe('passAtK', () => {
  it('equals counting in integers for every c ≤ n ≤ 64 and k ≤ n', () => {
    let worst = 0;
    for (let n = 1; n <= 64; n += 1) {
      for (let c = 0; c <= n; c += 1) {
        for (let k = 1; k <= n; k += 1) {
          worst = Math.max(worst, Math.abs((passAtK(n, c, k) ?? NaN) - passAtKByCounting(n, c, k)));
        }
      }
    }
    expect(worst).toBeLessThan(1e-12);
  });

  it('is 1 when fewer than k are wrong, and null when k > n', () => {
    expect(passAtK(16, 1, 16)).toBe(1);
    expect(passAtK(16, 0, 16)).toBe(0);
    expect(passAtK(16, 16, 17)).toBeNull();
    expect(passAtK(0, 0, 1)).toBeNull();
  });

  it('does not overflow at n = 1024', () => {
    expect(passAtK(1024, 1, 512)).toBeCloseTo(0.5, 12);
    expect(passAtK(1024, 300, 512)).toBeCloseTo(1, 12);
  });

  it.each([
    [4, 5, 1, 'c must be an integer from 0 to 4, not 5.'],
    [4, -1, 1, 'c must be an integer from 0 to 4, not -1.'],
    [-1, 0, 1, 'n must be an integer of at least 0, not -1.'],
    [4, 1, 0, 'k must be an integer of at least 1, not 0.'],
    [4.5, 1, 1, 'n must be'],
    [NaN, 0, 1, 'n must be'],
    [4, 1, 1.5, 'k must be'],
  ])('refuses n = %s, c = %s, k = %s', (n, c, k, message) => {
    expect(() => passAtK(n, c, k)).toThrow(RangeError);
    expect(() => passAtK(n, c, k)).toThrow(message);
  });
});

describe('passAtKEmpirical', () => {
  it('looks at the first k only', () => {
    const flags = [false, false, true, false];
    expect([1, 2, 3, 4, 5].map((k) => passAtKEmpirical(flags, k))).toEqual([
      false,
      false,
      true,
      true,
      null,
    ]);
    expect(() => passAtKEmpirical(flags, 0)).toThrow(RangeError);
  });

  it('is on average over the orders the unbiased estimate', () => {
    const orders = [0, 1, 2, 3].map((right) => [0, 1, 2, 3].map((i) => i === right));
    for (const k of [1, 2, 3, 4]) {
      const hits = orders.filter((flags) => passAtKEmpirical(flags, k)).length;
      expect(passAtK(4, 1, k)).toBeCloseTo(hits / 4, 15);
    }
  });
});

describe('passAtKExact', () => {
  it('is 1 − (1 − p)^k, also for p too small to see beside 1', () => {
    expect(passAtKExact(0.25, 4)).toBeCloseTo(1 - 0.75 ** 4, 15);
    for (let m = 2; m <= 26; m += 1) expect(passAtKExact(1 / m, 1)).toBe(1 / m);
    expect(passAtKExact(0, 16)).toBe(0);
    expect(passAtKExact(1, 16)).toBe(1);
    expect(passAtKExact(1e-18, 100) / 1e-16).toBeCloseTo(1, 10);
    for (const p of [-0.1, 1.1, NaN]) expect(() => passAtKExact(p, 1)).toThrow(RangeError);
  });
});

describe('chance', () => {
  it('has the numbers of the design at k = 16', () => {
    expect(chancePassAtK(1, 2, 16)?.toFixed(2)).toBe('1.00');
    expect(chancePassAtK(1, 8, 16)?.toFixed(2)).toBe('0.88');
    expect(chancePassAtK(7, 8, 1)).toBeCloseTo(0.875, 15);
  });

  it('is null where guessing has no level', () => {
    expect(chancePassAtK(0, 0, 4)).toBeNull();
    expect(chancePassAtK(0, 4, 4)).toBeNull();
    expect(() => chancePassAtK(5, 4, 1)).toThrow(RangeError);
  });

  it('gives the informative k of the design', () => {
    expect([2, 4, 8, 11].map((m) => informativeK(m))).toEqual([2, 4, 8, 16]);
    expect(informativeK(8, 7)).toBe(0);
    expect(informativeK(4, 3)).toBe(1);
    expect(informativeK(0)).toBeNull();
    expect(() => informativeK(4, 0)).toThrow(RangeError);
  });
});

describe('aboveChance', () => {
  it('exists exactly for the k of the design', () => {
    const largest = [2, 4, 8, 11].map((m) => {
      const ks = Array.from({ length: 20 }, (_, i) => i + 1);
      return ks.filter((k) => aboveChance(0.9, chancePassAtK(1, m, k)) !== null).at(-1);
    });
    expect(largest).toEqual([1, 2, 5, 7]);
  });

  it('is 0 for guessing, 1 for always, negative below', () => {
    expect(aboveChance(0.25, 0.25)).toBe(0);
    expect(aboveChance(1, 0.25)).toBe(1);
    expect(aboveChance(0.1, 0.25)).toBeCloseTo(-0.2, 15);
    expect(aboveChance(0.9, null)).toBeNull();
    expect(() => aboveChance(1.2, 0.25)).toThrow(RangeError);
  });
});

describe('curveKs', () => {
  it('doubles up to n and ends there', () => {
    expect(curveKs(16)).toEqual([1, 2, 4, 8, 16]);
    expect(curveKs(13)).toEqual([1, 2, 4, 8, 13]);
    expect(curveKs(1)).toEqual([1]);
    expect(curveKs(0)).toEqual([]);
  });
});
