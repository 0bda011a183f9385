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
} from '../core/types.ts';
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

  constructor(readonly base: ItemRecord) {}

  addGreedy(sample: Sample): void {
    this.greedy = sample;
  }

  addSamples(samples: readonly Sample[]): void {
    this.samples.push(...samples);
  }

  snapshot(elapsedMs: number): ItemRecord {
    const samples = this.samples.toSorted((a, b) => a.index - b.index);
    return { ...this.base, greedy: this.greedy, samples, elapsedMs };
  }
}

const NEVER_BEGUN = { drawn: null, reason: 'The run ended before they were drawn.' } as const;

/** What a record that is asked for nulls has before the first is drawn. */
export const NULLS_NOT_DRAWN: ItemNulls = { secondSeed: NEVER_BEGUN, wrongImages: NEVER_BEGUN };

/** The record before its first sample. */
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
  };
}
