/**
 * The run over sets that is going on: planned, answered item by item, paused, resumed. What plans and runs
 * it is fetched with the first run.
 */

import type { Answerer } from '../core/types.ts';
import { asNamedError, NamedError } from '../protocol/errors.ts';
import type { DevicePreference } from '../protocol/vlm.ts';
import type { LeftOut, PlanRequest } from '../evaluation/plan-run.ts';
import { answererWords } from '../evaluation/asked-run.ts';
import type { RunProgress } from '../evaluation/set-runner.ts';
import type { NewRun } from '../storage/run-store.ts';
import { totalOf } from '../core/sets/total-records.ts';
import type { StoredEntry } from '../storage/stored-run.ts';
import type { CheckpointChoice } from './checkpoint-choice.svelte.ts';
import type { RunShelf } from './run-shelf.svelte.ts';

/**
 * Records over which the rate is measured: fewer is restless, more is late. Items that were asked together
 * end together, so that of those in work a few rounds are needed.
 */
const RATE_WINDOW = 12;
const RATE_ROUNDS = 3;

export type EvaluationPhase = 'idle' | 'planning' | 'loading' | 'running';

export interface EvaluationPorts {
  readonly makeId: () => string;
  /** The time as ISO 8601. */
  readonly now: () => string;
  /** Milliseconds of a clock that only goes on. */
  readonly clock: () => number;
  readonly exclusively: (name: string, work: () => Promise<void>) => Promise<boolean>;
  /** After each record: what is open on the page follows. */
  readonly onRecord: (entry: StoredEntry) => void;
}

export class EvaluationJob {
  #phase = $state<EvaluationPhase>('idle');
  #runId = $state<string | null>(null);
  #planned = $state(0);
  #progress = $state.raw<RunProgress | null>(null);
  #error = $state.raw<NamedError | null>(null);
  #leftOut = $state.raw<LeftOut | null>(null);
  /** When the last records were finished, milliseconds. */
  #finishedAt = $state.raw<readonly number[]>([]);
  #abort: AbortController | null = null;
  #job: Promise<void> = Promise.resolve();

  /** Records per second; `null` before two are finished. */
  readonly ratePerSecond = $derived.by<number | null>(() => {
    const first = this.#finishedAt[0];
    const last = this.#finishedAt.at(-1);
    if (first === undefined || last === undefined || last <= first) return null;
    return ((this.#finishedAt.length - 1) * 1000) / (last - first);
  });

  /** Until the end of the run at this rate; `null` before there is one. */
  readonly remainingSeconds = $derived.by<number | null>(() => {
    const run = this.#runId === null ? undefined : this.shelf.find(this.#runId);
    if (!run || this.ratePerSecond === null) return null;
    return (totalOf(run) - run.done) / this.ratePerSecond;
  });

  constructor(
    private readonly shelf: RunShelf,
    private readonly checkpoints: CheckpointChoice,
    private readonly ports: EvaluationPorts,
  ) {}

  get phase(): EvaluationPhase {
    return this.#phase;
  }
  get isBusy(): boolean {
    return this.#phase !== 'idle';
  }
  /** The run in work or the last one; `null` before the first. */
  get runId(): string | null {
    return this.#runId;
  }
  /** Items that are planned so far. */
  get planned(): number {
    return this.#planned;
  }
  get progress(): RunProgress | null {
    return this.#progress;
  }
  /** Why the last run ended before its end; `null` for a pause too. */
  get error(): NamedError | null {
    return this.#error;
  }
  /** Items of the last plan that have no question. */
  get leftOut(): LeftOut | null {
    return this.#leftOut;
  }
  /** Why nothing can be started now, a sentence; `null` when it can. */
  get refusal(): string | null {
    if (this.isBusy) return 'A run is going on: pause it, or wait for its end.';
    if (this.checkpoints.holder === 'evaluate')
      return 'Two items are being measured: wait for them.';
    return this.checkpoints.waitFor('evaluate');
  }

  /** Plans a run, stores it and begins. @param onStored is told its id before the first answer */
  async start(
    request: PlanRequest,
    preference: DevicePreference,
    onStored: (runId: string) => void,
  ): Promise<void> {
    await this.#work(async (signal) => {
      this.#phase = 'planning';
      this.#runId = null;
      this.#planned = 0;
      this.#leftOut = null;
      const { planRun } = await import('../evaluation/plan-run.ts');
      const { newRun, leftOut } = await planRun(request, {
        runId: this.ports.makeId(),
        createdAt: this.ports.now(),
        signal,
        onProgress: (planned) => {
          this.#planned = planned;
        },
      });
      this.#leftOut = leftOut;
      await this.#keep(newRun);
      onStored(newRun.run.id);
      await this.#run(newRun.run.id, preference, signal);
    });
  }

