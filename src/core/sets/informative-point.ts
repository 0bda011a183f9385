/** The k of a set's curve at which support says most. */
import { INFORMATIVE_CHANCE } from '../pass-at-k.ts';
import type { Estimate } from './resampling.ts';
import type { SetFigures } from './run-figures.ts';
import { FREE_FORM_K, type SupportMetrics } from './set-metrics.ts';

/**
 * The largest k that all items have and at which guessing alone passes in at most 0.8 of them; free-form
 * up to `FREE_FORM_K`. k = 1 where no k is so.
 */
export function informativePoint(figures: SetFigures): SupportMetrics<Estimate> | null {
  const whole = figures.passAtK.filter(({ items }) => items.value === figures.items.value);
  return (
    whole.findLast(({ k, chance: { value } }) =>
      value === null ? k <= FREE_FORM_K : value <= INFORMATIVE_CHANCE,
    ) ??
    whole[0] ??
    null
  );
}
