/**
 * Running one item on the chosen checkpoints, one after the other: load when needed, sample
 * (sampling.ts), draw the nulls once all of them are sampled (NullRun), stop, and keep what was
 * finished. A run that only raises K goes on with the shown one (continuation.ts). All records of a run
 * share its id, seed and item id, and so their random streams. While a run goes on, the shown result
 * stays: `show`, `clear` and `add` wait for it.
 */

import type { Answerer } from '../core/types.ts';
import { asNamedError, type NamedError } from '../protocol/errors.ts';
import type { DevicePreference } from '../protocol/vlm.ts';
import type { CheckpointChoice, CheckpointSlot } from './checkpoint-choice.svelte.ts';
import { continuationOf, type Continuation } from './continuation.ts';
import type { RunItem } from '../evaluation/live-record.ts';
import { NullRun, type NullProgress, type SampledRecord } from './null-run.ts';
import type { NewRecord, RunResults } from './run-results.svelte.ts';
import { drawSamples, type SamplingJob } from './sampling.ts';
import type { WrongImageChoice } from '../evaluation/wrong-images.ts';

export type RunStatus = 'idle' | 'loading' | 'running' | 'done' | 'stopped' | 'error';

/** A checkpoint that could not be loaded or broke off; the others of the run went on. */
export interface RunFailure {
  readonly checkpointId: string;
  readonly error: NamedError;
}

/** The run in progress or the last one: who is asked, and who is being asked now. */
export interface RunPlan {
  readonly runId: string;
  readonly checkpointIds: readonly string[];
  readonly current: string | null;
  /** `null` while the result itself is sampled, and when no nulls are asked for. */
  readonly nulls: NullProgress | null;
}

export class RunSession {
  #status = $state<RunStatus>('idle');
  #failures = $state.raw<readonly RunFailure[]>([]);
  #plan = $state.raw<RunPlan | null>(null);
  #abort: AbortController | null = null;
  #job: Promise<void> = Promise.resolve();

  constructor(
    readonly checkpoints: CheckpointChoice,
    readonly results: RunResults,
    private readonly requestFrame: (callback: () => void) => void,
    /** The time as ISO 8601. */
    private readonly now: () => string,
  ) {}

  get status(): RunStatus {
    return this.#status;
  }
  get isBusy(): boolean {
    return this.#status === 'loading' || this.#status === 'running';
  }
  /** What failed in the last load or run, by checkpoint. */
  get failures(): readonly RunFailure[] {
    return this.#failures;
  }
  /** `null` before the first run and while another result is shown. */
  get plan(): RunPlan | null {
    return this.#plan;
  }

  show(index: number): void {
    if (this.isBusy || index >= this.results.groups.length) return;
    this.#reset();
    this.results.show(index);
  }

  /** Shows nothing: the image or question is another one. Records are kept. */
  clear(): void {
    if (this.isBusy) return;
    this.#reset();
    this.results.showNothing();
  }

  /** Adds the records of a file and shows the first of them. */
  add(records: readonly NewRecord[]): void {
    if (records.length === 0 || this.isBusy) return;
    this.#reset();
    this.results.add(records);
  }

