/** A record in the making: samples in any order, given out sorted. */

import type {
  Answerer,
  ImageSource,
  ItemNulls,
  ItemRecord,
  PromptMode,
  Question,
  RgbImage,
  Sample,
  SamplerSettings,
  TraceAnswers,
} from '../core/types.ts';
import { BRANCH_FLOOR } from '../core/rao-blackwell.ts';
import { buildPrompt } from '../data/prompts.ts';

export interface RunItem {
  readonly image: RgbImage;
  readonly source: ImageSource;
  readonly question: Question;
  readonly promptMode: PromptMode;
  readonly hint: string | null;
  readonly sampler: SamplerSettings;
  /** Also draw the second seed and the wrong images. */
  readonly nulls: boolean;
}

/** A MedMNIST image is its row; any other image is its pixels. */
export function itemIdOf(source: ImageSource): string {
  const { dataset, split, index, sha256 } = source;
  return dataset !== null && split !== null && index !== null
    ? `${dataset}/${split}/${index}`
    : `sha256/${sha256}`;
}

export class LiveRecord {
  private greedy: Sample | null = null;
  private readonly samples: Sample[] = [];
  private readonly traces: TraceAnswers[] = [];

  constructor(readonly base: ItemRecord) {}

  addGreedy(sample: Sample): void {
    this.greedy = sample;
  }

  addSamples(samples: readonly Sample[]): void {
    this.samples.push(...samples);
  }

  addTraces(traces: readonly TraceAnswers[]): void {
    this.traces.push(...traces);
  }

  snapshot(elapsedMs: number): ItemRecord {
    const samples = this.samples.toSorted((a, b) => a.index - b.index);
    const asked = this.base.answerDistributions;
    return {
      ...this.base,
      greedy: this.greedy,
      samples,
      elapsedMs,
      ...(asked && { answerDistributions: { ...asked, traces: inOrder(this.traces) } }),
    };
  }
}

const NEVER_BEGUN = { drawn: null, reason: 'The run ended before they were drawn.' } as const;

/** What a record that is asked for nulls has before the first is drawn. */
export const NULLS_NOT_DRAWN: ItemNulls = { secondSeed: NEVER_BEGUN, wrongImages: NEVER_BEGUN };

/** By their first sample, so that a record does not depend on which trace was known first. */
function inOrder(traces: readonly TraceAnswers[]): readonly TraceAnswers[] {
  const first = ({ sampleIndexes }: TraceAnswers): number => sampleIndexes[0] ?? Infinity;
  return traces.toSorted((a, b) => first(a) - first(b));
}

/** The record before its first sample. In direct mode there is one trace, and its exact distribution is better. */
export function startRecord(item: RunItem, answerer: Answerer, runId: string): ItemRecord {
  const { source, question, promptMode, hint, sampler } = item;
  const prompt = buildPrompt(question, promptMode, hint);
  return {
    runId,
    itemId: itemIdOf(source),
    answerer,
    image: source,
    question,
    promptMode,
    promptVersion: prompt.version,
    hint: promptMode === 'hinted' ? hint : null,
    promptText: prompt.text,
    sampler,
    greedy: null,
    samples: [],
    elapsedMs: 0,
    ...(item.nulls && { nulls: NULLS_NOT_DRAWN }),
    ...(promptMode !== 'direct' && {
      answerDistributions: { branchFloor: BRANCH_FLOOR, traces: [] },
    }),
  };
}
