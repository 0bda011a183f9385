/**
 * Everything that is said of two checkpoints on the same items: changes with their verdicts, what changes by chance alone (A/A), support that changed hands, distances, the
 * parent's support against the gain, and the controls of sharpening.
 */
import {
  changeEvidence,
  changeVerdict,
  type ChangeEvidence,
  type ChangeVerdict,
} from './change-verdict.ts';
import { sampledDistance, type SampledDistance } from './distances.ts';
import type { ItemFigures } from './item-figures.ts';
import { pairedFigures, type PairedFigures } from './pair-figures.ts';
import { pairItems, seedPairs, type Pair } from './pair-items.ts';
import type { SetFigures } from './run-figures.ts';
import {
  countSupportChanges,
  type SupportCountsByChange,
  type SupportRule,
} from './support-change.ts';

/** P(right) under the parent, and what the child adds, from samples that do not share a draw. */
export interface GainPoint {
  readonly itemId: string;
  readonly dataset: string;
  /** From the first half of the parent's samples. */
  readonly parent: number;
  /** Child's p̂ minus that of the parent's other half. */
  readonly gain: number;
}

export interface Verdict {
  /** `null` over all sets together. */
  readonly dataset: string | null;
  readonly items: number;
  readonly verdict: ChangeVerdict;
  readonly evidence: ChangeEvidence;
}

/** Pairs at one rule: of the two checkpoints, and of the parent with itself. */
export interface SupportTable {
  readonly rule: SupportRule;
  readonly counts: SupportCountsByChange;
  /** `null` without a second seed. */
  readonly byChance: SupportCountsByChange | null;
}

export interface Comparison {
  /** Items on both sides, and those that only one has. */
  readonly pairs: number;
  readonly unpairedParents: number;
  readonly unpairedChildren: number;
  readonly paired: PairedFigures;
  /** Over all, then per set. */
  readonly verdicts: readonly Verdict[];
  /** The parent against itself under another seed; `null` when no item has one. */
  readonly byChance: PairedFigures | null;
  readonly supportTables: readonly SupportTable[];
  readonly distance: SampledDistance;
  readonly distanceByChance: SampledDistance | null;
  readonly gains: readonly GainPoint[];
}

/** ε at which support is compared beside K. */
export const EPSILON = 0.05;

/** @returns `null` when no item is on both sides */
export function compareItems(
  parents: readonly ItemFigures[],
  children: readonly ItemFigures[],
): Comparison | null {
  const { pairs, ...unpaired } = pairItems(parents, children);
  if (pairs.length === 0) return null;
  const nullPairs = seedPairs(pairs.map(({ parent }) => parent));
  const hasNull = nullPairs.length > 0;
  const paired = pairedFigures(pairs);
  const k = Math.max(...pairs.map(({ parent, child }) => Math.min(parent.draw.n, child.draw.n)));
  const rules: readonly SupportRule[] = [
    { by: 'k', k },
    { by: 'epsilon', epsilon: EPSILON },
  ];
  return {
    pairs: pairs.length,
    ...unpaired,
    paired,
    verdicts: [
      verdictOf(null, paired.all.items, paired.all.change),
      ...paired.datasets.map(({ dataset, figures }) =>
        verdictOf(dataset, figures.items, figures.change),
      ),
    ],
    byChance: hasNull ? pairedFigures(nullPairs) : null,
    supportTables: rules.map((rule) => ({
      rule,
      counts: countSupportChanges(pairs, rule),
      byChance: hasNull ? countSupportChanges(nullPairs, rule) : null,
    })),
    distance: sampledDistance(pairs),
    distanceByChance: hasNull ? sampledDistance(nullPairs) : null,
    gains: pairs.map(gainOf),
  };
}

function verdictOf(dataset: string | null, items: number, change: SetFigures): Verdict {
  const evidence = changeEvidence(change);
  return { dataset, items, verdict: changeVerdict(evidence), evidence };
}

function gainOf({ parent, child }: Pair): GainPoint {
  const { n, c, firstHalf } = parent.draw;
  const other = { n: n - firstHalf.n, c: c - firstHalf.c };
  // Of one sample there is no half to spare.
  const before = firstHalf.n === 0 ? other : firstHalf;
  return {
    itemId: parent.itemId,
    dataset: parent.dataset,
    parent: before.c / before.n,
    gain: child.draw.c / child.draw.n - other.c / other.n,
  };
}
