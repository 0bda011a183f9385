/** Tables of the charts of one item's answers. Pure. */
import { boundsWords, type BoundsName } from '../core/bounds-words.ts';
import { formatProbability } from '../core/format.ts';
import type { Interval } from '../core/intervals.ts';
import type { BarRow } from './bars-layout.ts';
import { guessWords, type BarGuess } from './bar-guess.ts';
import { rightWords, type ChartTable } from './chart-table.ts';
import type { BoundsRow } from './exact-bounds-layout.ts';
import { NULL_STYLES, shareOf, type NullKind } from './null-series.ts';
import type { ReweightMark } from './reweight-layout.ts';
import type { RiverShape } from './river-shapes.ts';

const INTERVAL = '95 % interval';

const intervalWords = ({ lower, upper }: Interval): string =>
  `${formatProbability(lower)} to ${formatProbability(upper)}`;

/** A row per answer and checkpoint, with a column for each null that is drawn. */
export function barsTable(
  rows: readonly BarRow[],
  nullKinds: readonly NullKind[],
  boundsName: BoundsName,
  guess: BarGuess | null = null,
): ChartTable {
  return {
    columns: [
      ...['answer', 'checkpoint', 'right', 'count', 'share', INTERVAL, boundsName],
      ...nullKinds.map((kind) => NULL_STYLES[kind].name),
      ...(guess ? ['guess'] : []),
    ],
    rows: rows.map(({ answer, series, outcome, exact }) => [
      answer.label,
      series.title,
      rightWords(answer.correct),
      String(outcome?.count ?? 0),
      formatProbability(outcome?.share ?? 0),
      outcome && series.n > 0 ? intervalWords(outcome.interval) : 'none',
      exact ? boundsWords(exact) : 'unknown',
      ...nullKinds.map((kind) => {
        const drawn = series.nulls?.find((other) => other.kind === kind);
        return drawn ? formatProbability(shareOf(drawn, answer.key)) : 'none';
      }),
      ...(guess ? [guessWords(guess, answer.key)] : []),
    ]),
  };
}

/** A row per end of each river; the reasoning is said band by band in the drawing and is in the samples. */
export function riverTable(rivers: readonly Pick<RiverShape, 'title' | 'ends'>[]): ChartTable {
  return {
    columns: ['checkpoint', 'answer', 'samples', 'share', 'right'],
    rows: rivers.flatMap(({ title, ends }) =>
      ends.map(({ answer, places, share }) => [
        title,
        answer.label,
        String(places.length),
        formatProbability(share),
        rightWords(answer.correct),
      ]),
    ),
  };
}

/** A row per answer and checkpoint. */
export function reweightTable(marks: readonly ReweightMark[], boundsName: BoundsName): ChartTable {
  return {
    columns: [
      ...['answer', 'checkpoint', 'right', 'sampled', 're-weighted'],
      ...[INTERVAL, boundsName],
    ],
    rows: marks.map(({ answer, series, exact, outcome: { sampled, weighted } }) => [
      answer.label,
      series.title,
      rightWords(answer.correct),
      formatProbability(sampled),
      weighted ? formatProbability(weighted.probability) : 'none',
      weighted ? intervalWords(weighted.interval) : 'none',
      exact ? boundsWords(exact) : 'unknown',
    ]),
  };
}

/** A row per answer and checkpoint. */
export function boundsTable(rows: readonly BoundsRow[]): ChartTable {
  return {
    columns: ['answer', 'checkpoint', 'right', 'at least', 'at most', 'sampled share'],
    rows: rows.map(({ answer, series, lower, upper, sampled }) => [
      answer.label,
      series.title,
      rightWords(answer.correct),
      formatProbability(lower),
      formatProbability(upper),
      formatProbability(sampled),
    ]),
  };
}
