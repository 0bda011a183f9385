/** A set's figures as a curve of the Pass@k charts, with the interval over items as its band. Pure. */
import { INFORMATIVE_CHANCE } from '../core/pass-at-k.ts';
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

/** Largest k at which guessing alone passes in at most 0.8; `null` where it never passes more. */
export function lastInformativeK({ passAtK }: SetFigures): number | null {
  const beyond = passAtK.findIndex(
    ({ chance: { value } }) => value !== null && value > INFORMATIVE_CHANCE,
  );
  return beyond < 0 ? null : (passAtK[beyond - 1]?.k ?? 1);
}
