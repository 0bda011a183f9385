/**
 * One item of a run put to one checkpoint: its K answers, the second seed and the wrong images. Only a
 * whole record is given: an item that was stopped or failed is asked anew, and gets the same answers,
 * because every draw is a function of seed, item and index.
 */

import type { AnswerBackend } from '../backend/answer-backend.ts';
import { secondSeed } from '../core/seed-null.ts';
import type { Answerer, ItemNulls, ItemRecord, Sample, WrongImageDraw } from '../core/types.ts';
import { samplesPerWrongImage, wrongImageStreams } from '../core/wrong-image.ts';
import { NamedError } from '../protocol/errors.ts';
import type { AnswerRequest } from '../protocol/vlm.ts';
import { itemIdOf, startRecord, type RunItem } from './live-record.ts';
import type { WrongImageChoice } from './wrong-images.ts';

export interface ItemJob {
  readonly item: RunItem;
  readonly runId: string;
  /** Read only where the item asks for nulls. */
  readonly wrongImages: WrongImageChoice;
}

export interface ItemCalls {
  readonly signal: AbortSignal;
  /** Samples that came in, nulls included. */
  readonly onSamples: (count: number) => void;
}

/** Forward rows of all draws of an item, beside the prefills: what its time is made of. */
export interface ItemCost {
  readonly rows: number;
}

/**
 * Answers behind each trace are not followed: they would take more rows than the samples themselves.
 *
 * @throws NamedError `Cancelled` when it was stopped, or why the checkpoint failed
 */
export async function answerItem(
  backend: AnswerBackend,
  answerer: Answerer,
  job: ItemJob,
  calls: ItemCalls,
): Promise<{ readonly record: ItemRecord; readonly cost: ItemCost }> {
  const { item, runId, wrongImages } = job;
  const base = { ...startRecord(item, answerer, runId) };
  delete base.answerDistributions;
  const asking = new Asking(backend, base.promptText, calls);
  const own = { image: item.image, itemId: base.itemId, sampler: item.sampler };
  const { samples, greedy } = await asking.ask(own, true);
  const { elapsedMs } = asking;
  const nulls = item.nulls ? await drawNulls(asking, own, wrongImages) : null;
  const record = { ...base, greedy, samples, elapsedMs, ...(nulls && { nulls }) };
  return { record, cost: { rows: asking.rows } };
}

type Own = Pick<AnswerRequest, 'image' | 'itemId' | 'sampler'>;

async function drawNulls(
  asking: Asking,
  { image, itemId, sampler }: Own,
  choice: WrongImageChoice,
): Promise<ItemNulls> {
  const seed = secondSeed(sampler.seed);
  const { samples } = await asking.ask({ image, itemId, sampler: { ...sampler, seed } }, false);
  const secondSeedPart = { drawn: { seed, samples }, reason: null };
  if (choice.images === null) {
    return {
      secondSeed: secondSeedPart,
      wrongImages: { drawn: null, reason: choice.reason },
    };
  }
  const samplesPerImage = samplesPerWrongImage(sampler.k);
  const images: WrongImageDraw[] = [];
  for (const wrong of choice.images) {
    const streams = wrongImageStreams(itemId, itemIdOf(wrong.source));
    const asked = {
      image: wrong.image,
      itemId: streams,
      sampler: { ...sampler, k: samplesPerImage },
    };
    images.push({ image: wrong.source, samples: (await asking.ask(asked, false)).samples });
  }
  const drawn = { atHand: choice.atHand, samplesPerImage, images };
  return { secondSeed: secondSeedPart, wrongImages: { drawn, reason: null } };
}

class Asking {
  rows = 0;
  elapsedMs = 0;

  constructor(
    private readonly backend: AnswerBackend,
    private readonly promptText: string,
    private readonly calls: ItemCalls,
  ) {}

  async ask(own: Own, wantsGreedy: boolean) {
    const { signal, onSamples } = this.calls;
    if (signal.aborted) throw stopped();
    const samples: Sample[] = [];
    let greedy: Sample | null = null;
    const request = { ...own, promptText: this.promptText, greedy: wantsGreedy, firstIndex: 0 };
    const reply = await this.backend.answer(request, {
      signal,
      onEvent: (event) => {
        if (event.type === 'greedy') greedy = event.sample;
        if (event.type !== 'samples') return;
        samples.push(...event.samples);
        onSamples(event.samples.length);
      },
    });
    if (!reply.completed) throw stopped();
    this.rows += reply.rows;
    this.elapsedMs += reply.elapsedMs;
    return {
      samples: samples.toSorted((a, b) => a.index - b.index),
      greedy: greedy as Sample | null,
    };
  }
}

const stopped = (): NamedError => new NamedError('Cancelled', 'The run was stopped.');
