/**
 * Exact bounds beside a chart's own figures: a tick where they are sharper than a pen, brackets where
 * they are not. Pure, in pixels.
 */

import { boundOf, type AnswerBounds } from '../core/answer-bounds.ts';
import { withinWords, type BoundsName } from '../core/bounds-words.ts';
import { formatProbability } from '../core/format.ts';
import type { Interval } from '../core/intervals.ts';
import type { RiverAnswer } from './river-tree.ts';

/**
 * With more than half of the probability unexplored any answer, found or not, could still be the most
 * probable: such bounds are not drawn beside what was sampled.
 */
export const MOST_UNEXPLORED = 0.5;

/** Widest interval that is one mark, px. */
export const EXACT_TICK_WIDTH = 2.5;

/** Mass without a row that a caption mentions. */
const LEAST_BEYOND = 0.005;

export interface ExactMark extends Interval {
  /** A tick in the middle, between both bounds; else a bracket at each. */
  readonly isTick: boolean;
  /** Ends from the axis; of a tick both are its middle. */
  readonly left: number;
  readonly right: number;
}

export const isDrawable = ({ residual }: AnswerBounds): boolean => residual <= MOST_UNEXPLORED;

/** @param scale probability to px from the axis */
export function exactMark(
  bounds: AnswerBounds,
  answer: string | null,
  scale: (probability: number) => number,
): ExactMark {
  const { lower, upper } = boundOf(bounds, answer);
  const [left, right] = [scale(lower), scale(upper)];
  const isTick = right - left <= EXACT_TICK_WIDTH;
  const middle = (left + right) / 2;
  const ends = isTick ? { left: middle, right: middle } : { left, right };
  return { lower, upper, isTick, ...ends };
}

/**
 * What the marks are and how wide their bounds: `tick: exact probability (bounds within 0.00087)`.
 * Found mass that has no row is named too. Empty without bounds.
 */
export function exactCaption(
  bounds: readonly AnswerBounds[],
  answers: readonly Pick<RiverAnswer, 'key'>[],
  marks: readonly ExactMark[],
  name: BoundsName = 'exact',
): string {
  if (bounds.length === 0) return '';
  const within = withinWords(Math.max(...bounds.map(({ residual }) => residual)));
  const isSharp = marks.every(({ isTick }) => isTick);
  const shape = isSharp ? 'tick' : marks.some(({ isTick }) => isTick) ? 'tick or [ ]' : '[ ]';
  const beyond = bounds.map((one) => massBeyond(one, answers));
  return [
    `${shape}: ${name} probability${within}`,
    Math.max(...beyond) < LEAST_BEYOND
      ? ''
      : `${name} on answers not shown: ${beyond.map(formatProbability).join(' / ')}`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** Found probability of the answers that have no row. */
function massBeyond(bounds: AnswerBounds, answers: readonly Pick<RiverAnswer, 'key'>[]): number {
  const shown = new Set(answers.map(({ key }) => key));
  const mass = bounds.answers.reduce(
    (sum, { answer, lower }) => sum + (shown.has(answer) ? 0 : lower),
    0,
  );
  return Math.min(1, mass);
}
