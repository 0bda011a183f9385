/** What the Pass@k chart draws: one curve per checkpoint. */
import type { PassAtKPoint } from '../core/item-summary.ts';
import type { Stage } from '../core/types.ts';
import type { NullCurve } from './null-series.ts';

export interface CurvePoint {
  readonly k: number;
  readonly value: number;
}

export interface PassAtKSeries {
  readonly id: string;
  readonly title: string;
  readonly stage: Stage;
  readonly points: readonly PassAtKPoint[];
  /** From an exact or bounded distribution; drawn dashed and thin. */
  readonly exact?: readonly CurvePoint[];
  /** Drawn faintly behind the curve. */
  readonly nulls?: readonly NullCurve[];
  readonly band?: readonly { readonly k: number; readonly low: number; readonly high: number }[];
}
