import { expect, test } from 'vitest';
import { chosen, MOST_HANDS, noGuess, tallyOf, withHands } from './guess-tally.ts';

const question = {
  text: 'Which?',
  options: ['a cell', 'another', 'none'],
  correctOptions: [0],
  referenceAnswer: null,
};

test('one guess is one option, and can be taken back', () => {
  const none = noGuess('one', question);
  expect(tallyOf(none)).toBeNull();
  const second = chosen(chosen(none, 0), 1);
  expect(tallyOf(second)).toEqual({ way: 'one', n: 1, counts: new Map([['B', 1]]) });
  expect(tallyOf(chosen(second, 1))).toBeNull();
});

test('hands are counted by option, within bounds', () => {
  const hands = withHands(withHands(noGuess('hands', question), 0, 12), 2, 8);
  expect(tallyOf(hands)).toEqual({
    way: 'hands',
    n: 20,
    counts: new Map([
      ['A', 12],
      ['C', 8],
    ]),
  });
  expect(withHands(hands, 0, NaN).counts).toEqual([0, 0, 8]);
  expect(withHands(hands, 1, -3).counts[1]).toBe(0);
  expect(withHands(hands, 1, 1e9).counts[1]).toBe(MOST_HANDS);
});
