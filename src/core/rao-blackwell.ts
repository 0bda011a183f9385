/**
 * Rao–Blackwell estimates: a sample votes not with the answer that it drew but with the answer
 * distribution of its trace. Same expectation as counting, variance never larger.
 *
 * Sample i has the outcome a_i and the trace τ_i, whose continuations with probability of at least
 * the branch floor are known ("followed"). Its vote is
 *
 *   q_i(a) = P(a | τ_i, followed)   if the continuation that it drew is one of them,
 *            1[a = a_i]             otherwise (below the floor, no trace, stopped before it was known).
 *
 * That is E[1[a_i = a] | τ_i, and which continuation where it is not followed], so E q_i(a) = P(a)
 * whatever the floor, and Var q_i(a) ≤ P(a)(1 − P(a)) (Rao 1945, Blackwell 1947;
 * docs/decisions/0009). Samples that share a trace are separate draws: the q_i are independent.
 */
import { Z_95, type Interval } from './intervals.ts';
import { parseAnswer } from './parser.ts';
import { isRight, optionLetters, rightAnswers } from './question.ts';
import type { Question, Sample, TraceAnswers } from './types.ts';

/** Continuations of a trace below this probability are not followed unless a run says otherwise. */
export const BRANCH_FLOOR = 1e-3;

/** Probability by parsed answer; `null` is unparsed. Sums to 1. */
export type AnswerDistribution = ReadonlyMap<string | null, number>;

/**
 * q_i of every sample, in the order given; samples with the same vote share one map.
 *
 * @param traces of the samples' run; samples that are in none keep their realised outcome
 */
export function answerDistributions(
  samples: readonly Sample[],
  traces: readonly TraceAnswers[],
  question: Question,
): readonly AnswerDistribution[] {
  const bySample = new Map<number, AnswerDistribution>();
  for (const trace of traces) {
    const distribution = followedDistribution(trace);
    if (distribution === null) continue;
    const left = new Set(trace.belowFloorIndexes);
    for (const index of trace.sampleIndexes)
      if (!left.has(index)) bySample.set(index, distribution);
  }
  const realised = new Map<string | null, AnswerDistribution>();
  return samples.map(({ index, text }) => {
    const known = bySample.get(index);
    if (known) return known;
    const { answer } = parseAnswer(text, question);
    const one = realised.get(answer) ?? new Map([[answer, 1]]);
    realised.set(answer, one);
    return one;
  });
}

/** P(answer | trace, followed); `null` where no continuation reached the floor. */
function followedDistribution({ answers }: TraceAnswers): AnswerDistribution | null {
  const followed = answers.reduce((sum, { probability }) => sum + probability, 0);
  if (followed === 0) return null;
  return new Map(answers.map(({ answer, probability }) => [answer, probability / followed]));
}

/** q_i of an event, the union of `answers` (one answer, or all right ones). */
export function eventProbabilities(
  distributions: readonly AnswerDistribution[],
  answers: readonly (string | null)[],
): readonly number[] {
  // Samples of one trace share their map: the sum is made once a trace.
  const sums = new Map<AnswerDistribution, number>();
  return distributions.map((distribution) => {
    const known = sums.get(distribution);
    if (known !== undefined) return known;
    const sum = answers.reduce((total, answer) => total + (distribution.get(answer) ?? 0), 0);
    // A sum over all answers can end a rounding error above 1.
    const clamped = Math.min(1, sum);
    sums.set(distribution, clamped);
    return clamped;
  });
}

export interface RaoBlackwellEstimate {
  readonly n: number;
  /** Mean of the q_i. */
  readonly probability: number;
  /** 95 %, see `boundedMeanInterval`. */
  readonly interval: Interval;
  /**
   * Empirical variance of the q_i over that of counting, p(1 − p): 1 where each trace decides the
   * answer (nothing gained), 0 where all traces agree. `null` where p is 0 or 1.
   */
  readonly varianceRatio: number | null;
}

/** @throws RangeError when there is no value, or one is no probability. */
export function raoBlackwellEstimate(probabilities: readonly number[]): RaoBlackwellEstimate {
  requireProbabilities(probabilities);
  const n = probabilities.length;
  const probability = Math.min(1, probabilities.reduce((sum, q) => sum + q, 0) / n);
  const variance = probabilities.reduce((sum, q) => sum + (q - probability) ** 2, 0) / n;
  const ofCounting = probability * (1 - probability);
  return {
    n,
    probability,
    interval: boundedMeanInterval(probabilities),
    varianceRatio: ofCounting === 0 ? null : Math.min(1, variance / ofCounting),
  };
}

/**
 * Interval of the mean of independent values in [0, 1]: normal, from their own variance, with
 * z²/2 pseudo-values at 0 and at 1 each. For values that are all 0 or 1 it is the interval of
 * Agresti and Coull (1998). When all values are equal it does not shrink to a point, as a t interval
 * and a bootstrap would, but to about ±z²/(2n) … ±z²/(√2 n): what traces that were not seen, whose
 * mass can be 3/n, could still change.
 */
