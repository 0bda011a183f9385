import { expect, test } from 'vitest';
import { lineagePaths } from './lineage-paths.ts';

const ROWS = [
  { id: 'base', parent: null },
  { id: 'sft', parent: 'base' },
  { id: 'more', parent: 'sft' },
  { id: 'rl', parent: 'sft' },
  { id: 'base-rl', parent: 'base' },
];

test('one way for each end of the lineage', () => {
  expect(lineagePaths(ROWS, ['rl', 'base', 'sft', 'more', 'base-rl'])).toEqual([
    ['base', 'sft', 'more'],
    ['base', 'sft', 'rl'],
    ['base', 'base-rl'],
  ]);
});

test('a stage that is missing is passed over, a single one is no way', () => {
  expect(lineagePaths(ROWS, ['rl', 'base'])).toEqual([['base', 'rl']]);
  expect(lineagePaths(ROWS, ['more', 'rl'])).toEqual([]);
  expect(lineagePaths(ROWS, ['stranger', 'base'])).toEqual([]);
});
