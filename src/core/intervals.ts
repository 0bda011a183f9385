/** Confidence intervals of proportions. All at 95 % unless another z is given. */

export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/** Two-sided 95 % quantile of the normal distribution. */
export const Z_95 = 1.959964;

/**
 * Wilson score interval of c successes in n trials; the whole of [0, 1] for n = 0.
 *
 * @throws RangeError unless n ≥ 0 and 0 ≤ c ≤ n are integers and z > 0.
 * Source: Wilson 1927; as in Brown, Cai and DasGupta 2001.
 */
export function wilsonInterval(c: number, n: number, z = Z_95): Interval {
  if (!Number.isInteger(n) || n < 0) {
    throw new RangeError(`n must be an integer of at least 0, not ${n}.`);
  }
  if (!Number.isInteger(c) || c < 0 || c > n) {
    throw new RangeError(`c must be an integer from 0 to n = ${n}, not ${c}.`);
  }
  if (!(z > 0 && z < Infinity)) throw new RangeError(`z must be a positive number, not ${z}.`);
  if (n === 0) return { lower: 0, upper: 1 };
  const p = c / n;
  const centre = p + (z * z) / (2 * n);
  const half = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  // At c = 0 and c = n the bound is exact; rounding would leave it a hair inside.
  return {
    lower: c === 0 ? 0 : (centre - half) / scale,
    upper: c === n ? 1 : (centre + half) / scale,
  };
}

export interface Difference {
  /** Second proportion minus first. */
  readonly difference: number;
  readonly interval: Interval;
}

/**
 * Difference of two independent proportions, second minus first, with its interval.
 *
 * @throws RangeError when a count is impossible or a group is empty.
 * Source: Newcombe 1998, method 10 (from the two Wilson intervals).
 */
export function newcombeDifference(
  first: { readonly c: number; readonly n: number },
  second: { readonly c: number; readonly n: number },
  z = Z_95,
): Difference {
  if (first.n === 0 || second.n === 0) {
    throw new RangeError('A difference needs at least one sample on either side.');
  }
  const a = wilsonInterval(first.c, first.n, z);
  const b = wilsonInterval(second.c, second.n, z);
  const p = first.c / first.n;
  const q = second.c / second.n;
  const difference = q - p;
  return {
    difference,
    interval: {
      lower: difference - Math.hypot(q - b.lower, a.upper - p),
      upper: difference + Math.hypot(b.upper - q, p - a.lower),
    },
  };
}
