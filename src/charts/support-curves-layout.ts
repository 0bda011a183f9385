/** Pass@k of several checkpoints over a set, with bands, from estimates. Pure. */
import { INFORMATIVE_CHANCE } from '../core/pass-at-k.ts';
import type { SetFigures } from '../core/sets/run-figures.ts';
import type { Stage } from '../core/types.ts';
import { layoutPassAtK, type PassAtKLayout } from './pass-at-k-layout.ts';
import type { BoundPoint } from './pass-at-k-series.ts';
import { setCurve } from './set-curve.ts';

export interface SupportSeries {
  readonly id: string;
  readonly title: string;
  readonly stage: Stage;
  readonly figures: SetFigures;
}

export interface SupportCurves {
  readonly layout: PassAtKLayout;
  /** 95 % intervals by id of the series. */
  readonly bands: readonly {
    readonly id: string;
    readonly stage: Stage;
    readonly points: readonly BoundPoint[];
  }[];
  /** Largest k at which guessing alone passes in at most 0.8; `null` where it never passes more. */
  readonly greyFrom: number | null;
}

export function layoutSupportCurves(
  series: readonly SupportSeries[],
  width: number,
  height: number,
): SupportCurves {
  const curves = series.map(({ figures, ...names }) => ({ ...names, ...setCurve(figures) }));
  const layout = layoutPassAtK(curves, width, height);
  const beyond = layout.chance.findIndex(({ value }) => value > INFORMATIVE_CHANCE);
  return {
    layout,
    bands: curves.map(({ id, stage, band }) => ({ id, stage, points: band })),
    greyFrom: beyond < 0 ? null : (layout.chance[beyond - 1]?.k ?? 1),
  };
}
