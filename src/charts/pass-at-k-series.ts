/** What the Pass@k chart draws: one curve per checkpoint. */
import type { Interval } from '../core/intervals.ts';
import type { PassAtKPoint } from '../core/item-summary.ts';
import type { Stage } from '../core/types.ts';
import type { NullCurve } from './null-series.ts';

export interface CurvePoint {
  readonly k: number;
  readonly value: number;
}

/** Bounds of Pass@k: certain ones, or those of an interval. */
export interface BoundPoint extends Interval {
  readonly k: number;
}

export interface PassAtKSeries {
  readonly id: string;
  readonly title: string;
  readonly stage: Stage;
  readonly points: readonly PassAtKPoint[];
  /** Confidence interval around the curve, at the same k. */
  readonly band?: readonly BoundPoint[];
  /** From the exact distribution, at the same k; absent where it says nothing. */
  readonly exact?: readonly BoundPoint[];
  /** Drawn faintly behind the curve. */
  readonly nulls?: readonly NullCurve[];
}