  /**
   * Stores a run that is planned already and works it off, or goes on with one that is stored, by the
   * same weights on the same device as `answerer`; other ones are loaded anew, and refused if they stay
   * others.
   */
  async answerAs(answerer: Answerer, run: NewRun | string): Promise<void> {
    await this.#work(async (signal) => {
      this.#phase = 'loading';
      this.#runId = typeof run === 'string' ? run : null;
      this.#leftOut = null;
      const preference = answerer.device.startsWith('webgpu') ? 'webgpu' : 'wasm';
      await this.#loadAs(answerer, preference, signal);
      if (typeof run !== 'string') await this.#keep(run);
      await this.#run(typeof run === 'string' ? run : run.run.id, preference, signal);
    });
  }

  /** Goes on with the first item that is not finished. */
  async resume(runId: string, preference: DevicePreference): Promise<void> {
    await this.#work((signal) => this.#run(runId, preference, signal));
  }

  /** Ends within one decode step; the item in work is asked anew by `resume`. */
  pause(): void {
    this.#abort?.abort();
  }

  async settle(): Promise<void> {
    this.pause();
    await this.#job;
  }

  async #keep(newRun: NewRun): Promise<void> {
    await (await this.shelf.store()).create(newRun);
    this.shelf.update(newRun.run);
    void this.shelf.askToKeep();
  }

  /** @throws NamedError `CheckpointMissing`, `CheckpointInvalid` where the page has other weights */
  async #loadAs(
    wanted: Answerer,
    preference: DevicePreference,
    signal: AbortSignal,
  ): Promise<void> {
    const { checkpointId } = wanted;
    const slot = this.checkpoints.find(checkpointId);
    if (!slot) {
      throw new NamedError('CheckpointMissing', `This page has no checkpoint ${checkpointId}.`);
    }
    const isWanted = (one: Answerer | null): boolean =>
      JSON.stringify(one) === JSON.stringify(wanted);
    if (isWanted(slot.backend.answerer)) return;
    this.#progress = { phase: 'loading', checkpointId };
    const loaded = await this.checkpoints.load(slot, preference, signal);
    if (isWanted(loaded)) return;
    throw new NamedError(
      'CheckpointInvalid',
      `${checkpointId} answered as ${answererWords(wanted)}; this page has ${answererWords(loaded)}. The two cannot be compared.`,
    );
  }

  async #run(runId: string, preference: DevicePreference, signal: AbortSignal): Promise<void> {
    this.#runId = runId;
    this.#phase = 'loading';
    this.#finishedAt = [this.ports.clock()];
    const ports = {
      store: await this.shelf.store(),
      backend: (id: string) => this.checkpoints.find(id)?.backend,
      load: (id: string, wanted: DevicePreference, stop: AbortSignal) => {
        const slot = this.checkpoints.find(id);
        if (!slot) throw new Error(`There is no checkpoint ${id}.`);
        return this.checkpoints.load(slot, wanted, stop);
      },
      exclusively: this.ports.exclusively,
    };
    const { runSet } = await import('../evaluation/set-runner.ts');
    await runSet(runId, ports, {
      preference,
      signal,
      onProgress: (progress) => {
        this.#phase = progress.phase === 'loading' ? 'loading' : 'running';
        // Loading is no part of the rate.
        if (progress.phase === 'loading') this.#finishedAt = [];
        else if (this.#finishedAt.length === 0) this.#finishedAt = [this.ports.clock()];
        this.#progress = progress;
      },
      onRecord: (run, entry) => {
        const progress = this.#progress;
        const inWork = progress?.phase === 'answering' ? progress.items : 1;
        const records = inWork > 1 ? Math.max(RATE_WINDOW, RATE_ROUNDS * inWork) : RATE_WINDOW;
        this.#finishedAt = [...this.#finishedAt, this.ports.clock()].slice(-records);
        this.shelf.update(run);
        this.ports.onRecord(entry);
      },
    });
  }

  async #work(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.refusal !== null || !this.checkpoints.take('evaluate')) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#error = null;
    const guarded = async (): Promise<void> => {
      try {
        await work(abort.signal);
      } catch (thrown) {
        const error = asNamedError(thrown);
        this.#error = error.name === 'Cancelled' && abort.signal.aborted ? null : error;
      } finally {
        this.#phase = 'idle';
        this.#progress = null;
        this.#abort = null;
        this.checkpoints.release();
        await this.shelf.look();
      }
    };
    this.#job = guarded();
    await this.#job;
  }
}
