import { describe, expect, test } from 'vitest';
import { compareItems } from './comparison.ts';
import type { ItemFigures } from './item-figures.ts';
import { randomOf, simulatedItem, type Simulated } from './set-fixture.ts';
import { transferCells, type TransferMeasure } from './transfer.ts';

/** P(right) of the parent and the child in a set, and how many items it has. */
interface Made {
  readonly dataset: string;
  readonly items: number;
  readonly before: number;
  readonly after: number;
}

const random = randomOf(11);
const sideOf = (
  sets: readonly Made[],
  read: (set: Made) => number,
  n: (id: number) => number,
): readonly ItemFigures[] =>
  sets.flatMap((set) =>
    Array.from({ length: set.items }, (_, id): ItemFigures => {
      const right = read(set);
      const probabilities = [right, (1 - right) / 3, (1 - right) / 3, (1 - right) / 3];
      const item: Simulated = {
        ...{ id, dataset: set.dataset, probabilities, rightOptions: [0], n: n(id) },
      };
      return simulatedItem(item, random);
    }),
  );

function cellsOf(
  sets: readonly Made[],
  measure: TransferMeasure,
  n: (id: number) => number = () => 16,
) {
  const comparison = compareItems(
    sideOf(sets, ({ before }) => before, n),
    sideOf(sets, ({ after }) => after, n),
  );
  if (!comparison) throw new Error('They have items in common.');
  return { comparison, cells: transferCells(comparison, measure) };
}

const SETS: readonly Made[] = [
  { dataset: 'rises', items: 20, before: 0.03, after: 0.7 },
  { dataset: 'stays', items: 20, before: 0.4, after: 0.4 },
  { dataset: 'falls', items: 20, before: 0.7, after: 0.1 },
  { dataset: 'small', items: 5, before: 0.1, after: 0.7 },
];

describe('cells of the transfer map', () => {
  test('are the paired changes of each set, read from their intervals', () => {
    const { comparison, cells } = cellsOf(SETS, 'accuracy');
    expect(cells.map(({ dataset, items, reading }) => [dataset, items, reading])).toEqual([
      ['rises', 20, 'up'],
      ['stays', 20, 'no clear change'],
      ['falls', 20, 'down'],
      ['small', 5, 'few'],
    ]);
    for (const [at, { figures }] of comparison.paired.datasets.entries()) {
      expect(cells[at]?.change).toBe(figures.change.accuracyAt1);
    }
    // Five items that all change the same way have an interval without 0, and still bear no finding.
    expect(cells[3]?.change.interval).toEqual({ lower: 1, upper: 1 });
    // The T = 0 answer has no other seed.
    expect(cells.every(({ byChance, k }) => byChance === null && k === null)).toBe(true);
  });

  test('S at the informative k and at K stand beside the same under another seed', () => {
    for (const measure of ['informative', 'support'] as const) {
      const { comparison, cells } = cellsOf(SETS, measure);
      const nulls = comparison.byChance?.datasets ?? [];
      expect(nulls).toHaveLength(4);
      for (const [at, cell] of cells.entries()) {
        const bySeed = nulls[at]?.figures.change;
        const expected =
          measure === 'informative' ? bySeed?.informativeSupport : bySeed?.passAtK.at(-1)?.support;
        expect(cell.byChance).toBe(expected);
        expect(cell.byChance?.interval).not.toBeNull();
        expect(cell.k).toBe(measure === 'support' ? 16 : null);
      }
      expect(cells[0]?.reading).toBe('up');
      expect(cells[1]?.reading).toBe('no clear change');
    }
  });

  test('K is the largest that all items have, and what was not drawn is unknown', () => {
    const one = SETS.slice(0, 1);
    const { comparison, cells } = cellsOf(one, 'support', (id) => (id === 3 ? 4 : 16));
    expect(cells[0]?.k).toBe(4);
    const [cell] = transferCells({ ...comparison, byChance: null }, 'support');
    expect(cell?.byChance).toBeNull();
  });
});
