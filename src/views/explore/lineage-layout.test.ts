import { expect, test } from 'vitest';
import { lineageByGeneration, lineageByIndent } from './lineage-layout.ts';

const FAMILY = [
  { id: 'base', parent: null },
  { id: 'sft', parent: 'base' },
  { id: 'sft-more', parent: 'sft' },
  { id: 'rl', parent: 'sft' },
  { id: 'base-rl', parent: 'base' },
  { id: 'rl-one', parent: 'sft' },
];

const at = (places: ReturnType<typeof lineageByIndent>) =>
  Object.fromEntries(places.map(({ id, column, row }) => [id, [column, row]]));

test('generations stand in columns, and a child without children fills the room that is left', () => {
  expect(at(lineageByGeneration(FAMILY))).toEqual({
    base: [0, 1],
    sft: [1, 1],
    'sft-more': [2, 0],
    rl: [2, 1],
    'rl-one': [2, 2],
    'base-rl': [1, 2],
  });
});

test('no two stand in one place, whatever the tree', () => {
  const chain = Array.from({ length: 6 }, (_, step) => ({
    id: `c${String(step)}`,
    parent: step === 0 ? null : `c${String(step - 1)}`,
  }));
  const trees = [
    FAMILY,
    FAMILY.toReversed(),
    [...FAMILY, ...chain],
    [...chain, { id: 'x', parent: 'c0' }, { id: 'y', parent: 'x' }, { id: 'z', parent: 'c3' }],
  ];
  for (const tree of trees) {
    const places = lineageByGeneration(tree);
    expect(places).toHaveLength(tree.length);
    expect(new Set(places.map(({ column, row }) => `${String(column)}/${String(row)}`)).size).toBe(
      tree.length,
    );
    expect(Math.min(...places.map(({ row }) => row))).toBe(0);
  }
});

test('a parent that is not in the list makes a root', () => {
  expect(lineageByGeneration([{ id: 'sft', parent: 'base' }])).toEqual([
    { id: 'sft', parent: null, column: 0, row: 0 },
  ]);
});

test('indented, each has a row of its own under its parent', () => {
  expect(at(lineageByIndent(FAMILY))).toEqual({
    base: [0, 0],
    sft: [1, 1],
    'sft-more': [2, 2],
    rl: [2, 3],
    'rl-one': [2, 4],
    'base-rl': [1, 5],
  });
});
