/** What the Pass@k chart draws: one curve per checkpoint. */
import type { PassAtKPoint } from '../core/item-summary.ts';
import type { Stage } from '../core/types.ts';

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
  readonly band?: readonly { readonly k: number; readonly low: number; readonly high: number }[];
}
