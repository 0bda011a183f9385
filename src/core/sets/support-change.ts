/**
 * Which items changed hands: support kept, lost, gained or outside (Invisible Leash, arXiv 2507.14843),
 * at K samples or at ε. Only where both verdicts are decided; the rest is undecided.
 */
import { wilsonInterval } from '../intervals.ts';
import { passAtK } from '../pass-at-k.ts';
import { supportAtEpsilon, type EpsilonSupport } from '../support.ts';
import type { Pair } from './pair-items.ts';
import type { MetricItem } from './set-metrics.ts';

export type SupportChange = 'kept' | 'lost' | 'gained' | 'outside' | 'undecided';

/** At k samples, or at a probability ε. */
export type SupportRule =
  { readonly by: 'k'; readonly k: number } | { readonly by: 'epsilon'; readonly epsilon: number };

export type SupportCountsByChange = Readonly<Record<SupportChange, number>>;

/** With n = k samples it is decided; with more, an item that has some right ones may miss them all. */
function isInSupport({ draw: { n, c } }: MetricItem, rule: SupportRule): EpsilonSupport {
  if (rule.by === 'epsilon') return supportAtEpsilon(wilsonInterval(c, n), rule.epsilon);
  const probability = passAtK(n, c, rule.k);
  if (probability === 1) return 'yes';
  return probability === 0 ? 'no' : 'undecided';
}

export function supportChangeOf({ parent, child }: Pair, rule: SupportRule): SupportChange {
  const [before, after] = [isInSupport(parent, rule), isInSupport(child, rule)];
  if (before === 'undecided' || after === 'undecided') return 'undecided';
  if (before === 'yes') return after === 'yes' ? 'kept' : 'lost';
  return after === 'yes' ? 'gained' : 'outside';
}

export function countSupportChanges(
  pairs: readonly Pair[],
  rule: SupportRule,
): SupportCountsByChange {
  const counts = { kept: 0, lost: 0, gained: 0, outside: 0, undecided: 0 };
  for (const pair of pairs) counts[supportChangeOf(pair, rule)] += 1;
  return counts;
}
