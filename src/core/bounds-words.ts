/** Bounds of a probability in words, rounded outwards: what is written stays true. */
import { formatProbability, formatUpperBound } from './format.ts';
import type { Interval } from './intervals.ts';

/**
 * `exact` is what a model's own distribution gives, which bounds close in on as far as is wanted; what a
 * server lists only bounds it.
 */
export type BoundsName = 'exact' | 'bounded' | 'exact or bounded';

/** @param areListed of each checkpoint, whether its bounds are from a server's lists */
export function boundsName(areListed: readonly boolean[]): BoundsName {
  if (!areListed.includes(true)) return 'exact';
  return areListed.includes(false) ? 'exact or bounded' : 'bounded';
}

/** As `formatProbability`, rounded down: "at least 0.19" stays true for a lower bound of 0.1936. */
export function formatLowerBound(value: number): string {
  if (value === 0 || value === 1 || value < 1e-5) return value === 1 ? '1' : '0';
  if (value >= 0.99) return '0.99';
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  // The hair added keeps 0.29 / 0.01 = 28.999999999999996 from becoming 0.28.
  return formatProbability(Math.floor(value / unit + 1e-9) * unit);
}

/** How much was not explored, rounded up; rounding leaves a hair where the tree is complete. */
export const residualWords = (residual: number): string =>
  residual < 1e-9 ? '0' : formatUpperBound(residual);

/** How wide bounds are, after what they bound: ` (bounds within 0.0010)`; empty where they meet. */
export function withinWords(width: number): string {
  const words = residualWords(width).replace('<', '');
  return words === '0' ? '' : ` (bounds within ${words})`;
}

/** `0.62` where both bounds round to it, else `0.41–0.78`; `<0.0012` where nothing was found. */
export function boundsWords({ lower, upper }: Interval): string {
  const nearest = formatProbability(lower);
  if (nearest === formatProbability(upper)) return nearest;
  if (upper === 0) return '0';
  if (lower === 0 && upper < 1) return `<${formatUpperBound(upper)}`;
  return `${formatLowerBound(lower)}–${formatUpperBound(upper)}`;
}
