import { expect, test } from 'vitest';
import { nearestName } from './lesson-spelling.ts';

const NAMES = ['title', 'text', 'checkpoints', 'tiny-rl', 'tiny-rl-one'];

test.each([
  ['titel', 'title'],
  ['chekpoint', 'checkpoints'],
  ['Tiny_RL', 'tiny-rl'],
  ['tiny-rl-on', 'tiny-rl-one'],
  ['txt', 'text'],
  ['image', null],
  ['xy', null],
])('%s may mean %s', (written, meant) => {
  expect(nearestName(written, NAMES)).toBe(meant);
});
