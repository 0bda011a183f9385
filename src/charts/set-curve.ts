/** A set's figures as a curve of the Pass@k charts, with the interval over items as its band. Pure. */
import type { SetFigures } from '../core/sets/run-figures.ts';
import type { PassAtKSeries } from './pass-at-k-series.ts';

export function setCurve({
  passAtK,
}: SetFigures): Required<Pick<PassAtKSeries, 'points' | 'band'>> {
  return {
    points: passAtK.map(({ k, support, chance }) => ({
      k,
      unbiased: support.value,
      empirical: null,
      chance: chance.value,
    })),
    band: passAtK.flatMap(({ k, support: { interval } }) => (interval ? [{ k, ...interval }] : [])),
  };
}
