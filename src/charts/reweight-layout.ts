/** Geometry of the re-weighted answers: one row per answer and checkpoint. Pure, in pixels. */

import type { AnswerBounds } from '../core/answer-bounds.ts';
import type { Interval } from '../core/intervals.ts';
import type { Stage } from '../core/types.ts';
import { exactMark, type ExactMark } from './exact-mark.ts';
import { textWidth } from './fit-text.ts';
import type { RiverAnswer } from './river-tree.ts';

export interface ReweightOutcome {
  readonly answer: string | null;
  /** Share of the samples as drawn. */
  readonly sampled: number;
  /** `null` when the target says none of the samples. */
  readonly weighted: { readonly probability: number; readonly interval: Interval } | null;
}

export interface ReweightSeries {
  readonly id: string;
  readonly title: string;
  readonly stage: Stage;
  readonly outcomes: readonly ReweightOutcome[];
  /** Certain bounds under the target; absent where there are none that say anything. */
  readonly exact?: AnswerBounds;
}

export interface ReweightMark {
  readonly series: ReweightSeries;
  readonly answer: RiverAnswer;
  readonly outcome: ReweightOutcome;
  readonly exact: ExactMark | null;
  /** Middle of the row. */
  readonly y: number;
}

export interface ReweightLayout {
  readonly labelWidth: number;
  readonly bar: number;
  readonly height: number;
  /** Middle of each answer's rows, in the order of `answers`. */
  readonly middles: readonly number[];
  /** Probability to px from the axis; the axis is from 0 to 1, so that a move of a slider is seen as one. */
  readonly scale: (probability: number) => number;
  readonly ticks: readonly number[];
  readonly marks: readonly ReweightMark[];
}

/** Room above the first row, for the numbers of the axis. */
export const REWEIGHT_TOP = 16;
/** Room at the right, for a value in words. */
const RIGHT = 44;
/** The same for the words of sharp bounds, which may be two numbers. */
const RIGHT_OF_EXACT = textWidth('0.98–0.99', 11) + 12;
/** Room of the truth's ring, beside its label. */
export const RING = 24;

export function layoutReweight(
  series: readonly ReweightSeries[],
  answers: readonly RiverAnswer[],
  width: number,
): ReweightLayout {
  const pitch = series.length > 1 ? 13 : 22;
  const gap = series.length > 1 ? 5 : 0;
  const groupHeight = series.length * pitch + gap;
  const wanted = answers.map(
    ({ label, correct }) => textWidth(label, 13) + 10 + (correct === true ? RING : 0),
  );
  const labelWidth = Math.min(width * 0.45, Math.max(60, ...wanted));
  const right = series.some(({ exact }) => exact) ? RIGHT_OF_EXACT : RIGHT;
  const plotWidth = Math.max(40, width - labelWidth - right);
  const scale = (probability: number): number => probability * plotWidth;
  return {
    labelWidth,
    bar: series.length > 1 ? 7 : 12,
    height: REWEIGHT_TOP + answers.length * groupHeight + 2,
    middles: answers.map((_, at) => REWEIGHT_TOP + at * groupHeight + (series.length * pitch) / 2),
    scale,
    ticks: [0, 0.5, 1],
    marks: answers.flatMap((answer, at) =>
      series.flatMap((one, place) => {
        const outcome = one.outcomes.find((known) => known.answer === answer.key) ?? {
          answer: answer.key,
          sampled: 0,
          weighted: null,
        };
        const y = REWEIGHT_TOP + at * groupHeight + (place + 0.5) * pitch;
        const exact = one.exact ? exactMark(one.exact, answer.key, scale) : null;
        return [{ series: one, answer, outcome, exact, y }];
      }),
    ),
  };
}
