import { describe, expect, it } from 'vitest';
import { answerTexts, recordOf, sampleOf } from '../record-fixture.ts';
import type { ItemFigures } from './item-figures.ts';
import type { Pair } from './pair-items.ts';
import { figuresOf } from './set-fixture.ts';
import { countSupportChanges, supportChangeOf, type SupportRule } from './support-change.ts';

const item = (c: number, n: number): ItemFigures =>
  figuresOf(
    recordOf([...answerTexts('B', c), ...answerTexts('A', n - c)], { greedy: sampleOf('B') }),
  );
const pair = (before: readonly [number, number], after: readonly [number, number]): Pair => ({
  parent: item(...before),
  child: item(...after),
});

describe('supportChangeOf', () => {
  const at16: SupportRule = { by: 'k', k: 16 };

  it.each([
    ['kept', [1, 16], [16, 16]],
    ['lost', [1, 16], [0, 16]],
    ['gained', [0, 16], [3, 16]],
    ['outside', [0, 16], [0, 16]],
    // Fewer samples than k decide nothing.
    ['undecided', [1, 16], [8, 8]],
    ['undecided', [0, 8], [0, 16]],
    // 1 of 64 is in most draws of 16 not there, in some it is; 60 of 64 is in all.
    ['undecided', [1, 64], [16, 16]],
    ['kept', [60, 64], [16, 16]],
    ['lost', [60, 64], [0, 64]],
  ] as const)('is %s at K = 16 for %j and %j', (change, before, after) => {
    expect(supportChangeOf(pair(before, after), at16)).toBe(change);
  });

  it.each([
    // Wilson: 16 of 16 ≥ .806, 8 of 16 ≥ .280, 4 of 16 ≥ .102, 0 of 16 ≤ .194, 1 of 16 ≤ .283.
    ['kept', 0.1, [16, 16], [4, 16]],
    ['lost', 0.2, [8, 16], [0, 16]],
    ['gained', 0.2, [0, 16], [8, 16]],
    ['outside', 0.2, [0, 16], [0, 16]],
    ['undecided', 0.1, [8, 16], [0, 16]],
    ['undecided', 0.2, [1, 16], [16, 16]],
    // c = 0 excludes .01 from n = 381 on.
    ['undecided', 0.01, [0, 380], [0, 381]],
    ['outside', 0.01, [0, 381], [0, 381]],
  ] as const)('is %s at ε = %d for %j and %j', (change, epsilon, before, after) => {
    expect(supportChangeOf(pair(before, after), { by: 'epsilon', epsilon })).toBe(change);
  });

  it('is counted, undecided apart', () => {
    const pairs = [
      pair([1, 16], [2, 16]),
      pair([1, 16], [0, 16]),
      pair([3, 16], [0, 16]),
      pair([0, 16], [1, 16]),
      pair([0, 16], [0, 16]),
      pair([0, 8], [1, 16]),
    ];
    expect(countSupportChanges(pairs, at16)).toEqual({
      kept: 1,
      lost: 2,
      gained: 1,
      outside: 1,
      undecided: 1,
    });
    expect(countSupportChanges([], at16).kept).toBe(0);
  });
});
