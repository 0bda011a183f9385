/** Pass@k of several checkpoints over a set, with bands, from estimates. Pure. */
import type { Estimate } from '../core/sets/resampling.ts';
import type { SetFigures } from '../core/sets/run-figures.ts';
import type { Stage } from '../core/types.ts';
import { layoutPassAtK, type PassAtKLayout } from './pass-at-k-layout.ts';
import type { BoundPoint } from './pass-at-k-series.ts';

export interface SupportSeries {
  readonly id: string;
  readonly title: string;
  readonly stage: Stage;
  readonly figures: SetFigures;
}

export interface SupportCurves {
  readonly layout: PassAtKLayout;
  /** 95 % intervals by id of the series. */
  readonly bands: readonly { readonly id: string; readonly stage: Stage; points: BoundPoint[] }[];
  /** Largest k at which guessing alone passes in at most 0.8; `null` where it never passes more. */
  readonly greyFrom: number | null;
}

const MOST_CHANCE = 0.8;

export function layoutSupportCurves(
  series: readonly SupportSeries[],
  width: number,
  height: number,
): SupportCurves {
  const layout = layoutPassAtK(
    series.map(({ id, title, stage, figures }) => ({
      id,
      title,
      stage,
      points: figures.passAtK.map(({ k, support, chance }) => ({
        k,
        unbiased: support.value,
        empirical: null,
        chance: chance.value,
      })),
    })),
    width,
    height,
  );
  const beyond = layout.chance.findIndex(({ value }) => value > MOST_CHANCE);
  return {
    layout,
    bands: series.map(({ id, stage, figures }) => ({
      id,
      stage,
      points: figures.passAtK.flatMap(({ k, support }) => boundPoint(k, support)),
    })),
    greyFrom: beyond < 0 ? null : (layout.chance[beyond - 1]?.k ?? 1),
  };
}

function boundPoint(k: number, { interval }: Estimate): BoundPoint[] {
  return interval === null ? [] : [{ k, ...interval }];
}
