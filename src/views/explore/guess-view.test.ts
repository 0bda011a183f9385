import { expect, test } from 'vitest';
import type { BarSeries } from '../../charts/bar-series.ts';
import { wilsonInterval } from '../../core/intervals.ts';
import { guessedAnswers, guessSentence } from './guess-view.ts';

const question = {
  text: 'Which?',
  options: ['basophil', 'eosinophil', 'platelet'],
  correctOptions: [1],
  referenceAnswer: null,
};
const outcome = (answer: string | null, count: number) => ({
  ...{ answer, label: answer ?? '', correct: answer === 'B', count, share: count / 16 },
  ...{ interval: wilsonInterval(count, 16), sampleIndexes: [] },
});
const bars: readonly BarSeries[] = [
  { id: 'm', title: 'm', stage: 'sft', n: 16, outcomes: [outcome('B', 11), outcome(null, 5)] },
];
const rows = [
  { key: null, label: 'unparsed', correct: false },
  { key: 'B', label: 'eosinophil', correct: true },
];

test('what was only guessed gets a row, before the right one', () => {
  const guess = { way: 'one', n: 1, counts: new Map([['C', 1]]) } as const;
  const keys = guessedAnswers(rows, guess, question).map(({ key }) => key);
  expect(keys).toEqual([null, 'C', 'B']);
  const known = { way: 'one', n: 1, counts: new Map([['B', 1]]) } as const;
  expect(guessedAnswers(rows, known, question)).toBe(rows);
});

test('a sentence sets the guess beside what came and what is right', () => {
  const one = { way: 'one', n: 1, counts: new Map([['C', 1]]) } as const;
  expect(guessSentence(one, bars, question)).toBe(
    'You guessed platelet. Most often said by m: eosinophil (11 of 16). Right: eosinophil.',
  );
  const hands = {
    way: 'hands',
    n: 20,
    counts: new Map([
      ['A', 8],
      ['B', 4],
      ['C', 8],
    ]),
  } as const;
  expect(guessSentence(hands, bars, question)).toBe(
    'Most hands: basophil and platelet (8 of 20 each). Most often said by m: eosinophil (11 of 16). Right: eosinophil, 4 of 20 hands.',
  );
  expect(guessSentence(hands, [], { ...question, correctOptions: [] })).toBe(
    'Most hands: basophil and platelet (8 of 20 each).',
  );
});
