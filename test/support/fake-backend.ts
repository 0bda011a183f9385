/** A backend without a worker: answers what it is told to, fails or waits when it is told to. */

import type {
  Ability,
  AnswerBackend,
  BackendCalls,
  CheckpointRow,
  ExactAnswers,
} from '../../src/backend/answer-backend.ts';
import type { Answerer, Stage } from '../../src/core/types.ts';
import { sampleOf } from '../../src/core/record-fixture.ts';
import { NamedError } from '../../src/protocol/errors.ts';
import type {
  AnswerEvent,
  AnswerReply,
  AnswerRequest,
  DevicePreference,
  LoadProgress,
} from '../../src/protocol/vlm.ts';

export class FakeBackend implements AnswerBackend {
  readonly checkpoint: CheckpointRow;
  readonly device = null;
  exact: Ability<ExactAnswers> = { calls: null, reason: 'This backend has no model.' };
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

  constructor(id: string, stage: Stage = 'sft', parent: string | null = null) {
    this.checkpoint = {
      id,
      name: id,
      stage,
      parent,
      about: `${id} for tests`,
      license: 'MIT',
      dtype: { decoder_model_merged: 'q4' },
      trainedOn: ['bloodmnist'],
    };
  }

  sizeBytes(): Promise<number> {
    return Promise.resolve(1000);
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
    const { k } = request.sampler;
    const samples = Array.from({ length: k }, (_, index) => sampleOf(this.textOf(index), index));
    const half = Math.ceil(k / 2);
    onEvent({ type: 'greedy', sample: sampleOf('<answer>B</answer>') });
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
}
