/** Whether two runs drew the same samples, apart from draws that rounding alone can change. */

import { expect } from 'vitest';
import type { Drawn } from './engine.ts';

/** Index of the first token that differs; −1 when none does. */
function firstDifference(a: readonly number[], b: readonly number[]): number {
  const length = Math.max(a.length, b.length);
  for (let at = 0; at < length; at += 1) if (a[at] !== b[at]) return at;
  return -1;
}

/** Samples that differ only at a draw within `rounding` of another outcome; fails on any other. */
export function excused(one: Drawn, other: Drawn, rounding: number, name: string): number {
  let count = 0;
  other.samples.forEach((sample, position) => {
    const twin = one.samples[position];
    expect(twin?.index, name).toBe(sample.index);
    const at = firstDifference(twin?.tokenIds ?? [], sample.tokenIds);
    if (at < 0) return;
    const margin = other.margins.get(sample.index)?.[at] ?? Infinity;
    expect(margin, `${name}, sample ${String(sample.index)}, token ${String(at)}`).toBeLessThan(
      rounding,
    );
    count += 1;
  });
  return count;
}
