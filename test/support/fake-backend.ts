/** A backend without a worker: answers what it is told to, fails or waits when it is told to. */

import type {
  Ability,
  AnswerBackend,
  BackendCalls,
  CheckpointRow,
  ExactAnswers,
  SampleReweighting,
  VisionFeatures,
} from '../../src/backend/answer-backend.ts';
import {
  effectiveSampleSize,
  normalizedWeights,
  reweightRefusal,
} from '../../src/core/importance.ts';
import type {
  Answerer,
  PolicySettings,
  Sample,
  Stage,
  TraceAnswers,
} from '../../src/core/types.ts';
import { sampleOf } from '../../src/core/record-fixture.ts';
import { NamedError } from '../../src/protocol/errors.ts';
import type {
  AnswerEvent,
  AnswerReply,
  AnswerRequest,
  DevicePreference,
  LoadProgress,
  ReweightReply,
} from '../../src/protocol/vlm.ts';

export class FakeBackend implements AnswerBackend {
  readonly checkpoint: CheckpointRow;
  readonly device = null;
  itemsAtOnce = 1;
  exact: Ability<ExactAnswers> = { calls: null, reason: 'This backend has no model.' };
  /** What `reweight` was asked, and what it answers: samples of which A weighs `weightOfA`, B 1. */
  readonly targets: PolicySettings[] = [];
  reweight: Ability<SampleReweighting> = {
    reason: null,
    calls: { weights: (keptAs, target) => this.#weights(keptAs, target) },
  };
  features: Ability<VisionFeatures> = { calls: null, reason: 'This backend has no model.' };
  weightOfA = 0.5;
  /** Runs before `reweight` answers; what it throws, the answer throws. */
  onReweight: () => Promise<void> = () => Promise.resolve();
  readonly requests: AnswerRequest[] = [];
  answerer: Answerer | null = null;
  loads = 0;
  /** Thrown by the next load, once. */
  loadError: Error | null = null;
  /** Thrown after the first half of the next run's samples, once. */
  answerError: Error | null = null;
  /** The text of a sample; its words are its tokens. */
  textOf: (index: number) => string = (index) => `<answer>${index % 2 === 0 ? 'B' : 'A'}</answer>`;
  /** Runs after the first half of the samples of every run. */
  onHalf: () => void = () => undefined;

  constructor(
    id: string,
    stage: Stage = 'sft',
    parent: string | null = null,
    more: Partial<CheckpointRow> = {},
  ) {
    this.checkpoint = {
      id,
      name: id,
      stage,
      parent,
      about: `${id} for tests`,
      license: 'MIT',
      dtype: { decoder_model_merged: 'q4' },
      trainedOn: ['bloodmnist'],
      rlOn: [],
      ...more,
    };
  }

  sizeBytes(): Promise<number> {
    return Promise.resolve(1000);
  }

  revision(): Promise<string | null> {
    return Promise.resolve('r1');
  }

  load(_: DevicePreference, { signal, onEvent }: BackendCalls<LoadProgress>): Promise<Answerer> {
    this.loads += 1;
    const error = this.loadError;
    this.loadError = null;
    if (error) return Promise.reject(error);
    if (signal.aborted) return Promise.reject(new NamedError('Cancelled', 'stopped'));
    onEvent({ loadedBytes: 500, totalBytes: 1000, elapsedMs: 1 });
    const { id, stage } = this.checkpoint;
    this.answerer = { checkpointId: id, revision: 'r1', stage, dtype: 'q4', device: 'wasm' };
    return Promise.resolve(this.answerer);
  }

  answer(
    request: AnswerRequest,
    { signal, onEvent }: BackendCalls<AnswerEvent>,
  ): Promise<AnswerReply> {
    this.requests.push(request);
    const { firstIndex, sampler } = request;
    const { k } = sampler;
    const samples = Array.from({ length: k }, (_, index) => this.#sample(index)).slice(firstIndex);
    const half = Math.ceil(samples.length / 2);
    if (request.greedy) onEvent({ type: 'greedy', sample: sampleOf('<answer>B</answer>') });
    onEvent({ type: 'samples', samples: samples.slice(0, half) });
    this.onHalf();
    const error = this.answerError;
    this.answerError = null;
    if (error) {
      this.answerer = null;
      return Promise.reject(error);
    }
    const completed = !signal.aborted;
    if (completed) onEvent({ type: 'samples', samples: samples.slice(half) });
    if (completed && request.answerDistributions) {
      onEvent({ type: 'traces', traces: tracesOf(firstIndex, k) });
    }
    return Promise.resolve({
      completed,
      promptTokens: 1,
      steps: 1,
      rows: 1,
      rowsLimit: 256,
      inWaves: false,
      elapsedMs: 5,
      firstTokens: [],
    });
  }

  unload(): void {
    this.answerer = null;
  }

  /** Other words have other token ids. */
  #sample(index: number): Sample {
    const sample = sampleOf(this.textOf(index), index);
    return { ...sample, tokenIds: sample.tokenTexts.map(idOf) };
  }

  async #weights(keptAs: string, target: PolicySettings): Promise<ReweightReply> {
    this.targets.push(target);
    const { weightOfA } = this;
    await this.onReweight();
    const last = this.requests.at(-1);
    if (!last) return { type: 'refused', reason: 'nothing-sampled' };
    if (last.keepAs !== keptAs) return { type: 'refused', reason: 'other-run-kept' };
    const refusal = reweightRefusal(last.sampler, target);
    if (refusal !== null) return { type: 'refused', reason: refusal };
    const sampleIndexes = Array.from({ length: last.sampler.k }, (_, index) => index);
    const logWeights = sampleIndexes.map((index) => (index % 2 === 0 ? 0 : Math.log(weightOfA)));
    const weights = normalizedWeights(logWeights);
    return {
      type: 'weights',
      sampleIndexes,
      logWeights,
      weights,
      effectiveSampleSize: effectiveSampleSize(weights),
      logWeightError: 0,
    };
  }
}

const idOf = (word: string): number =>
  [...word].reduce((sum, character) => (31 * sum + character.charCodeAt(0)) % 997, 0);

/** Two traces: that of the even samples, which drew B, knows 0.75 of B; that of the odd ones 0.25. */
function tracesOf(firstIndex: number, k: number): readonly TraceAnswers[] {
  const every = Array.from({ length: k }, (_, index) => index).slice(firstIndex);
  return [0.25, 0.75].map((b, rest) => ({
    traceTokens: 5,
    sampleIndexes: every.filter((index) => index % 2 !== rest),
    belowFloorIndexes: [],
    answers: [
      { answer: 'A', probability: 1 - b },
      { answer: 'B', probability: b },
    ],
    unresolvedMass: 0,
  }));
}
