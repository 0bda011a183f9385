/** What the Pass@k chart says in words: its caption and the same figures as a table. Pure. */
import { boundsWords, withinWords, type BoundsName } from '../core/bounds-words.ts';
import { formatProbability } from '../core/format.ts';
import type { Estimate } from '../core/sets/resampling.ts';
import type { ChartFacts } from './chart-facts.ts';
import { NULL_STYLES } from './null-series.ts';
import type { Curve, PassAtKLayout } from './pass-at-k-layout.ts';
import type { BoundPoint } from './pass-at-k-series.ts';

export const shareWords = (value: number | undefined): string =>
  value === undefined ? 'none' : formatProbability(Math.min(1, Math.max(0, value)));

/**
 * @param informativeK above it guessing is nearly always right; `null` for no such k
 * @param crossing of two curves; `null` where they are not compared
 */
export function passAtKCaption(
  { curves, kMax }: Pick<PassAtKLayout, 'curves' | 'kMax'>,
  facts: ChartFacts,
  informativeK: number | null,
  crossing: Estimate | null,
): readonly string[] {
  const hasBand = curves.some(({ band = [] }) => band.length > 1);
  const grey =
    crossing === null
      ? 'grey: guessing is nearly always right'
      : 'grey: guessing nearly always passes, a fall there is lost diversity, not knowledge';
  const marks = [
    `unbiased estimate${hasBand ? ' with its 95 % interval' : ''}`,
    informativeK !== null && informativeK < kMax ? grey : '',
  ];
  // A page shows the first lines: of two that are compared what the curves do comes before what they are of.
  if (crossing !== null) return [crossingWords(crossing), ...marks, facts.line];
  return [
    exactWords(curves, facts.boundsName),
    facts.exact ?? '',
    facts.line,
    facts.nulls ?? '',
    ...marks,
  ];
}

function exactWords(curves: readonly Curve[], name: BoundsName = 'exact'): string {
  const drawn = exactCurves(curves);
  if (drawn.length === 0) return '';
  const bounds = drawn.flatMap(({ exact }) => exact ?? []);
  const within = withinWords(Math.max(...bounds.map(({ lower, upper }) => upper - lower)));
  const shape = drawn.some((one) => one.isExactWide) ? 'thin dashes and shade' : 'thin dashes';
  return `${shape}: from the ${name} probability${within}`;
}

function crossingWords({ value, interval }: Estimate): string {
  if (value === null) return 'the curves do not cross';
  const range =
    interval === null
      ? ', in too few resamples for an interval'
      : ` (${interval.lower.toFixed(1)} to ${interval.upper.toFixed(1)}, of the resamples in which they do)`;
  return `the curves cross at k = ${value.toFixed(1)}${range}`;
}

export const exactCurves = (curves: readonly Curve[]): readonly Curve[] =>
  curves.filter(({ exact }) => exact && exact.length > 1);

/** One row per k of the first curve. */
export function passAtKTable(
  { curves, chance }: Pick<PassAtKLayout, 'curves' | 'chance'>,
  name: BoundsName = 'exact',
): {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
} {
  const nulls = curves.flatMap((one) =>
    (one.nulls ?? []).map((curve) => ({ title: one.title, ...curve })),
  );
  const exact = exactCurves(curves);
  return {
    columns: [
      'k',
      ...curves.map(({ title }) => title),
      ...exact.map(({ title }) => `${title}, ${name}`),
      'guessing',
      ...nulls.map(({ title, kind }) => `${title}, ${NULL_STYLES[kind].name}`),
    ],
    rows: (curves[0]?.points ?? []).map(({ k }) => [
      String(k),
      ...curves.map(({ line, band = [] }) => {
        const value = shareWords(line.find((point) => point.k === k)?.value);
        const bounds = band.find((point) => point.k === k);
        return bounds ? `${value} (${rangeWords(bounds)})` : value;
      }),
      ...exact.map(({ exact: points }) => {
        const bounds = points?.find((point) => point.k === k);
        return bounds ? boundsWords(bounds) : 'none';
      }),
      shareWords(chance.find((point) => point.k === k)?.value),
      ...nulls.map(({ points }) => shareWords(points.find((point) => point.k === k)?.value)),
    ]),
  };
}

const rangeWords = ({ lower, upper }: BoundPoint): string =>
  `${shareWords(lower)} to ${shareWords(upper)}`;
