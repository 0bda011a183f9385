/** Geometry of the exact bounds: rows, labels and the axis from 0 to 1. Pure, in pixels. */

import { boundOf, type AnswerBound } from '../core/answer-bounds.ts';
import type { Stage } from '../core/types.ts';
import { textWidth } from './fit-text.ts';
import type { RiverAnswer } from './river-tree.ts';

/** One checkpoint's bounds, and the shares that were sampled. */
export interface BoundsSeries {
  readonly id: string;
  readonly title: string;
  readonly stage: Stage;
  /** An answer that is not listed has the bounds 0 and `residual`. */
  readonly bounds: readonly AnswerBound[];
  /** Probability of all texts that were not explored, 0 … 1. */
  readonly residual: number;
  /** Share of the samples by answer; an answer that is not there was not sampled. */
  readonly sampled: ReadonlyMap<string | null, number>;
}

export interface BoundsRow {
  readonly series: BoundsSeries;
  readonly answer: RiverAnswer;
  readonly lower: number;
  readonly upper: number;
  readonly sampled: number;
  /** Middle of the row. */
  readonly y: number;
  /** Left end and width of the interval, from the axis. A sharp one keeps a width to be seen by. */
  readonly left: number;
  readonly width: number;
  readonly tick: number;
}

export interface BoundsLayout {
  readonly labelWidth: number;
  readonly plotWidth: number;
  readonly height: number;
  /** Distance of two rows, height of the rows of one answer. */
  readonly pitch: number;
  readonly groupHeight: number;
  /** Probability to px from the axis. */
  readonly scale: (probability: number) => number;
  readonly rows: readonly BoundsRow[];
}

/** Room above the first row, for the numbers of the axis. */
export const BOUNDS_TOP = 18;
/** Width of an interval that is sharper than a pen. */
export const MIN_BOUND_WIDTH = 3;
const ROW_PITCH = 22;
const ROW_PITCH_OF_MANY = 17;
const GROUP_GAP = 5;
/** Room for the longest words of an interval, e.g. `0.0061–0.0063`. */
const WORDS_WIDTH = textWidth('0.0061–0.0063', 11);
/** The word "✓ right", without its ring. */
const TRUTH_WIDTH = 60;

export function layoutBounds(
  series: readonly BoundsSeries[],
  answers: readonly RiverAnswer[],
  width: number,
): BoundsLayout {
  const many = series.length > 1;
  const pitch = many ? ROW_PITCH_OF_MANY : ROW_PITCH;
  // With several rows in a group the word "right" has room below its label.
  const wanted = answers.map(
    ({ label, correct }) => textWidth(label, 13) + (correct === true && !many ? TRUTH_WIDTH : 12),
  );
  const labelWidth = Math.min(width * 0.42, Math.max(70, ...wanted));
  const plotWidth = Math.max(40, width - labelWidth - WORDS_WIDTH - 8);
  const scale = (probability: number): number => probability * plotWidth;
  const groupHeight = series.length * pitch + (many ? GROUP_GAP : 0);
  const rows = answers.flatMap((answer, group) =>
    series.map((one, place): BoundsRow => {
      const { bounds, residual } = one;
      const { lower, upper } = boundOf({ answers: bounds, residual }, answer.key);
      const exact = scale(upper) - scale(lower);
      const shown = Math.max(exact, MIN_BOUND_WIDTH);
      const left = Math.min(scale(lower) - (shown - exact) / 2, plotWidth - shown);
      return {
        ...{ series: one, answer, lower, upper },
        sampled: one.sampled.get(answer.key) ?? 0,
        y: BOUNDS_TOP + group * groupHeight + place * pitch + pitch / 2,
        left: Math.max(0, left),
        width: shown,
        tick: scale(one.sampled.get(answer.key) ?? 0),
      };
    }),
  );
  const height = BOUNDS_TOP + answers.length * groupHeight + 4;
  return { labelWidth, plotWidth, height, pitch, groupHeight, scale, rows };
}

/** Answers that were never sampled and have the largest bounds come after those that were. */
const MOST_UNSAMPLED = 4;

export interface BoundAnswers {
  readonly answers: readonly RiverAnswer[];
  /** Answers that were found and are not listed: how many, and the largest lower bound of one. */
  readonly leftOut: { readonly count: number; readonly largest: number };
}

/**
 * The order of the rows: that of the other charts, then what the expansion found and no sample did.
 *
 * @param describe label and truth of an answer that no chart has yet
 */
export function boundAnswers(
  known: readonly RiverAnswer[],
  series: readonly BoundsSeries[],
  describe: (answer: string | null) => RiverAnswer,
): BoundAnswers {
  const largest = new Map<string | null, number>();
  for (const { answer, lower } of series.flatMap(({ bounds }) => bounds)) {
    if (lower > 0 && known.every(({ key }) => key !== answer)) {
      largest.set(answer, Math.max(lower, largest.get(answer) ?? 0));
    }
  }
  const found = [...largest].sort(([, a], [, b]) => b - a);
  const rest = found.slice(MOST_UNSAMPLED);
  return {
    answers: [...known, ...found.slice(0, MOST_UNSAMPLED).map(([answer]) => describe(answer))],
    leftOut: { count: rest.length, largest: rest[0]?.[1] ?? 0 },
  };
}
