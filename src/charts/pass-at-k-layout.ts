/** Geometry of the Pass@k plot: log2 k to the right, probability upwards. Pure, in pixels. */

import type { PassAtKPoint } from '../core/item-summary.ts';
import { textWidth } from './fit-text.ts';
import type { BoundPoint, CurvePoint, PassAtKSeries } from './pass-at-k-series.ts';
import { spreadLabels } from './spread-labels.ts';

/** Room around the plot: for the numbers of both axes, and above the curve at 1. */
export const PLOT_LEFT = 30;
export const PLOT_TOP = 10;
const PLOT_BOTTOM = 34;
/** Distance of two bounds that is drawn as one line, px. */
const ONE_LINE = 2;

export interface Curve extends PassAtKSeries {
  /** The second of a stage has hollow markers, so that two of one colour are told apart. */
  readonly isRepeat: boolean;
  readonly line: readonly CurvePoint[];
  /** The line where it is known without a gap. */
  readonly pieces: readonly (readonly CurvePoint[])[];
  /** Are the exact bounds further apart than two pens? Then the space between them is shaded. */
  readonly isExactWide: boolean;
}

export interface PassAtKLayout {
  readonly curves: readonly Curve[];
  readonly chance: readonly CurvePoint[];
  readonly kMax: number;
  readonly plotWidth: number;
  readonly plotHeight: number;
  readonly x: (k: number) => number;
  readonly y: (value: number) => number;
  /** The points as an SVG path. */
  readonly path: (points: readonly CurvePoint[]) => string;
  /** An area: up along the lower bounds, back along the upper ones. */
  readonly bandPath: (bounds: readonly BoundPoint[]) => string;
  /** The k that are written on the axis: powers of two, thinned out where they are close. */
  readonly ticks: readonly number[];
  /** The last point of each curve with the place of its name. */
  readonly ends: readonly {
    readonly curve: Curve;
    readonly point: CurvePoint;
    readonly labelY: number;
  }[];
  /** Where the word stands on the line of guessing: half-way up. */
  readonly guess: CurvePoint | null;
}

export function layoutPassAtK(
  series: readonly PassAtKSeries[],
  width: number,
  height: number,
): PassAtKLayout {
  const plotHeight = height - PLOT_TOP - PLOT_BOTTOM;
  const curves = series.map((one, place): Curve => ({
    ...one,
    isRepeat: series.findIndex(({ stage }) => stage === one.stage) !== place,
    line: one.points.flatMap(({ k, unbiased }) =>
      unbiased === null ? [] : [{ k, value: unbiased }],
    ),
    pieces: piecesOf(one.points),
    isExactWide: (one.exact ?? []).some(
      ({ lower, upper }) => (upper - lower) * plotHeight > ONE_LINE,
    ),
  }));
  const chance = chanceOf(series);
  const kMax = Math.max(2, ...series.flatMap(({ points }) => points.map(({ k }) => k)));
  const right = Math.max(40, ...series.map(({ title }) => textWidth(`${title} >0.99`, 12) + 18));
  const plotWidth = Math.max(40, width - PLOT_LEFT - right);
  const x = (k: number): number => (Math.log2(k) / Math.log2(kMax)) * plotWidth;
  const y = (value: number): number => (1 - value) * plotHeight;
  const path = (points: readonly CurvePoint[]): string =>
    `M${points.map(({ k, value }) => `${x(k).toFixed(1)} ${y(value).toFixed(1)}`).join('L')}`;
  const last = curves.flatMap((curve) => {
    const point = curve.line.at(-1);
    return point ? [{ curve, point }] : [];
  });
  const labels = spreadLabels(
    last.map(({ point }) => y(point.value)),
    15,
    0,
    plotHeight,
  );
  // Where none is half-way up, -1 is the last one.
  const half = chance.findIndex(({ value }) => value >= 0.45);
  return {
    curves,
    chance,
    kMax,
    plotWidth,
    plotHeight,
    x,
    y,
    path,
    bandPath: (bounds) => {
      const upper = bounds.map(({ k, upper: value }) => ({ k, value })).reverse();
      return `${path([...lowerOf(bounds), ...upper])}Z`;
    },
    ticks: ticksOf(kMax, plotWidth),
    ends: last.map((end, at) => ({ ...end, labelY: labels[at] ?? 0 })),
    guess: chance.at(half) ?? null,
  };
}

export const lowerOf = (bounds: readonly BoundPoint[]): readonly CurvePoint[] =>
  bounds.map(({ k, lower: value }) => ({ k, value }));

/** Known points that follow each other. */
function piecesOf(points: readonly PassAtKPoint[]): readonly (readonly CurvePoint[])[] {
  const pieces: CurvePoint[][] = [[]];
  for (const { k, unbiased } of points) {
    if (unbiased === null) pieces.push([]);
    else pieces.at(-1)?.push({ k, value: unbiased });
  }
  return pieces.filter(({ length }) => length > 0);
}

/** Guessing over the k of the longest curve. */
function chanceOf(series: readonly PassAtKSeries[]): readonly CurvePoint[] {
  const longest = series.reduce<readonly PassAtKPoint[]>(
    (best, { points }) => (points.length > best.length ? points : best),
    [],
  );
  return longest.flatMap(({ k, chance }) => (chance === null ? [] : [{ k, value: chance }]));
}

function ticksOf(kMax: number, plotWidth: number): readonly number[] {
  const all = Array.from({ length: Math.floor(Math.log2(kMax)) + 1 }, (_, at) => 2 ** at);
  const every = Math.ceil(all.length / Math.max(2, Math.floor(plotWidth / 34)));
  return all.filter((_, at) => at % every === 0);
}
