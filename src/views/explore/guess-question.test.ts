import { expect, test } from 'vitest';
import { guessQuestion } from './guess-question.ts';

test('a guess names the model, or each of those that it is set beside', () => {
  expect(guessQuestion(['tiny-sft'])).toBe('which answer will tiny-sft give most often?');
  expect(guessQuestion(['tiny-base', 'tiny-sft', 'tiny-rl'])).toBe(
    'which answer will tiny-base, tiny-sft, and tiny-rl give most often? The guess is set beside each of them.',
  );
});
