/** Is the right answer in the support: at this K, by the image, at ε. */
import { wilsonInterval, type Interval } from './intervals.ts';
import { chancePassAtK, passAtK } from './pass-at-k.ts';
import type { BlindEstimate } from './wrong-image.ts';

export interface SupportCounts {
  /** Samples, of which c are right. */
  readonly n: number;
  readonly c: number;
  /** The K asked for; n is smaller when the run was stopped. */
  readonly k: number;
  /** Options m, 0 for free-form, of which `rightOptions` are right. */
  readonly options: number;
  readonly rightOptions: number;
  /** The wrong-image null; `null` when it was not measured. */
  readonly pBlind: BlindEstimate | null;
}

export interface SupportVerdict extends SupportCounts {
  /**
   * Unbiased Pass@K: the verdict "at this K and with this sampler" (0 or 1 for n = K); `null`
   * when fewer than K samples are there.
   */
  readonly atK: number | null;
  /** Was the right answer among the n samples at all? */
  readonly seen: boolean;
  /** Wilson interval of P(correct), 95 %. */
  readonly pCorrect: Interval;
  /** P(right) of one blind guess, r/m; `null` for free-form. */
  readonly chance: number | null;
  /** Chance of being in the support at K by guessing; `null` for free-form. */
  readonly chanceAtK: number | null;
  /**
   * The lower bound of P(correct) exceeds both r/m and the mean of `pBlind`. Free-form has no r/m:
   * `pBlind` alone decides. `null` without `pBlind`.
   */
  readonly supportedByImage: boolean | null;
}

/** @throws RangeError for impossible counts. */
export function supportVerdict(counts: SupportCounts): SupportVerdict {
  const { n, c, k, options, rightOptions, pBlind } = counts;
  const pCorrect = wilsonInterval(c, n);
  const chance = chancePassAtK(rightOptions, options, 1);
  return {
    ...counts,
    atK: passAtK(n, c, k),
    seen: c > 0,
    pCorrect,
    chance,
    chanceAtK: chancePassAtK(rightOptions, options, k),
    supportedByImage:
      pBlind === null ? null : pCorrect.lower > pBlind.mean && pCorrect.lower > (chance ?? 0),
  };
}

export type EpsilonSupport = 'yes' | 'no' | 'undecided';

/**
 * Is P(correct) at least ε? From its bounds, sampled (Wilson) or exact: lower ≥ ε → yes,
 * upper < ε → no, else undecided.
 *
 * @throws RangeError unless 0 < ε ≤ 1.
 */
export function supportAtEpsilon(pCorrect: Interval, epsilon: number): EpsilonSupport {
  if (!(epsilon > 0 && epsilon <= 1)) {
    throw new RangeError(`epsilon must be above 0 and at most 1, not ${epsilon}.`);
  }
  if (pCorrect.lower >= epsilon) return 'yes';
  return pCorrect.upper < epsilon ? 'no' : 'undecided';
}