  /** Loads those of `slots` that are not loaded. */
  load(slots: readonly CheckpointSlot[], preference: DevicePreference): Promise<void> {
    const wanted = slots.filter(({ backend }) => backend.answerer === null);
    if (wanted.length === 0) return Promise.resolve();
    return this.#start(async (signal) => {
      for (const slot of wanted) {
        await this.#attempt(slot, signal, async () => {
          await this.#load(slot, preference, signal);
        });
      }
      return 'idle';
    });
  }

  /** What `run` would go on with; `null` when it would begin anew. */
  continuation(item: RunItem | null): Continuation | null {
    const { chosen } = this.checkpoints;
    return continuationOf(
      this.results.shown,
      item,
      chosen.map(({ answerer }) => answerer),
    );
  }

  /**
   * Goes on with the shown result when only K was raised, and begins a new one else.
   *
   * @param wrongImages is asked once, after the samples, and only when the item asks for nulls
   */
  run(
    item: RunItem,
    preference: DevicePreference,
    wrongImages: () => Promise<WrongImageChoice>,
  ): Promise<void> {
    return this.#start(async (signal) => {
      const slots = this.checkpoints.chosen;
      // A worker may have died since the page looked.
      this.checkpoints.sync();
      const goingOn = this.continuation(item);
      const runId = goingOn?.runId ?? crypto.randomUUID();
      const checkpointIds = slots.map(({ id }) => id);
      if (goingOn === null) this.results.startBatch();
      this.checkpoints.touch(slots);
      const sampled: SampledRecord[] = [];
      let isWhole = true;
      for (const [at, slot] of slots.entries()) {
        this.#plan = { runId, checkpointIds, current: slot.id, nulls: null };
        await this.#attempt(slot, signal, async () => {
          const answerer = slot.backend.answerer ?? (await this.#load(slot, preference, signal));
          const earlier = goingOn?.records[at] ?? null;
          const one = await this.#sample({ item, slot, answerer, runId, earlier }, signal);
          isWhole = one.state.isWhole === true;
          if (isWhole) sampled.push(one);
        });
        if (!isWhole) return 'stopped';
      }
      if (!item.nulls || sampled.length === 0) return 'done';
      return (await this.#drawNulls(item, sampled, await wrongImages(), signal))
        ? 'done'
        : 'stopped';
    });
  }

  stop(): void {
    this.#abort?.abort();
  }

  /** Stops what is going on and waits until it has ended. */
  async settle(): Promise<void> {
    this.stop();
    await this.#job;
  }

  #reset(): void {
    this.#status = 'idle';
    this.#failures = [];
    this.#plan = null;
  }

  #load(
    slot: CheckpointSlot,
    preference: DevicePreference,
    signal: AbortSignal,
  ): Promise<Answerer> {
    this.#status = 'loading';
    return this.checkpoints.load(slot, preference, signal);
  }

  /** Runs one checkpoint's part; a failure is kept at its row and lets the others go on. */
  async #attempt(
    slot: CheckpointSlot,
    signal: AbortSignal,
    work: () => Promise<void>,
  ): Promise<void> {
    signal.throwIfAborted();
    slot.forget();
    try {
      await work();
    } catch (thrown) {
      const error = slot.fail(thrown);
      if (error.name === 'Cancelled') throw error;
      this.#failures = [...this.#failures, { checkpointId: slot.id, error }];
    }
  }

  #sample(job: SamplingJob, signal: AbortSignal): Promise<SampledRecord> {
    this.#status = 'running';
    const { results, requestFrame, now } = this;
    return drawSamples(job, { results, requestFrame, now }, signal);
  }

  /** `false` when it was stopped. */
  #drawNulls(
    item: RunItem,
    sampled: readonly SampledRecord[],
    choice: WrongImageChoice,
    signal: AbortSignal,
  ): Promise<boolean> {
    this.#status = 'running';
    const onProgress = (nulls: NullProgress): void => {
      if (this.#plan) this.#plan = { ...this.#plan, current: nulls.checkpointId, nulls };
    };
    return new NullRun(item, sampled, choice, { signal, onProgress }).draw();
  }

  /** One job at a time; its end is the status that `work` gives, unless something failed. */
  async #start(work: (signal: AbortSignal) => Promise<RunStatus>): Promise<void> {
    if (this.isBusy || !this.checkpoints.take('explore')) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#failures = [];
    const guarded = async (): Promise<void> => {
      try {
        const status = await work(abort.signal);
        this.#status = this.#failures.length > 0 && status !== 'stopped' ? 'error' : status;
      } catch (thrown) {
        const error = asNamedError(thrown);
        const isStop = abort.signal.aborted || error.name === 'Cancelled';
        this.#status = isStop ? 'stopped' : 'error';
        if (!isStop) this.#failures = [...this.#failures, { checkpointId: '', error }];
      } finally {
        this.checkpoints.release();
        this.#abort = null;
        if (this.#plan) this.#plan = { ...this.#plan, current: null };
      }
    };
    this.#job = guarded();
    await this.#job;
  }
}
