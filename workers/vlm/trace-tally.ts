/**
 * The answer distribution of one trace, collected while the tree follows its branches.
 *
 * A trace is a prefix whose text has just reached `<answer>`. From there the tree follows every
 * continuation whose probability given the trace is at least the branch floor at each of its tokens,
 * drawn or not. Which ones these are depends on the trace alone, never on what was drawn: that makes
 * the estimate of `src/core/rao-blackwell.ts` unbiased (docs/decisions/0009).
 */

import { parseAnswer } from '../../src/core/parser.ts';
import type { Question, TraceAnswers } from '../../src/core/types.ts';

export class TraceTally {
  private readonly masses = new Map<string | null, number>();
  private readonly belowFloorIndexes: number[] = [];
  /** Nodes on the way to an answer; the tally is complete at 0. */
  private open = 1;

  constructor(
    private readonly question: Question,
    private readonly traceTokens: number,
    private readonly sampleIndexes: readonly number[],
  ) {}

  get isComplete(): boolean {
    return this.open === 0;
  }

  /** A node that was followed goes on as `children` nodes (0 at its end). */
  replace(children: number): void {
    this.open += children - 1;
  }

  /** A sample left what is followed: it keeps its own outcome. */
  leave(sampleIndex: number): void {
    this.belowFloorIndexes.push(sampleIndex);
  }

  /** `mass`: probability of the whole continuation given the trace. `text`: the whole completion. */
  add(text: string, mass: number): void {
    const { answer } = parseAnswer(text, this.question);
    this.masses.set(answer, (this.masses.get(answer) ?? 0) + mass);
    this.replace(0);
  }

  result(): TraceAnswers {
    const answers = [...this.masses]
      // A sum of products can end a rounding error above 1.
      .map(([answer, mass]) => ({ answer, probability: Math.min(1, mass) }))
      .sort((a, b) => b.probability - a.probability);
    const followed = answers.reduce((sum, { probability }) => sum + probability, 0);
    return {
      traceTokens: this.traceTokens,
      sampleIndexes: this.sampleIndexes,
      belowFloorIndexes: this.belowFloorIndexes.sort((a, b) => a - b),
      answers,
      unresolvedMass: Math.max(0, 1 - followed),
    };
  }
}
