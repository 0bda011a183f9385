import { expect, test } from 'vitest';
import { isBehindTag, letterAdded } from './answer-place.ts';

const LETTERS = new Set(['A', 'B']);

test.each([
  ['<answer>', 'A', 'A'],
  ['<answer>', ' b', 'B'],
  ['x<answer>\n', 'B', 'B'],
  // The token that ends the tag brings the letter.
  ['<answer', '>A', 'A'],
  ['<answer', '>', null],
  ['', '<answer>A', 'A'],
  ['<answer>', 'C', null],
  ['<answer>', 'Ab', null],
  ['<answer>', '', null],
  // The letter is there already.
  ['<answer>A', ' ', null],
  ['<answer>A', '</answer>', null],
  ['A', 'B', null],
] as const)('behind %j the token %j is the letter %j', (before, token, letter) => {
  expect(letterAdded(before, token, LETTERS)).toBe(letter);
});

test('a tag is behind, blanks aside', () => {
  expect(['<answer>', '<Answer> \n', '<answer', '<answer>A'].map(isBehindTag)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
