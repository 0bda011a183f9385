/**
 * A toy model that thinks for a token or two, opens an answer and closes it, small enough to be
 * walked as a whole: the closed form behind the tests of Rao–Blackwell and re-weighting.
 */

import { parseAnswer } from '../../src/core/parser.ts';
import type { PolicySettings, Question } from '../../src/core/types.ts';
import { policyOf } from '../../workers/vlm/policy.ts';
import { toyLogits, ToyEngine } from './toy-engine.ts';

export const ANSWER_VOCABULARY = ['', 'x', 'y', '<answer>', 'A', 'B', 'C', '</answer>'];
export const ANSWER_MAX_TOKENS = 5;
export const ANSWER_QUESTION: Question = {
  text: 'Which?',
  options: ['one', 'two', 'three'],
  correctOptions: [1],
  referenceAnswer: null,
};

/** Hashed logits, bent so that most completions are `x y <answer> B </answer>` and the like. */
export function answerLogits(prefix: readonly number[]): Float32Array {
  const logits = toyLogits(prefix);
  const opened = prefix.includes(3);
  const pushed = opened
    ? prefix.at(-1) === 3
      ? [4, 5, 6]
      : [7, 0]
    : prefix.length < 2
      ? [1, 2]
      : [3];
  for (const id of pushed) logits[id] = (logits[id] ?? 0) + 3;
  return logits;
}

export const answerEngine = (): ToyEngine => new ToyEngine(ANSWER_VOCABULARY, answerLogits);

export interface Completion {
  readonly tokenIds: readonly number[];
  /** ln P(completion) under the policy, nats. */
  readonly logProb: number;
  readonly answer: string | null;
  /** Tokens up to and with `<answer>`; `null` when it is not reached or the completion ends with it. */
  readonly traceTokens: number | null;
  /** Is its probability given the trace at least the floor? */
  readonly followed: boolean;
  /** P(completion | trace); 1 without one. */
  readonly massInTrace: number;
}

/** Every completion with its probability, by walking the whole tree. */
export function allCompletions(settings: PolicySettings, branchFloor: number): Completion[] {
  const walk = (
    tokenIds: readonly number[],
    logProb: number,
    traceTokens: number | null,
    mass: number,
  ): Completion[] => {
    const text = tokenIds.map((id) => ANSWER_VOCABULARY[id]).join('');
    const isEnd =
      tokenIds.at(-1) === 0 || text.includes('</answer>') || tokenIds.length >= ANSWER_MAX_TOKENS;
    if (isEnd) {
      const { answer } = parseAnswer(text, ANSWER_QUESTION);
      return [
        {
          tokenIds,
          logProb,
          answer,
          traceTokens,
          followed: mass >= branchFloor,
          massInTrace: mass,
        },
      ];
    }
    const starts = traceTokens === null && text.includes('<answer>');
    const trace = starts ? tokenIds.length : traceTokens;
    const { probabilities } = policyOf(answerLogits(tokenIds), settings);
    return [...probabilities.entries()]
      .filter(([, p]) => p > 0)
      .flatMap(([id, p]) =>
        walk([...tokenIds, id], logProb + Math.log(p), trace, trace === null ? 1 : mass * p),
      );
  };
  return walk([], 0, null, 1);
}

/** P(answer) by parsed answer. */
export function exactAnswerDistribution(settings: PolicySettings): Map<string | null, number> {
  const probabilities = new Map<string | null, number>();
  for (const { answer, logProb } of allCompletions(settings, 0)) {
    probabilities.set(answer, (probabilities.get(answer) ?? 0) + Math.exp(logProb));
  }
  return probabilities;
}
