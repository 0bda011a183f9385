/** Geometry of the dumbbells: shares to the right, one row per set and side. Pure, in pixels. */
import type { Interval } from '../core/intervals.ts';
import type { Stage } from '../core/types.ts';
import { textWidth } from './fit-text.ts';

/** A share with its interval; `null` where there is none. */
export interface Share {
  readonly value: number | null;
  readonly interval: Interval | null;
}

export interface DumbbellSide {
  readonly title: string;
  readonly stage: Stage;
  readonly accuracy: Share;
  readonly support: Share;
}

export interface DumbbellRow {
  readonly dataset: string;
  /** k of the support. */
  readonly k: number;
  readonly items: number;
  /** Pass@k of guessing; `null` for free-form. */
  readonly chance: number | null;
  readonly sides: readonly DumbbellSide[];
}

export interface PlacedSide extends DumbbellSide {
  readonly y: number;
  /** The second of a stage is hollow. */
  readonly isRepeat: boolean;
}

export interface PlacedRow extends Omit<DumbbellRow, 'sides'> {
  readonly top: number;
  readonly bottom: number;
  readonly sides: readonly PlacedSide[];
}

const HEAD = 22;
const SIDE = 20;
const GAP = 14;
const AXIS = 24;

export interface DumbbellLayout {
  readonly rows: readonly PlacedRow[];
  readonly plotLeft: number;
  readonly plotWidth: number;
  readonly bottom: number;
  readonly height: number;
  readonly x: (share: number) => number;
}

export function layoutDumbbells(rows: readonly DumbbellRow[], width: number): DumbbellLayout {
  const titles = rows.flatMap(({ sides }) => sides.map(({ title }) => title));
  const wanted = Math.max(0, ...titles.map((title) => textWidth(title, 12))) + 14;
  const plotLeft = Math.min(wanted, width * 0.4);
  const plotWidth = Math.max(40, width - plotLeft - 12);
  let top = 0;
  const placed = rows.map(({ sides, ...row }): PlacedRow => {
    const start = top;
    top += HEAD + sides.length * SIDE + GAP;
    return {
      ...row,
      top: start,
      bottom: top - GAP,
      sides: sides.map((side, at) => ({
        ...side,
        y: start + HEAD + (at + 0.5) * SIDE,
        isRepeat: sides.findIndex(({ stage }) => stage === side.stage) !== at,
      })),
    };
  });
  return {
    rows: placed,
    plotLeft,
    plotWidth,
    bottom: top,
    height: top + AXIS,
    x: (share) => plotLeft + share * plotWidth,
  };
}
