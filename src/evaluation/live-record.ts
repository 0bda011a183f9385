/** What a run is asked, and a record in the making: samples in any order, given out sorted. */

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
import { LiveTraces } from './live-traces.ts';

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

/** An image of a set is its row; any other image is its pixels. */
export function itemIdOf(source: ImageSource): string {
  const { dataset, split, index, sha256 } = source;
  if (dataset === null || index === null) return `sha256/${sha256}`;
  return split === null ? `${dataset}/${index}` : `${dataset}/${split}/${index}`;
}

/** Whether a record answers what `item` asks: K and nulls included, whoever answered. */
export function isResultOf(record: ItemRecord, item: RunItem): boolean {
  return (
    record.itemId === itemIdOf(item.source) &&
    record.image.sha256 === item.source.sha256 &&
    sameValue(record.question, item.question) &&
    record.promptMode === item.promptMode &&
    (item.promptMode !== 'hinted' || record.hint === item.hint) &&
    sameValue(record.sampler, item.sampler) &&
    (record.nulls !== undefined) === item.nulls
  );
}

function sameValue(a: object, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A record that grows from `base`: an empty one, or one that goes on. */
export class LiveRecord {
  private greedy: Sample | null;
  private readonly samples: Sample[];
  private readonly traces: LiveTraces;
  private missing: string | null;

  constructor(readonly base: ItemRecord) {
    this.greedy = base.greedy;
    this.samples = [...base.samples];
    this.traces = new LiveTraces(base.answerDistributions?.traces ?? [], base.samples);
    this.missing = base.answerDistributions?.missing ?? null;
  }

  addGreedy(sample: Sample): void {
    this.greedy = sample;
  }

  addSamples(samples: readonly Sample[]): void {
    this.samples.push(...samples);
  }

  /** @param missing why there are none, a sentence */
  addTraces(traces: readonly TraceAnswers[], missing: string | null = null): void {
    this.traces.add(traces);
    this.missing = missing;
  }

  /** @param elapsedMs since the base */
  snapshot(elapsedMs: number): ItemRecord {
    const samples = this.samples.toSorted((a, b) => a.index - b.index);
    const asked = this.base.answerDistributions;
    const traces = this.traces.all(samples);
    const missing = traces.length === 0 ? this.missing : null;
    return {
      ...this.base,
      greedy: this.greedy,
      samples,
      elapsedMs: this.base.elapsedMs + elapsedMs,
      ...(asked && {
        answerDistributions: {
          branchFloor: asked.branchFloor,
          traces,
          ...(missing !== null && { missing }),
        },
      }),
    };
  }
}

const NEVER_BEGUN = { drawn: null, reason: 'The run ended before they were drawn.' } as const;

/** What a record that is asked for nulls has before the first is drawn. */
export const NULLS_NOT_DRAWN: ItemNulls = { secondSeed: NEVER_BEGUN, wrongImages: NEVER_BEGUN };

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

const K_RAISED = 'K was raised since, and they were not drawn on.';

/** A whole record as the beginning of a run with a larger K; its nulls lag behind until they follow. */
export function raisedRecord(record: ItemRecord, sampler: SamplerSettings): ItemRecord {
  const { nulls } = record;
  return {
    ...record,
    sampler,
    ...(nulls && {
      nulls: {
        secondSeed: { ...nulls.secondSeed, reason: nulls.secondSeed.reason ?? K_RAISED },
        wrongImages: { ...nulls.wrongImages, reason: nulls.wrongImages.reason ?? K_RAISED },
      },
    }),
  };
}
