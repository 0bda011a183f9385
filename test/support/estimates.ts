/** One long run with the answers of its traces and its tree kept, cut into repetitions. */

import { answerDistributions, eventProbabilities } from '../../src/core/rao-blackwell.ts';
import { parseAnswer } from '../../src/core/parser.ts';
import type { Sample, SamplerSettings, TraceAnswers } from '../../src/core/types.ts';
import type { VlmEngine } from '../../workers/vlm/engine.ts';
import { KeptTree } from '../../workers/vlm/kept-tree.ts';
import { sampleTree } from '../../workers/vlm/sampler.ts';
import type { StoredItem } from './fixtures.ts';

export interface LongRun {
  readonly samples: readonly Sample[];
  readonly traces: readonly TraceAnswers[];
  readonly tree: KeptTree;
  readonly rows: number;
  /** The parsed answer of each sample. */
  readonly answers: readonly (string | null)[];
}

/**
 * Sample i is a function of its own random stream, so blocks of K samples of one run are repetitions
 * with independent randomness, and cost less than as many runs.
 *
 * @param branchFloor `null`: the answers of the traces are not followed
 */
export async function longRun(
  engine: VlmEngine,
  item: StoredItem,
  sampler: SamplerSettings,
  branchFloor: number | null,
): Promise<LongRun> {
  const samples: Sample[] = [];
  const traces: TraceAnswers[] = [];
  const tree = new KeptTree(sampler);
  const prefill = await engine.prefill(item.image, item.userPrompt);
  const task = {
    image: item.image,
    promptText: item.userPrompt,
    itemId: item.name,
    sampler,
    greedy: false,
    firstIndex: 0,
    ...(branchFloor !== null && {
      answerDistributions: { question: item.question, branchFloor },
    }),
  };
  const { rows } = await sampleTree(engine, prefill, task, {
    maxRows: 256,
    keep: tree,
    onStep: () => Promise.resolve(),
    onSample: (sample) => samples.push(sample),
    onTrace: (trace) => traces.push(trace),
  });
  engine.release(prefill.cache);
  samples.sort((a, b) => a.index - b.index);
  const answers = samples.map(({ text }) => parseAnswer(text, item.question).answer);
  return { samples, traces, tree, rows, answers };
}

/** The answer that was drawn most often. */
export function mostFrequent(answers: readonly (string | null)[]): string | null {
  const counts = new Map<string | null, number>();
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

/** The samples' votes for an answer: by counting and by their traces. */
export function votesFor(run: LongRun, item: StoredItem, answer: string | null) {
  const distributions = answerDistributions(run.samples, run.traces, item.question);
  return {
    counted: run.answers.map((own) => Number(own === answer)),
    byTrace: eventProbabilities(distributions, [answer]),
  };
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Unbiased. */
export function variance(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}

/** The means of consecutive blocks of `size` values. */
export function blockMeans(values: readonly number[], size: number): number[] {
  const blocks = Math.floor(values.length / size);
  return Array.from({ length: blocks }, (_, b) => mean(values.slice(b * size, (b + 1) * size)));
}
