import { expect, test } from 'vitest';
import { descentOf, lineagePaths } from './lineage-paths.ts';

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

test('a step of training is told from a longer way, from none, and from what the table does not know', () => {
  expect(descentOf(ROWS, 'sft', 'rl')).toBe('step');
  expect(descentOf(ROWS, 'base', 'rl')).toBe('way');
  expect(descentOf(ROWS, 'rl', 'more')).toBe('none');
  expect(descentOf(ROWS, 'rl', 'base')).toBe('none');
  expect(descentOf(ROWS, 'sft', 'sft')).toBe('none');
  expect(descentOf(ROWS, 'sft', 'stranger')).toBe('unknown');
  expect(descentOf(ROWS, 'stranger', 'rl')).toBe('unknown');
});
