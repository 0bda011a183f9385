/** The samples of one item, counted by answer. */
import { wilsonInterval, type Interval } from './intervals.ts';
import { isCorrect, parseAnswer } from './parser.ts';
import { answerLabel, optionLetters } from './question.ts';
import type { ParsedAnswer, Question, Sample } from './types.ts';

export interface Outcome {
  /** Option letter, normalised free-form text, or `null` for unparsed. */
  readonly answer: string | null;
  /** What people read: the option's text, the answer, `unparsed`. */
  readonly label: string;
  readonly count: number;
  /** count / n; 0 while there is no sample. */
  readonly share: number;
  /** Wilson interval of the share, 95 %. */
  readonly interval: Interval;
  /** `null` when no truth is marked. An unparsed outcome is wrong. */
  readonly correct: boolean | null;
  /** `Sample.index` of its samples, in the order given. */
  readonly sampleIndexes: readonly number[];
}

export interface AnswerTally {
  readonly n: number;
  /** The parsed answer of each sample, in the order given; length n. */
  readonly answers: readonly ParsedAnswer[];
  /** By count, largest first; ties in the order of the options, then as first seen. */
  readonly outcomes: readonly Outcome[];
}

/**
 * Parses and counts the samples. Every option is an outcome even with 0 samples; free-form
 * answers are those seen; `unparsed` is an outcome of its own, listed when it occurred.
 */
export function tallyAnswers(samples: readonly Sample[], question: Question): AnswerTally {
  const answers = parseAll(samples, question);
  const indexesByAnswer = new Map<string | null, number[]>(
    optionLetters(question).map((letter) => [letter, []]),
  );
  samples.forEach((sample, position) => {
    const answer = answers[position]?.answer ?? null;
    const indexes = indexesByAnswer.get(answer) ?? [];
    indexes.push(sample.index);
    indexesByAnswer.set(answer, indexes);
  });
  const n = samples.length;
  const outcomes = [...indexesByAnswer].map(([answer, sampleIndexes]): Outcome => {
    const count = sampleIndexes.length;
    return {
      answer,
      label: answerLabel(answer, question),
      count,
      share: n === 0 ? 0 : count / n,
      interval: wilsonInterval(count, n),
      correct: isCorrect({ rule: 'unparsed', answer }, question),
      sampleIndexes,
    };
  });
  // Array sort is stable: ties keep the order of the map.
  return { n, answers, outcomes: outcomes.sort((a, b) => b.count - a.count) };
}

/** The parsed answer of each sample. Many samples say the same: every text is read once. */
function parseAll(samples: readonly Sample[], question: Question): readonly ParsedAnswer[] {
  const byText = new Map<string, ParsedAnswer>();
  return samples.map(({ text }) => {
    const known = byText.get(text);
    if (known) return known;
    const parsed = parseAnswer(text, question);
    byText.set(text, parsed);
    return parsed;
  });
}
