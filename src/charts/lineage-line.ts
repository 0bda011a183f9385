/** Points of a figure over a lineage, and what joins them. Pure, in pixels. */
import type { Estimate } from '../core/sets/resampling.ts';
import type { Stage } from '../core/types.ts';

export interface LineagePoint {
  readonly title: string;
  readonly stage: Stage;
  readonly estimate: Estimate;
  /** What guessing alone gives; `null` where there is no such level. */
  readonly chance: number | null;
  /** Was it trained from the one before it? */
  readonly isJoined: boolean;
}

export interface LineagePaths {
  /** Steps of training; `''` without. */
  readonly joined: string;
  /** From one that it was not trained from; `''` without. */
  readonly apart: string;
  /** Guessing, level over each point's slot; `''` without. */
  readonly chance: string;
  /** Where the word for it stands. */
  readonly chanceLabel: { readonly x: number; readonly y: number } | null;
}

/** @param slot width of a point's room; its middle is the point */
export function lineagePaths(
  points: readonly LineagePoint[],
  slot: number,
  y: (value: number) => number,
): LineagePaths {
  const x = (at: number): number => (at + 0.5) * slot;
  const place = (at: number, value: number): string => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
  const lines = { joined: '', apart: '' };
  points.forEach(({ estimate: { value }, isJoined }, at) => {
    const before = points[at - 1]?.estimate.value ?? null;
    if (value === null || before === null) return;
    lines[isJoined ? 'joined' : 'apart'] += `M${place(at - 1, before)}L${place(at, value)}`;
  });
  const guessed = points.flatMap(({ chance }, at) => (chance === null ? [] : [{ at, chance }]));
  const [first] = guessed;
  return {
    ...lines,
    chance: guessed
      .map(({ at, chance }) => {
        const from = (at * slot).toFixed(1);
        return `M${from} ${y(chance).toFixed(1)}h${slot.toFixed(1)}`;
      })
      .join(''),
    chanceLabel: first ? { x: first.at * slot + 2, y: y(first.chance) - 5 } : null,
  };
}
