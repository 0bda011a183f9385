/** Figures as the headline of a run says them. Pure. */

import { formatProbability } from '../../core/format.ts';
import type { Estimate } from '../../core/sets/resampling.ts';
import { figureValue, figureWords, isAllAlike } from './figure-rows.ts';

/** `0.62 (0.55–0.69) of the items`, `all items`, `none of the items`. */
export function shareWords(estimate: Estimate): string {
  const { value } = estimate;
  if (value === null || !isAllAlike(estimate))
    return `${figureWords(estimate, 'share')} of the items`;
  if (value >= 1) return 'all items';
  return value <= 0 ? 'none of the items' : `${figureValue(value, 'share')} of the items`;
}

/** `+0.11 (+0.05 to +0.17)`; without an interval where all items are alike. */
export function gapWords(estimate: Estimate): string {
  const { value } = estimate;
  return value !== null && isAllAlike(estimate)
    ? figureValue(value, 'difference')
    : figureWords(estimate, 'difference');
}

/**
 * `below guessing (0.71)` where support is less than guessing alone would have, with `not clearly` where
 * the interval reaches it; empty where it is not below, or guessing is right by no chance.
 */
export function belowGuessingWords({ value, interval }: Estimate, chance: number | null): string {
  if (value === null || chance === null || value >= chance) return '';
  const isClear = interval !== null && interval.upper < chance;
  return `below guessing (${formatProbability(chance)}${isClear ? '' : ', not clearly'})`;
}
