/**
 * The nulls of a run, drawn once the samples of all checkpoints are in: the second seed, then the
 * wrong images. Whatever is stopped or fails here is a sentence in the record; the samples stay.
 */

import { secondSeed } from '../core/seed-null.ts';
import type {
  ImageSource,
  ItemNulls,
  ItemRecord,
  NullPart,
  Sample,
  WrongImageDraw,
  WrongImagesDraw,
} from '../core/types.ts';
import { samplesPerWrongImage, wrongImageStreams } from '../core/wrong-image.ts';
import type { DecodedImage } from '../protocol/data.ts';
import { asNamedError } from '../protocol/errors.ts';
import type { AnswerRequest } from '../protocol/vlm.ts';
import type { CheckpointSlot } from './checkpoint-choice.svelte.ts';
import { itemIdOf, NULLS_NOT_DRAWN, type RunItem } from '../evaluation/live-record.ts';
import type { NewRecord } from './run-results.svelte.ts';
import type { WrongImageChoice } from '../evaluation/wrong-images.ts';

/** A record whose own samples are whole. */
export interface SampledRecord {
  readonly slot: CheckpointSlot;
  state: NewRecord;
  readonly replace: (next: NewRecord) => void;
  /** Nulls of the smaller K that its run went on from: whole ones are drawn on. */
  readonly earlierNulls: ItemNulls | null;
}

export interface NullProgress {
  readonly part: 'second seed' | 'wrong images';
  readonly checkpointId: string;
  /** Samples, over all checkpoints. */
  readonly done: number;
  readonly total: number;
}

export interface NullCalls {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: NullProgress) => void;
}

interface Asked extends Pick<AnswerRequest, 'image' | 'itemId' | 'sampler'> {
  /** Streams 0 … n − 1, which are there already. */
  readonly before: readonly Sample[];
}

interface Answered {
  readonly samples: readonly Sample[];
  /** Why they are not whole, a sentence. */
  readonly reason: string | null;
}

const STOPPED = 'The run was stopped before they were whole.';

export class NullRun {
  #done = 0;
  readonly #total: number;
  /** Why a checkpoint gives no more answers, by id. */
  readonly #lost = new Map<string, string>();

