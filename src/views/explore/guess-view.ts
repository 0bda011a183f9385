/** The guess beside the result: rows for what was guessed and never said, and a sentence. Pure. */

import type { BarSeries } from '../../charts/bar-series.ts';
import type { RiverAnswer } from '../../charts/river-tree.ts';
import { answerLabel, isRight, rightAnswers } from '../../core/question.ts';
import type { Question } from '../../core/types.ts';
import type { GuessTally } from '../../state/guess-tally.ts';

/** The rows of the bars with those that were only guessed, before the right ones. */
export function guessedAnswers(
  answers: readonly RiverAnswer[],
  { counts }: GuessTally,
  question: Question,
): readonly RiverAnswer[] {
  const missing = [...counts.keys()]
    .filter((key) => !answers.some((answer) => answer.key === key))
    .map((key) => ({
      key,
      label: answerLabel(key, question),
      correct: isRight(key, question),
    }));
  if (missing.length === 0) return answers;
  const others = answers.filter(({ correct }) => correct !== true);
  return [...others, ...missing, ...answers.filter(({ correct }) => correct === true)];
}

/** What was guessed, what the checkpoints said most often, and what is right: two or three sentences. */
export function guessSentence(
  guess: GuessTally,
  bars: readonly BarSeries[],
  question: Question,
): string {
  const guessed = leaders(guess.counts);
  const said = bars.filter(({ n }) => n > 0).map((one) => saidMost(one, question));
  const first =
    guess.way === 'one'
      ? `You guessed ${named(guessed.keys, question)}.`
      : `Most hands: ${named(guessed.keys, question)} (${String(guessed.count)} of ${String(guess.n)}${guessed.keys.length > 1 ? ' each' : ''}).`;
  const right = rightAnswers(question);
  const last =
    right.length === 0
      ? ''
      : `Right: ${named(right, question)}${guess.way === 'hands' && right.length === 1 ? `, ${String(guess.counts.get(right[0] ?? '') ?? 0)} of ${String(guess.n)} hands` : ''}.`;
  return [first, said.length > 0 ? `Most often said by ${said.join('; by ')}.` : '', last]
    .filter((part) => part !== '')
    .join(' ');
}

/** `tiny-sft: eosinophil (11 of 16)` */
function saidMost({ title, n, outcomes }: BarSeries, question: Question): string {
  const counts = new Map(outcomes.map(({ answer, count }) => [answer, count]));
  const { keys, count } = leaders(counts);
  return `${title}: ${named(keys, question)} (${String(count)} of ${String(n)}${keys.length > 1 ? ' each' : ''})`;
}

/** The keys with the largest count. */
function leaders<Key>(counts: ReadonlyMap<Key, number>): {
  readonly keys: readonly Key[];
  readonly count: number;
} {
  const count = Math.max(0, ...counts.values());
  return { keys: [...counts].filter(([, one]) => one === count).map(([key]) => key), count };
}

const named = (keys: readonly (string | null)[], question: Question): string =>
  keys
    .map((key) => (key === null ? 'no readable answer' : answerLabel(key, question)))
    .join(' and ');
