/** What crosses between the page and the worker that draws the figures of sets, and what the page asks of it. */

import type { Comparison } from '../core/sets/comparison.ts';
import type { ItemFigures } from '../core/sets/item-figures.ts';
import type { RunFigures } from '../core/sets/run-figures.ts';

/** One job at a time: `begin`, items in pieces, then what is asked of them. */
export interface FigureService {
  /** Forgets the items of the last job. */
  begin(): Promise<void>;
  /** @param side 0 for the run, or the parent; 1 for the child */
  add(side: 0 | 1, items: readonly ItemFigures[]): Promise<void>;
  /** Values without intervals, in little time. Needs an item of side 0. */
  values(): Promise<RunFigures>;
  /** Values and intervals. Needs an item of side 0. */
  figures(): Promise<RunFigures>;
  /** `null` when the sides have no item in common. */
  compare(): Promise<Comparison | null>;
}

/** Figures of sets, worked out beside the page. */
export interface FigureBackend {
  /**
   * @param items at least one
   * @param onValues is given the values before there are intervals
   * @throws NamedError `Cancelled` when it was stopped, `WorkerDied`
   */
  runFigures(
    items: readonly ItemFigures[],
    calls: { readonly signal: AbortSignal; readonly onValues: (values: RunFigures) => void },
  ): Promise<RunFigures>;
  /** `null` when they have no item in common. @throws as `runFigures` */
  compare(
    parents: readonly ItemFigures[],
    children: readonly ItemFigures[],
    signal: AbortSignal,
  ): Promise<Comparison | null>;
}
