/**
 * What bounds on the answer distribution say: P(correct), Pass@k, entropy, support by the image.
 * Support at ε follows from `pCorrectBounds` by `supportAtEpsilon` (support.ts). All bounds are
 * certain, not confidence intervals: the truth lies inside wherever the residual turns out to be.
 */
import type { Interval } from './intervals.ts';
import { passAtKExact } from './pass-at-k.ts';
import { isMultipleChoice, isRight, optionLetters, rightAnswers } from './question.ts';
import type { EpsilonSupport } from './support.ts';
import type { Question } from './types.ts';
import { MIN_WRONG_IMAGES } from './wrong-image.ts';

/** P(answer) lies in it: from the mass of the explored texts, to that plus the residual. */
export interface AnswerBound extends Interval {
  /** Option letter, normalised free-form text, or `null` for unparsed. */
  readonly answer: string | null;
}

export interface AnswerBounds {
  /**
   * By lower bound, largest first; ties in the order of the options, then as first seen. An answer
   * that is not listed has the bounds 0 and `residual`.
   */
  readonly answers: readonly AnswerBound[];
  /** Probability of all texts that were not explored, 0 … 1. */
  readonly residual: number;
}

/**
 * Bounds from the explored probability of each answer. Every option is listed, even at 0;
 * free-form answers and `unparsed` where they were seen.
 *
 * @throws RangeError when a mass is negative or not a number, or when their sum exceeds 1 by more
 *   than rounding.
 */
export function answerBounds(
  masses: ReadonlyMap<string | null, number>,
  question: Question,
): AnswerBounds {
  const all = new Map<string | null, number>(optionLetters(question).map((letter) => [letter, 0]));
  let explored = 0;
  for (const [answer, mass] of masses) {
    if (!(mass >= 0)) throw new RangeError(`A mass must be at least 0, not ${mass}.`);
    all.set(answer, mass);
    explored += mass;
  }
  if (explored > 1 + 1e-9) throw new RangeError(`The masses add up to ${explored}, above 1.`);
  const residual = Math.max(0, 1 - explored);
  const answers = [...all].map(([answer, mass]): AnswerBound => {
    const lower = Math.min(1, mass);
    return { answer, lower, upper: Math.min(1, lower + residual) };
  });
  return { answers: answers.sort((a, b) => b.lower - a.lower), residual };
}

/** Bounds of one answer, listed or not. */
export const boundOf = ({ answers, residual }: AnswerBounds, answer: string | null): Interval =>
  answers.find((bound) => bound.answer === answer) ?? { lower: 0, upper: residual };

/** P(correct): the right answers' mass, and that plus the residual. `null` without a marked truth. */
export function pCorrectBounds(bounds: AnswerBounds, question: Question): Interval | null {
  if (rightAnswers(question).length === 0) return null;
  const lower = bounds.answers.reduce(
    (sum, bound) => sum + (isRight(bound.answer, question) === true ? bound.lower : 0),
    0,
  );
  return { lower: Math.min(1, lower), upper: Math.min(1, lower + bounds.residual) };
}

/** Bounds of 1 − (1 − p)^k, which rises with p. */
export function passAtKBounds(pCorrect: Interval, k: number): Interval {
  return { lower: passAtKExact(pCorrect.lower, k), upper: passAtKExact(pCorrect.upper, k) };
}

const entropyOf = (probabilities: readonly number[]): number =>
  probabilities.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0);

/** Raises the smallest values to one common level until `amount` is spent. */
function levelled(values: readonly number[], amount: number): readonly number[] {
  const sorted = values.toSorted((a, b) => a - b);
  let spent = amount;
  let level = sorted[0] ?? 0;
  for (let count = 1; count <= sorted.length; count += 1) {
    const next = sorted[count] ?? Infinity;
    const cost = (next - level) * count;
    if (cost >= spent) {
      level += spent / count;
      break;
    }
    spent -= cost;
    level = next;
  }
  return values.map((value) => Math.max(value, level));
}

/**
 * Entropy of the answer distribution, nats, unparsed an outcome of its own; both bounds are
 * reached. Smallest where the whole residual falls to the most probable outcome (entropy is concave),
 * largest where it levels out the least probable ones.
 *
 * @returns `null` for a free-form question: the residual may fall to any number of other answers.
 */
export function entropyBounds(bounds: AnswerBounds, question: Question): Interval | null {
  if (!isMultipleChoice(question)) return null;
  const outcomes: readonly (string | null)[] = [...optionLetters(question), null];
  const masses = outcomes.map(
    (outcome) => bounds.answers.find(({ answer }) => answer === outcome)?.lower ?? 0,
  );
  const top = masses.indexOf(Math.max(...masses));
  const lower = entropyOf(masses.map((mass, at) => mass + (at === top ? bounds.residual : 0)));
  return { lower, upper: entropyOf(levelled(masses, bounds.residual)) };
}

/**
 * pBlind from bounds on P(correct) of at least four wrong images (`blindEstimate` is its twin from
 * samples): the means of the lower and of the upper bounds. How much images differ is not in it.
 *
 * @throws RangeError for fewer than four images.
 */
export function blindBounds(images: readonly Interval[]): Interval {
  const n = images.length;
  if (n < MIN_WRONG_IMAGES) {
    throw new RangeError(`The wrong-image null needs at least four images, not ${n}.`);
  }
  return {
    lower: images.reduce((sum, { lower }) => sum + lower, 0) / n,
    upper: images.reduce((sum, { upper }) => sum + upper, 0) / n,
  };
}

/**
 * Supported by the image: does P(correct) exceed both chance r/m and `pBlind`? From bounds, where
 * `supportVerdict` asks it of a confidence interval.
 *
 * @param chance r/m; `null` for free-form, where `pBlind` alone decides
 * @param pBlind `null` when it was not measured, and then so is the result
 */
export function imageSupportFromBounds(
  pCorrect: Interval,
  chance: number | null,
  pBlind: Interval | null,
): EpsilonSupport | null {
  if (pBlind === null) return null;
  const floor = chance ?? 0;
  if (pCorrect.lower > Math.max(pBlind.upper, floor)) return 'yes';
  return pCorrect.upper <= Math.max(pBlind.lower, floor) ? 'no' : 'undecided';
}
