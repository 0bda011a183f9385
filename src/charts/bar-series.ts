/** What the bars draw: one checkpoint's answers, and the row that is selected. */
import type { Outcome } from '../core/tally.ts';
import type { Stage } from '../core/types.ts';
import type { NullCounts } from './null-series.ts';

export interface BarSeries {
  readonly id: string;
  readonly title: string;
  readonly stage: Stage;
  readonly n: number;
  readonly outcomes: readonly Outcome[];
  /** Exact probability by answer key; absent where the backend cannot give it. */
  readonly exact?: ReadonlyMap<string | null, number>;
  /** Drawn faintly beside each bar. */
  readonly nulls?: readonly NullCounts[];
}

export interface BarSelection {
  readonly series: string;
  readonly answer: string | null;
}