  constructor(
    private readonly item: RunItem,
    private readonly sampled: readonly SampledRecord[],
    private readonly choice: WrongImageChoice,
    private readonly calls: NullCalls,
  ) {
    const { k } = item.sampler;
    const images = choice.images ?? [];
    const left = (wanted: number, before: readonly Sample[]): number =>
      Math.max(0, wanted - before.length);
    this.#total = sampled.reduce(
      (sum, one) =>
        images.reduce(
          (own, { source }) => own + left(samplesPerWrongImage(k), wrongImageBefore(one, source)),
          sum + left(k, secondSeedBefore(one)),
        ),
      0,
    );
  }

  /** `false` when it was stopped. */
  async draw(): Promise<boolean> {
    const { choice } = this;
    if (choice.images === null) {
      for (const one of this.sampled)
        put(one, { wrongImages: { drawn: drawnWrongImages(one), reason: choice.reason } });
    }
    for (const one of this.sampled) await this.#drawSecondSeed(one);
    if (choice.images !== null) {
      for (const one of this.sampled)
        await this.#drawWrongImages(one, choice.images, choice.atHand);
    }
    return !this.calls.signal.aborted;
  }

  async #drawSecondSeed(one: SampledRecord): Promise<void> {
    const { itemId, sampler } = one.state.record;
    const seed = secondSeed(sampler.seed);
    const { samples, reason } = await this.#ask(one, 'second seed', {
      image: this.item.image,
      itemId,
      sampler: { ...sampler, seed },
      before: secondSeedBefore(one),
    });
    put(one, { secondSeed: { drawn: samples.length > 0 ? { seed, samples } : null, reason } });
  }

  async #drawWrongImages(
    one: SampledRecord,
    images: readonly DecodedImage[],
    atHand: number,
  ): Promise<void> {
    const { itemId, sampler } = one.state.record;
    const samplesPerImage = samplesPerWrongImage(sampler.k);
    const answered: WrongImageDraw[] = [];
    let reason: string | null = null;
    for (const { image, source } of images) {
      const before = wrongImageBefore(one, source);
      // After the first that is not whole the others are not asked; what they have is kept.
      const reply: Answered =
        reason === null
          ? await this.#ask(one, 'wrong images', {
              image,
              itemId: wrongImageStreams(itemId, itemIdOf(source)),
              sampler: { ...sampler, k: samplesPerImage },
              before,
            })
          : { samples: before, reason };
      if (reply.samples.length > 0) answered.push({ image: source, samples: reply.samples });
      reason = reply.reason;
    }
    const drawn = { atHand, samplesPerImage, images: answered };
    put(one, { wrongImages: { drawn: answered.length > 0 ? drawn : null, reason } });
  }

  async #ask(
    { slot, state }: SampledRecord,
    part: NullProgress['part'],
    { before, ...asked }: Asked,
  ): Promise<Answered> {
    const { signal } = this.calls;
    const samples: Sample[] = [...before];
    const answered = (reason: string | null): Answered => ({
      samples: samples.toSorted((a, b) => a.index - b.index),
      reason,
    });
    if (before.length >= asked.sampler.k) return answered(null);
    if (signal.aborted) return answered(STOPPED);
    const lost = this.#lost.get(slot.id);
    if (lost !== undefined) return answered(lost);
    this.#report(slot, part, 0);
    try {
      const { promptText } = state.record;
      // Without `keepAs`: re-weighting speaks of the result's samples, never of its nulls.
      const request = { ...asked, promptText, greedy: false, firstIndex: before.length };
      const { completed } = await slot.backend.answer(request, {
        signal,
        onEvent: (event) => {
          if (event.type !== 'samples') return;
          samples.push(...event.samples);
          this.#report(slot, part, event.samples.length);
        },
      });
      return answered(completed ? null : STOPPED);
    } catch (thrown) {
      const { name, message } = asNamedError(thrown);
      if (slot.backend.answerer === null) this.#lost.set(slot.id, message);
      return answered(name === 'Cancelled' ? STOPPED : message);
    }
  }

  #report({ id }: CheckpointSlot, part: NullProgress['part'], count: number): void {
    this.#done += count;
    this.calls.onProgress({ part, checkpointId: id, done: this.#done, total: this.#total });
  }
}

const wholePart = <Draw>(part: NullPart<Draw> | undefined): Draw | null =>
  part?.reason === null ? part.drawn : null;

function secondSeedBefore({ earlierNulls }: SampledRecord): readonly Sample[] {
  return wholePart(earlierNulls?.secondSeed)?.samples ?? [];
}

/** The images at hand may be others by now: only those that were drawn before have samples. */
function wrongImageBefore({ earlierNulls }: SampledRecord, source: ImageSource): readonly Sample[] {
  const drawn = wholePart(earlierNulls?.wrongImages)?.images ?? [];
  const same = drawn.find(
    ({ image }) => itemIdOf(image) === itemIdOf(source) && image.sha256 === source.sha256,
  );
  return same?.samples ?? [];
}

/** What there is of them so far: `null` unless the run went on from one that had them. */
const drawnWrongImages = ({ state }: SampledRecord): WrongImagesDraw | null =>
  state.record.nulls?.wrongImages.drawn ?? null;

/** A null is put into its record at once when it ends: a half one would change under one's eyes. */
function put(one: SampledRecord, change: Partial<ItemNulls>): void {
  const record: ItemRecord = {
    ...one.state.record,
    nulls: { ...(one.state.record.nulls ?? NULLS_NOT_DRAWN), ...change },
  };
  one.state = { ...one.state, record };
  one.replace(one.state);
}
