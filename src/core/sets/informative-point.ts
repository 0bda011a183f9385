/** The k of a set's curve at which support says most. */
import type { Estimate } from './resampling.ts';
import type { SetFigures } from './run-figures.ts';
import { FREE_FORM_K, type SupportMetrics } from './set-metrics.ts';

/** Above this chance nearly every guess passes, as in `informativeK`. */
const MOST_CHANCE = 0.8;

/**
 * The largest k that all items have and at which guessing alone passes in at most 0.8 of them; free-form
 * up to `FREE_FORM_K`. k = 1 where no k is so.
 */
export function informativePoint(figures: SetFigures): SupportMetrics<Estimate> | null {
  const whole = figures.passAtK.filter(({ items }) => items.value === figures.items.value);
  return (
    whole.findLast(({ k, chance: { value } }) =>
      value === null ? k <= FREE_FORM_K : value <= MOST_CHANCE,
    ) ??
    whole[0] ??
    null
  );
}
