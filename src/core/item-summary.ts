/** Everything the page says about one item and one checkpoint, from its samples. */
import { answerEntropy, type AnswerEntropy } from './entropy.ts';
import type { Interval } from './intervals.ts';
import { hasAnswerTag, isCorrect, parseAnswer } from './parser.ts';
import { chancePassAtK, curveKs, passAtK, passAtKEmpirical } from './pass-at-k.ts';
import { summarizeNulls, type NullsSummary } from './null-summary.ts';
import { isMultipleChoice, rightAnswers } from './question.ts';
import { supportVerdict, type SupportVerdict } from './support.ts';
import { tallyAnswers, type AnswerTally } from './tally.ts';
import type { ItemRecord, ParsedAnswer, Question } from './types.ts';

/** One point of the Pass@k curve, k ≤ n. */
export interface PassAtKPoint {
  readonly k: number;
  readonly unbiased: number | null;
  /** Any of the first k samples right, as the released code. */
  readonly empirical: boolean | null;
  /** Pass@k of guessing; `null` for free-form and without a marked truth. */
  readonly chance: number | null;
}

/** What depends on the truth is `null` when the question has none marked. */
export interface ItemSummary {
  readonly n: number;
  /** The K asked for. */
  readonly k: number;
  readonly tally: AnswerTally;
  /** `null` while the T = 0 answer is not known. */
  readonly greedyAnswer: ParsedAnswer | null;
  readonly greedyCorrect: boolean | null;
  /** c, how many samples are right. */
  readonly correctCount: number | null;
  /** c / n; `null` for n = 0 too. */
  readonly sampleAccuracy: number | null;
  /** Wilson interval of P(correct), 95 %. */
  readonly pCorrect: Interval | null;
  /** k = 1, 2, 4 … and n. */
  readonly passAtK: readonly PassAtKPoint[];
  readonly entropy: AnswerEntropy | null;
  /** Distinct parsed answers; unparsed is none. */
  readonly uniqueAnswers: number;
  readonly unparsedShare: number | null;
  /** None of the samples has an `<answer>` tag; `null` for n = 0. */
  readonly formatFailure: boolean | null;
  /** Credit of the plurality vote, 0 … 1. */
  readonly majorityCorrect: number | null;
  readonly support: SupportVerdict | null;
  /** `null` when the run was not asked for nulls. */
  readonly nulls: NullsSummary | null;
}

/**
 * Plurality vote over the parsed answers (unparsed has no vote): tied winners share the credit.
 * 0 when nothing was parsed; `null` without a truth or samples.
 */
export function majorityCredit(tally: AnswerTally): number | null {
  const votes = tally.outcomes.filter(({ answer, count }) => answer !== null && count > 0);
  if (tally.n === 0 || tally.outcomes.some(({ correct }) => correct === null)) return null;
  const most = Math.max(0, ...votes.map(({ count }) => count));
  const winners = votes.filter(({ count }) => count === most);
  return winners.length === 0 ? 0 : winners.filter((w) => w.correct).length / winners.length;
}

function curve(flags: readonly boolean[] | null, n: number, question: Question): PassAtKPoint[] {
  const c = flags?.filter(Boolean).length ?? 0;
  const rightOptions = isMultipleChoice(question) ? rightAnswers(question).length : 0;
  return curveKs(n).map((k) => ({
    k,
    unbiased: flags && passAtK(n, c, k),
    empirical: flags && passAtKEmpirical(flags, k),
    chance: chancePassAtK(rightOptions, question.options.length, k),
  }));
}

/** The per-item table of the design (1-science.md), except exact and Rao–Blackwell figures. */
export function summarizeItem(record: ItemRecord): ItemSummary {
  const { question, samples, greedy } = record;
  const k = record.sampler.k;
  const tally = tallyAnswers(samples, question);
  const n = tally.n;
  const right = rightAnswers(question);
  const flags =
    right.length === 0 ? null : tally.answers.map((answer) => isCorrect(answer, question) === true);
  const c = flags && flags.filter(Boolean).length;
  const options = question.options.length;
  const rightOptions = options === 0 ? 0 : right.length;
  const nulls = summarizeNulls(record);
  const pBlind = nulls?.wrongImages?.pBlind ?? null;
  const support = c === null ? null : supportVerdict({ n, c, k, options, rightOptions, pBlind });
  const greedyAnswer = greedy && parseAnswer(greedy.text, question);
  const unparsed = tally.answers.filter(({ answer }) => answer === null).length;
  return {
    n,
    k,
    tally,
    greedyAnswer,
    greedyCorrect: greedyAnswer && isCorrect(greedyAnswer, question),
    correctCount: c,
    sampleAccuracy: c === null || n === 0 ? null : c / n,
    pCorrect: support && support.pCorrect,
    passAtK: curve(flags, n, question),
    entropy: answerEntropy(
      tally.outcomes.map(({ count }) => count),
      options,
    ),
    uniqueAnswers: tally.outcomes.filter((o) => o.answer !== null && o.count > 0).length,
    unparsedShare: n === 0 ? null : unparsed / n,
    formatFailure: n === 0 ? null : !samples.some(({ text }) => hasAnswerTag(text)),
    majorityCorrect: majorityCredit(tally),
    support,
    nulls,
  };
}
