/**
 * Pass@k: is a right answer anywhere among k samples? From counts, from flags, from a
 * probability, and what guessing alone would give.
 */

function requireInteger(name: string, value: number, min: number, max = Infinity): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    const range = max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`;
    throw new RangeError(`${name} must be an integer ${range}, not ${value}.`);
  }
}

function requireProbability(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) {
    throw new RangeError(`${name} must be a number from 0 to 1, not ${value}.`);
  }
}

/**
 * Unbiased Pass@k from n samples of which c are right: 1 − C(n−c, k) / C(n, k).
 *
 * @returns a probability; 1 when n − c < k; `null` when k > n, where no unbiased estimate exists.
 * @throws RangeError unless n ≥ 0, 0 ≤ c ≤ n and k ≥ 1 are integers.
 * Source: Chen et al. 2021 (arXiv 2107.03374), as a product so that nothing overflows.
 */
export function passAtK(n: number, c: number, k: number): number | null {
  requireInteger('n', n, 0);
  requireInteger('c', c, 0, n);
  requireInteger('k', k, 1);
  if (k > n) return null;
  let allWrong = 1;
  // When n − c < k, the factor of i = k is 0 and the result exactly 1.
  for (let i = n - c + 1; i <= n; i += 1) allWrong *= 1 - k / i;
  return 1 - allWrong;
}

/**
 * Is any of the first k samples right: what the released code prints. `null` when there are
 * fewer than k samples.
 */
export function passAtKEmpirical(correctFlags: readonly boolean[], k: number): boolean | null {
  requireInteger('k', k, 1);
  if (k > correctFlags.length) return null;
  return correctFlags.slice(0, k).includes(true);
}

/** 1 − (1 − p)^k for a known P(correct) p, without cancellation for small p. */
export function passAtKExact(p: number, k: number): number {
  requireProbability('p', p);
  requireInteger('k', k, 1);
  return k === 1 ? p : -Math.expm1(k * Math.log1p(-p));
}

/**
 * Pass@k of blind guessing, 1 − (1 − r/m)^k, for r right options among m.
 * `null` where there is no such level: a free-form question (m = 0), no marked truth (r = 0).
 */
export function chancePassAtK(rightOptions: number, options: number, k: number): number | null {
  requireInteger('options', options, 0);
  requireInteger('rightOptions', rightOptions, 0, options);
  requireInteger('k', k, 1);
  if (options === 0 || rightOptions === 0) return null;
  return passAtKExact(rightOptions / options, k);
}

/** Guessing reaches this Pass@k at most where a comparison of support is still informative. */
export const INFORMATIVE_CHANCE = 0.8;

/**
 * The largest power of two k with `chancePassAtK(rightOptions, options, k)` ≤ 0.8: where support
 * is compared across datasets. 0 when even one guess exceeds it (no k is informative), `null`
 * for free-form, where guessing limits no k.
 */
export function informativeK(options: number, rightOptions = 1): number | null {
  requireInteger('options', options, 0);
  if (options === 0) return null;
  requireInteger('rightOptions', rightOptions, 1, options);
  let k = 0;
  for (let next = 1; passAtKExact(rightOptions / options, next) <= INFORMATIVE_CHANCE; next *= 2) {
    k = next;
  }
  return k;
}

/** Above this mean chance the quotient of `aboveChance` explodes. */
export const MAX_MEAN_CHANCE = 0.5;

/**
 * Per dataset: (mean S_k − mean chance) / (1 − mean chance), 0 for guessing and 1 for always.
 * `null` where mean chance is above 0.5 or there is no chance level.
 */
export function aboveChance(meanSupport: number, meanChance: number | null): number | null {
  requireProbability('meanSupport', meanSupport);
  if (meanChance === null) return null;
  requireProbability('meanChance', meanChance);
  if (meanChance > MAX_MEAN_CHANCE) return null;
  return (meanSupport - meanChance) / (1 - meanChance);
}

/** The k of a Pass@k curve from n samples: 1, 2, 4 … and n itself; empty for n = 0. */
export function curveKs(n: number): readonly number[] {
  requireInteger('n', n, 0);
  const ks: number[] = [];
  for (let k = 1; k <= n; k *= 2) ks.push(k);
  if (n > 0 && ks.at(-1) !== n) ks.push(n);
  return ks;
}