export function boundedMeanInterval(values: readonly number[], z = Z_95): Interval {
  requireProbabilities(values);
  const half = (z * z) / 2;
  const n = values.length + z * z;
  const mean = (values.reduce((sum, q) => sum + q, 0) + half) / n;
  const square = (values.reduce((sum, q) => sum + q * q, 0) + half) / n;
  const width = z * Math.sqrt(Math.max(0, square - mean * mean) / n);
  return { lower: Math.max(0, mean - width), upper: Math.min(1, mean + width) };
}

/**
 * Unbiased Pass@k, 1 − e_k(1 − q_1, …, 1 − q_n) / C(n, k), for each k in `ks`; `null` for k > n.
 * Equal to `passAtK` where every q_i is 0 or 1.
 *
 * E_k = e_k / C(n, k) is the mean over all k-subsets of the product of 1 − q_i. Adding a value x to m − 1
 * others gives E_k ← (1 − k/m) E_k + (k/m) x E_{k−1}: a convex combination, so that nothing overflows
 * and errors do not grow. n · max(ks) operations.
 *
 * @throws RangeError unless every k is an integer of at least 1
 */
export function raoBlackwellPassAtK(
  probabilities: readonly number[],
  ks: readonly number[],
): readonly (number | null)[] {
  requireProbabilities(probabilities);
  for (const k of ks) {
    if (!Number.isInteger(k) || k < 1)
      throw new RangeError(`k must be an integer of at least 1, not ${k}.`);
  }
  const n = probabilities.length;
  const largest = Math.max(0, ...ks.filter((k) => k <= n));
  const allWrong = new Float64Array(largest + 1);
  allWrong[0] = 1;
  probabilities.forEach((q, i) => {
    const m = i + 1;
    for (let k = Math.min(m, largest); k >= 1; k -= 1) {
      const without = (1 - k / m) * (allWrong[k] ?? 0);
      allWrong[k] = without + (k / m) * (1 - q) * (allWrong[k - 1] ?? 0);
    }
  });
  return ks.map((k) => (k > n ? null : 1 - (allWrong[k] ?? 0)));
}

export interface RaoBlackwellOutcome {
  /** As in `Outcome`; `null` is unparsed. */
  readonly answer: string | null;
  readonly estimate: RaoBlackwellEstimate;
}

export interface RaoBlackwellSummary {
  /** Every option, and every other answer that has mass, most probable first. */
  readonly outcomes: readonly RaoBlackwellOutcome[];
  /** P(right answer); `null` when no truth is marked. */
  readonly correct: RaoBlackwellEstimate | null;
  /** Share of the samples that vote with their trace's distribution. */
  readonly votingShare: number;
  /** Mean over the samples that have a trace of what was not followed; 0 without traces. */
  readonly meanUnresolvedMass: number;
}

/** Estimates of every answer of an item; `null` while there is no sample. */
export function summarizeRaoBlackwell(
  samples: readonly Sample[],
  traces: readonly TraceAnswers[],
  question: Question,
): RaoBlackwellSummary | null {
  if (samples.length === 0) return null;
  const distributions = answerDistributions(samples, traces, question);
  const answers = new Set<string | null>(optionLetters(question));
  for (const distribution of new Set(distributions)) {
    for (const answer of distribution.keys()) answers.add(answer);
  }
  const estimateOf = (event: readonly (string | null)[]): RaoBlackwellEstimate =>
    raoBlackwellEstimate(eventProbabilities(distributions, event));
  const right = [...answers].filter((answer) => isRight(answer, question) === true);
  const present = new Set(samples.map(({ index }) => index));
  let inTraces = 0;
  let left = 0;
  let unresolved = 0;
  for (const { sampleIndexes, belowFloorIndexes, unresolvedMass } of traces) {
    // A stopped run can name samples that it did not finish.
    const members = sampleIndexes.filter((index) => present.has(index)).length;
    inTraces += members;
    left += belowFloorIndexes.filter((index) => present.has(index)).length;
    unresolved += members * unresolvedMass;
  }
  return {
    // Array sort is stable: equal ones keep the order of the options.
    outcomes: [...answers]
      .map((answer) => ({ answer, estimate: estimateOf([answer]) }))
      .sort((a, b) => b.estimate.probability - a.estimate.probability),
    correct: rightAnswers(question).length === 0 ? null : estimateOf(right),
    votingShare: (inTraces - left) / samples.length,
    meanUnresolvedMass: inTraces === 0 ? 0 : unresolved / inTraces,
  };
}

function requireProbabilities(values: readonly number[]): void {
  if (values.length === 0) throw new RangeError('An estimate needs at least one sample.');
  for (const q of values) {
    if (!(q >= 0 && q <= 1)) throw new RangeError(`A probability is from 0 to 1, not ${q}.`);
  }
}
