import { describe, expect, test } from 'vitest';
import { runFigures } from '../core/sets/run-figures.ts';
import { randomOf, simulatedItem } from '../core/sets/set-fixture.ts';
import { layoutDumbbells } from './dumbbell-layout.ts';
import { layoutPassAtK } from './pass-at-k-layout.ts';
import { passAtKCaption, passAtKTable } from './pass-at-k-words.ts';
import { lastInformativeK, setCurve } from './set-curve.ts';

const SHARE = { value: 0.5, interval: { lower: 0.25, upper: 0.75 } };
const side = (title: string, stage: 'sft' | 'rl') => ({
  ...{ title, stage, accuracy: SHARE, support: SHARE },
});

describe('dumbbells', () => {
  test('lie one under the other on one axis from 0 to 1', () => {
    const sides = [side('tiny-sft', 'sft'), side('tiny-rl', 'rl')];
    const layout = layoutDumbbells(
      ['a', 'b'].map((dataset) => ({ dataset, k: 4, items: 9, chance: 0.68, sides })),
      600,
    );
    const heights = layout.rows.flatMap((row) => row.sides.map(({ y }) => y));
    expect(heights).toEqual([...heights].sort((one, other) => one - other));
    expect(new Set(heights).size).toBe(4);
    expect(layout.x(0)).toBe(layout.plotLeft);
    expect(layout.x(1)).toBeLessThanOrEqual(600);
    expect(layout.height).toBeGreaterThan(heights.at(-1) ?? Infinity);
  });

  test('a second side of one stage is told apart', () => {
    const sides = [side('one', 'rl'), side('other', 'rl')];
    const { rows } = layoutDumbbells([{ dataset: 'a', k: 1, items: 9, chance: null, sides }], 300);
    expect(rows[0]?.sides.map(({ isRepeat }) => isRepeat)).toEqual([false, true]);
  });
});

test('Pass@k of a set: bands hold the curve, and grey begins where guessing nearly always passes', () => {
  const random = randomOf(3);
  const probabilities = [0.4, 0.3, 0.2, 0.1];
  const { all } = runFigures(
    Array.from({ length: 12 }, (_, id) =>
      simulatedItem({ id, probabilities, rightOptions: [id % 4] }, random),
    ),
    200,
  );
  const one = { id: 'a', title: 'a', stage: 'sft', ...setCurve(all) } as const;
  const layout = layoutPassAtK([one], 500, 260);
  // 1 − (3/4)^4 = 0.68, 1 − (3/4)^8 = 0.90.
  expect(lastInformativeK(all)).toBe(4);
  expect(layout.curves[0]?.line.map(({ k }) => k)).toEqual([1, 2, 4, 8, 16]);
  for (const { k, value } of layout.curves[0]?.line ?? []) {
    const band = one.band.find((point) => point.k === k);
    expect(band?.lower).toBeLessThanOrEqual(value);
    expect(band?.upper).toBeGreaterThanOrEqual(value);
  }

  const facts = { line: 'n = 12 items', full: [], name: '' };
  const caption = (crossing: Parameters<typeof passAtKCaption>[3]) =>
    passAtKCaption(layout, facts, 4, crossing).join(' · ');
  expect(caption(null)).not.toContain('cross');
  expect(caption({ value: 2.5, interval: { lower: 1.2, upper: 6 } })).toContain(
    'the curves cross at k = 2.5 (1.2 to 6.0, of the resamples in which they do)',
  );
  expect(caption({ value: null, interval: null })).toContain('the curves do not cross');
  expect(caption(null)).toContain('unbiased estimate with its 95 % interval');
  // The table has the interval beside the value.
  const { columns, rows } = passAtKTable(layout);
  expect(columns).toEqual(['k', 'a', 'guessing']);
  expect(rows[0]?.[1]).toMatch(/^0\.\d+ \(0\.\d+ to 0\.\d+\)$/);
});
