/** What the bars draw: one checkpoint's answers, and the row that is selected. */
import type { AnswerBounds } from '../core/answer-bounds.ts';
import type { Outcome } from '../core/tally.ts';
import type { Stage } from '../core/types.ts';
import type { NullCounts } from './null-series.ts';

export interface BarSeries {
  readonly id: string;
  readonly title: string;
  readonly stage: Stage;
  readonly n: number;
  readonly outcomes: readonly Outcome[];
  /** Certain bounds of the same policy's probabilities; absent where there are none that say anything. */
  readonly exact?: AnswerBounds;
  /** Drawn faintly beside each bar. */
  readonly nulls?: readonly NullCounts[];
}

export interface BarSelection {
  readonly series: string;
  readonly answer: string | null;
}
