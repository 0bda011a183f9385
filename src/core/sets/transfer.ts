/**
 * Transfer: what a step of training changed on each set, as the cells of one row of the map. A change
 * counts as one where its 95 % interval excludes 0; by chance alone that is one cell in twenty.
 */
import { MIN_PAIRS } from './change-verdict.ts';
import type { Comparison } from './comparison.ts';
import { directionOf, type PairFigures } from './pair-figures.ts';
import { UNKNOWN, type Estimate } from './resampling.ts';
import type { SetFigures } from './run-figures.ts';

/** A, S at each item's informative k, or S at the most samples that all items have. */
export const TRANSFER_MEASURES = ['accuracy', 'informative', 'support'] as const;
export type TransferMeasure = (typeof TRANSFER_MEASURES)[number];

/** `few` pairs bear no finding, whatever their interval; `unknown` has no interval. */
export type TransferReading = 'up' | 'down' | 'no clear change' | 'few' | 'unknown';

export interface TransferCell {
  readonly dataset: string;
  /** Items that both answered. */
  readonly items: number;
  /** The k of S; `null` for A and where each item has its own. */
  readonly k: number | null;
  /** Child minus parent. */
  readonly change: Estimate;
  /** The parent minus itself under another seed; `null` where that was not drawn, and for A (T = 0 has no seed). */
  readonly byChance: Estimate | null;
  readonly reading: TransferReading;
}

/** One cell per set that both were asked about. */
export function transferCells(
  { paired, byChance }: Comparison,
  measure: TransferMeasure,
): readonly TransferCell[] {
  return paired.datasets.map(({ dataset, figures }) => {
    const k = measure === 'support' ? wholeK(figures) : null;
    const change = measured(figures.change, measure, k);
    const nulls = byChance?.datasets.find((one) => one.dataset === dataset)?.figures.change;
    return {
      ...{ dataset, items: figures.items, k, change },
      byChance: nulls && measure !== 'accuracy' ? measured(nulls, measure, k) : null,
      reading: readingOf(change, figures.items),
    };
  });
}

function measured(change: SetFigures, measure: TransferMeasure, k: number | null): Estimate {
  if (measure === 'accuracy') return change.accuracyAt1;
  if (measure === 'informative') return change.informativeSupport;
  return change.passAtK.find((point) => point.k === k)?.support ?? UNKNOWN;
}

/** The largest k that all items have: a stopped item leaves larger ones to the others. */
function wholeK({ change: { passAtK, items } }: PairFigures): number | null {
  return passAtK.findLast((point) => point.items.value === items.value)?.k ?? null;
}

function readingOf(change: Estimate, items: number): TransferReading {
  if (change.value !== null && items < MIN_PAIRS) return 'few';
  const direction = directionOf(change);
  return direction === 'open' ? 'no clear change' : direction;
}
