/** Geometry of the answer bars: widths, rows and the scale. Pure, deterministic, in pixels. */

import { boundOf } from '../core/answer-bounds.ts';
import type { Outcome } from '../core/tally.ts';
import type { BarSeries } from './bar-series.ts';
import { exactMark, type ExactMark } from './exact-mark.ts';
import { textWidth } from './fit-text.ts';
import { reachOf } from './null-series.ts';
import type { RiverAnswer } from './river-tree.ts';

/** Room above the first row, for the word on the line of guessing. */
export const BARS_TOP = 18;

export interface BarRow {
  readonly series: BarSeries;
  readonly answer: RiverAnswer;
  readonly outcome: Outcome | null;
  readonly exact: ExactMark | null;
  readonly y: number;
}

export interface BarsLayout {
  /** Several checkpoints stand side by side in each group of rows. */
  readonly many: boolean;
  /** Several answers are right: guessing is right more often than the line of one option says. */
  readonly manyRight: boolean;
  /** Height of a bar, distance of two rows, height of one answer's rows. */
  readonly bar: number;
  readonly pitch: number;
  readonly groupHeight: number;
  /** The word "right" stands under its label. */
  readonly stacked: boolean;
  readonly ring: { readonly word: string; readonly width: number };
  readonly labelWidth: number;
  readonly height: number;
  /** Share at the right end of the axis. */
  readonly domain: number;
  /** Share to px from the axis. */
  readonly scale: (share: number) => number;
  readonly rows: readonly BarRow[];
}

/**
 * @param chance share of each option by blind guessing; `null` without options
 * @param reach share up to which something else is drawn
 */
export function layoutBars(
  series: readonly BarSeries[],
  answers: readonly RiverAnswer[],
  chance: number | null,
  width: number,
  reach = 0,
): BarsLayout {
  const many = series.length > 1;
  const bar = many ? 7 : 14;
  const pitch = many ? manyPitch(series) : 24;
  const groupHeight = series.length * pitch + (many ? 5 : 0);
  const labels = layoutLabels(answers, many, width);
  const right = many ? 26 + Math.max(32, ...series.map(({ title }) => textWidth(title, 10.5))) : 36;
  const plotWidth = Math.max(40, width - labels.labelWidth - right);
  const domain = Math.max(domainOf(series, answers, chance), Math.ceil(reach * 10) / 10);
  const scale = (share: number): number => (Math.min(share, domain) / domain) * plotWidth;
  return {
    ...labels,
    many,
    bar,
    pitch,
    groupHeight,
    height: BARS_TOP + answers.length * groupHeight + (labels.stacked ? 8 : 2),
    domain,
    scale,
    rows: answers.flatMap((answer, group) =>
      series.map((one, place) => ({
        series: one,
        answer,
        outcome: one.outcomes.find((outcome) => outcome.answer === answer.key) ?? null,
        exact: one.exact ? exactMark(one.exact, answer.key, scale) : null,
        y: BARS_TOP + group * groupHeight + place * pitch + (pitch - bar) / 2,
      })),
    ),
  };
}

/**
 * The word "right" goes under its label where it has no room beside it. There it would meet the
 * next row's if several answers are right: then the tick stands alone, beside the label.
 */
function layoutLabels(
  answers: readonly RiverAnswer[],
  many: boolean,
  width: number,
): Pick<BarsLayout, 'manyRight' | 'stacked' | 'ring' | 'labelWidth'> {
  const rightOnes = answers.filter((one) => one.correct === true);
  const manyRight = rightOnes.length > 1;
  const crowded =
    many || rightOnes.some((one) => textWidth(one.label, 13) * 1.08 + 66 > width * 0.5);
  const stacked = crowded && !manyRight;
  const ring = crowded && manyRight ? { word: '✓', width: 22 } : { word: '✓ right', width: 50 };
  const wanted = answers.map(
    ({ label, correct }) =>
      textWidth(label, 13) + (correct === true && !stacked ? ring.width + 28 : 20),
  );
  const most = width * (crowded && manyRight ? 0.56 : 0.5);
  return { manyRight, stacked, ring, labelWidth: Math.min(most, Math.max(70, ...wanted)) };
}

/** Close rows are further apart when nulls run between them. */
function manyPitch(series: readonly BarSeries[]): number {
  return series.some(({ nulls = [] }) => nulls.length > 0) ? 13.5 : 10.5;
}

/** The highest of the intervals, of the exact bounds, of the nulls and of guessing, rounded up to a tenth. */
function domainOf(
  series: readonly BarSeries[],
  answers: readonly RiverAnswer[],
  chance: number | null,
): number {
  const highest = Math.max(
    chance ?? 0,
    0.1,
    ...series.flatMap(({ n, outcomes }) =>
      n === 0 ? [] : outcomes.filter((one) => one.count > 0).map((one) => one.interval.upper),
    ),
    ...series.flatMap(({ nulls = [] }) => answers.map(({ key }) => reachOf(nulls, key))),
    ...series.flatMap(({ exact }) =>
      exact ? answers.map(({ key }) => boundOf(exact, key).upper) : [],
    ),
  );
  return Math.min(1, Math.ceil(highest * 10) / 10);
}
