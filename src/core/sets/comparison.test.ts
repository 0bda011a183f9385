import { describe, expect, test } from 'vitest';
import { compareItems, EPSILON, type Comparison } from './comparison.ts';
import type { ItemFigures } from './item-figures.ts';
import { randomOf, simulatedItem, simulatedParents, type Simulated } from './set-fixture.ts';

const random = randomOf(11);
const models = simulatedParents(60, random).map((model, id) => ({
  ...model,
  dataset: id % 2 === 0 ? 'bloodmnist' : 'pathmnist',
}));
/** Three quarters of what is not there yet goes to the right option. */
const better = (model: Simulated): Simulated => ({
  ...model,
  probabilities: model.probabilities.map((p, option) =>
    model.rightOptions.includes(option) ? p + 0.75 * (1 - p) : 0.25 * p,
  ),
});
const parents = models.map((model) => simulatedItem(model, random));
const children = models.map((model) => simulatedItem(better(model), random));

function compared(...sides: readonly [readonly ItemFigures[], readonly ItemFigures[]]): Comparison {
  const comparison = compareItems(...sides);
  if (comparison === null) throw new Error('They have items in common.');
  return comparison;
}

describe('a comparison', () => {
  const comparison = compared(parents, children.slice(0, 50));

  test('says of all sets and of each what happened, on the items that both have', () => {
    expect(
      comparison.verdicts.map(({ dataset, items, verdict }) => [dataset, items, verdict]),
    ).toEqual([
      [null, 50, 'learned'],
      ['bloodmnist', 25, 'learned'],
      ['pathmnist', 25, 'learned'],
    ]);
    expect(comparison).toMatchObject({ pairs: 50, unpairedParents: 10, unpairedChildren: 0 });
  });

  test('stands beside the parent against itself: changes, support and distance', () => {
    const { byChance, supportTables, distance, distanceByChance } = comparison;
    expect(byChance?.all.items).toBe(50);
    expect(byChance?.all.change.accuracyAt1.value).toBe(0);
    expect(supportTables.map(({ rule }) => rule)).toEqual([
      { by: 'k', k: 16 },
      { by: 'epsilon', epsilon: EPSILON },
    ]);
    for (const { rule, counts, byChance: chance } of supportTables) {
      for (const table of [counts, chance]) {
        expect(Object.values(table ?? {}).reduce((sum, count) => sum + count, 0)).toBe(50);
      }
      // No item of 16 samples without a right one excludes ε = 0.05: at ε nothing is decided as gained.
      if (rule.by === 'k') expect(counts.gained).toBeGreaterThan(chance?.gained ?? Infinity);
      else expect(counts.gained).toBe(0);
    }
    expect(distance.pValue).toBeLessThan(0.01);
    expect(distanceByChance?.pValue).toBeGreaterThan(0.01);
    expect(distanceByChance?.meanNats).toBeLessThan(distance.meanNats);
  });

  test('sets the parent’s support against a gain that shares no sample with it', () => {
    comparison.gains.forEach(({ parent, gain }, at) => {
      const { firstHalf, n, c } = parents[at]?.draw ?? { firstHalf: { n: 0, c: 0 }, n: 0, c: 0 };
      const child = children[at]?.draw ?? { n: 0, c: 0 };
      expect(parent).toBe(firstHalf.c / firstHalf.n);
      expect(gain).toBeCloseTo(child.c / child.n - (c - firstHalf.c) / (n - firstHalf.n), 12);
    });
  });
});

test('without a second seed there is nothing by chance to stand beside', () => {
  const single = parents.map((item) => ({ ...item, second: null }));
  const { byChance, distanceByChance, supportTables } = compared(single, children);
  expect([byChance, distanceByChance]).toEqual([null, null]);
  expect(supportTables.every((table) => table.byChance === null)).toBe(true);
});

test('regression to the mean makes no gain: a checkpoint against its own second draw', () => {
  const again = models.map((model) => simulatedItem(model, random));
  const { gains } = compared(parents, again);
  const low = gains.filter(({ parent }) => parent <= 0.25);
  const mean = low.reduce((sum, { gain }) => sum + gain, 0) / low.length;
  expect(low.length).toBeGreaterThan(10);
  expect(Math.abs(mean)).toBeLessThan(0.06);
});

test('nothing in common is no comparison', () => {
  expect(compareItems(parents.slice(0, 5), children.slice(5))).toBeNull();
});
