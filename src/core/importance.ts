/**
 * Re-weighting: what samples of one policy say of another. Sample i, drawn under the sampling policy p, counts
 * with w_i ∝ P_target(tokens_i) / P_sampling(tokens_i) (self-normalised importance sampling).
 *
 * Valid only where everything that the target can say could have been drawn; no effective sample size
 * shows what was never drawn. Hence the refusals.
 */
import { Z_95, type Interval } from './intervals.ts';
import type { PolicySettings } from './types.ts';

/**
 * Below this share of n a new run is asked for: at a quarter the interval is twice as wide as that of a
 * new run of the same K. What the intervals covered is in docs/measurements/estimates.md.
 */
export const MIN_EFFECTIVE_SHARE = 0.25;

export type ReweightRefusal =
  /** A run at T = 0 has one answer. */
  | 'greedy-run'
  /** A run with filters says nothing of another temperature: what the filters dropped may come back. */
  | 'temperature-of-filtered-run'
  /** The target keeps tokens that the run's filters dropped. */
  | 'wider-filters';

/**
 * Why samples of `sampled` cannot stand for `target`; `null` when they can. A run without filters may move to
 * every temperature and filter. A filtered one may only be filtered further at its own temperature:
 * each filter keeps a beginning of the same ranking, so smaller top-k and top-p and a larger min-p
 * keep a part of it.
 */
export function reweightRefusal(
  sampled: PolicySettings,
  target: PolicySettings,
): ReweightRefusal | null {
  if (isSamePolicy(sampled, target)) return null;
  if (sampled.temperature === 0) return 'greedy-run';
  const isFiltered = sampled.topK > 0 || sampled.topP < 1 || sampled.minP > 0;
  if (!isFiltered) return null;
  if (target.temperature !== sampled.temperature) return 'temperature-of-filtered-run';
  const widens =
    (sampled.topK > 0 && (target.topK === 0 || target.topK > sampled.topK)) ||
    target.topP > sampled.topP ||
    target.minP < sampled.minP;
  return widens ? 'wider-filters' : null;
}

function isSamePolicy(a: PolicySettings, b: PolicySettings): boolean {
  return (
    a.temperature === b.temperature && a.topK === b.topK && a.topP === b.topP && a.minP === b.minP
  );
}

/**
 * Weights with sum 1 from log weights (nats, any common offset; −Infinity for what the target never
 * says). All 0 when the target says none of the samples.
 */
export function normalizedWeights(logWeights: readonly number[]): readonly number[] {
  const largest = logWeights.reduce((a, b) => Math.max(a, b), -Infinity);
  if (largest === -Infinity) return logWeights.map(() => 0);
  const weights = logWeights.map((logWeight) => Math.exp(logWeight - largest));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** Kish's (Σw)² / Σw²: n for equal weights, 1 when one sample has all, 0 when there is no weight. */
export function effectiveSampleSize(weights: readonly number[]): number {
  const sum = weights.reduce((a, b) => a + b, 0);
  const squares = weights.reduce((a, b) => a + b * b, 0);
  return squares === 0 ? 0 : (sum * sum) / squares;
}

/** Is the effective sample size too small a share of n? Then only a new run can say more. */
export function needsNewRun(weights: readonly number[]): boolean {
  return effectiveSampleSize(weights) < MIN_EFFECTIVE_SHARE * weights.length;
}

export interface WeightedEstimate {
  /** Σ w_i v_i; biased by O(1 / effective sample size). */
  readonly probability: number;
  /** 95 %. */
  readonly interval: Interval;
  readonly effectiveSampleSize: number;
}

/**
 * Self-normalised estimate of an event's probability under the target.
 *
 * The interval is Wilson's for as many samples as the weights are worth: the smaller of Kish's size
 * and of p(1 − p) / Σ w_i²(v_i − p)², which sees whether it is the members that carry the large weights.
 *
 * @param weights normalised; length n
 * @param values is sample i in the event (or its probability that it is), 0 … 1
 * @returns `null` when no sample has weight
 * @throws RangeError when the lengths differ
 */
export function weightedEstimate(
  weights: readonly number[],
  values: readonly number[],
): WeightedEstimate | null {
  if (weights.length !== values.length)
    throw new RangeError('weights and values differ in length.');
  const kish = effectiveSampleSize(weights);
  if (kish === 0) return null;
  const sum = weights.reduce((total, weight, i) => total + weight * (values[i] ?? 0), 0);
  const probability = Math.min(1, sum);
  const variance = weights.reduce(
    (total, weight, i) => total + (weight * ((values[i] ?? 0) - probability)) ** 2,
    0,
  );
  const ofOneDraw = probability * (1 - probability);
  const worth = ofOneDraw > 0 && variance > 0 ? Math.min(kish, ofOneDraw / variance) : kish;
  return { probability, interval: scoreInterval(probability, worth), effectiveSampleSize: kish };
}

/** Wilson's score interval for a share p of n draws, n real and positive. */
function scoreInterval(p: number, n: number, z = Z_95): Interval {
  const centre = p + (z * z) / (2 * n);
  const half = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return {
    lower: p === 0 ? 0 : Math.max(0, (centre - half) / scale),
    upper: p === 1 ? 1 : Math.min(1, (centre + half) / scale),
  };
}
