/** A line style and a marker per stage, so that colour is never the only sign. */
import type { Stage } from '../core/types.ts';

export interface StageStyle {
  /** SVG stroke-dasharray; `''` is solid. */
  readonly dash: string;
  readonly strokeWidth: number;
  /** A marker centred on 0,0, about 7 px wide. */
  readonly marker: string;
}

export const STAGE_STYLES: Readonly<Record<Stage, StageStyle>> = {
  base: { dash: '', strokeWidth: 1.5, marker: 'M-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0Z' },
  sft: { dash: '7 4', strokeWidth: 2, marker: 'M-3-3H3V3H-3Z' },
  rl: { dash: '', strokeWidth: 2.75, marker: 'M0-4.2L4.2 0L0 4.2L-4.2 0Z' },
  other: { dash: '2 3', strokeWidth: 2, marker: 'M0-4L3.8 3H-3.8Z' },
};
