/** The study of vision towers that is going on: encoded, probed, stopped; what is finished stays. */

import type { FeatureTables } from '../core/probe/features.ts';
import type { RgbImage } from '../core/types.ts';
import type { DatasetId } from '../data/medmnist.ts';
import type { ProbeImages } from '../evaluation/probe-images.ts';
import {
  studyVision,
  type StudyFailure,
  type StudyStep,
  type VisionResult,
  type VisionSettings,
} from '../evaluation/vision-study.ts';
import { asNamedError, NamedError } from '../protocol/errors.ts';
import type { ProbeBackend } from '../protocol/probe.ts';
import type { DevicePreference } from '../protocol/vlm.ts';
import type { FeatureStore } from '../storage/feature-store.ts';
import { weightsKey } from '../storage/weights-key.ts';
import type { CheckpointChoice, CheckpointSlot } from './checkpoint-choice.svelte.ts';

export interface StudyPlan {
  readonly checkpointIds: readonly string[];
  readonly settings: VisionSettings;
  /** Images of a set as they are studied; opened when their turn comes. */
  readonly sets: readonly {
    readonly dataset: DatasetId;
    readonly images: number;
    readonly open: (signal: AbortSignal) => Promise<ProbeImages>;
  }[];
}

export interface VisionPorts {
  readonly openStore: () => Promise<Pick<FeatureStore, 'get' | 'put'>>;
  readonly probes: ProbeBackend;
  /** Milliseconds of a clock that only goes on. */
  readonly clock: () => number;
}

/** Images of all checkpoints and sets of a study. */
export interface StudyProgress {
  readonly done: number;
  readonly total: number;
  /** Of the done ones those that were encoded before. */
  readonly known: number;
  readonly elapsedMs: number;
}

export class VisionJob {
  #isBusy = $state(false);
  #step = $state.raw<StudyStep | null>(null);
  #progress = $state.raw<StudyProgress | null>(null);
  #results = $state.raw<readonly VisionResult[]>([]);
  #failures = $state.raw<readonly StudyFailure[]>([]);
  #sets = $state.raw<readonly ProbeImages[]>([]);
  #error = $state.raw<NamedError | null>(null);
  #notKept = $state.raw<NamedError | null>(null);
  #wasStopped = $state(false);
  #abort: AbortController | null = null;

  /** Until the end at this rate, seconds; `null` before a few images were encoded. */
  readonly remainingSeconds = $derived.by<number | null>(() => {
    const progress = this.#progress;
    if (progress === null || !this.#isBusy) return null;
    const fresh = progress.done - progress.known;
    if (fresh < 64) return null;
    return ((progress.total - progress.done) * progress.elapsedMs) / fresh / 1000;
  });

  constructor(
    private readonly checkpoints: CheckpointChoice,
    private readonly ports: VisionPorts,
  ) {}

  get isBusy(): boolean {
    return this.#isBusy;
  }
  /** What goes on; `null` for nothing. */
  get step(): StudyStep | null {
    return this.#step;
  }
  get progress(): StudyProgress | null {
    return this.#progress;
  }
  get results(): readonly VisionResult[] {
    return this.#results;
  }
  /** What could not be studied; the rest went on. */
  get failures(): readonly StudyFailure[] {
    return this.#failures;
  }
  /** Why the last study ended before its end; `null` for a stop too. */
  get error(): NamedError | null {
    return this.#error;
  }
  /** Why features are not kept for the next time. */
  get notKept(): NamedError | null {
    return this.#notKept;
  }
  get wasStopped(): boolean {
    return this.#wasStopped;
  }
  /** Why nothing can be started now, a sentence; `null` when it can. */
  get refusal(): string | null {
    return this.#isBusy ? 'A study is going on.' : this.checkpoints.waitFor('probe');
  }

  resultOf(checkpointId: string, dataset: DatasetId): VisionResult | null {
    return (
      this.#results.find((one) => one.checkpointId === checkpointId && one.dataset === dataset) ??
      null
    );
  }
  /** Images of a set as they were studied; `null` before. */
  imagesOf(dataset: DatasetId): ProbeImages | null {
    return this.#sets.find((one) => one.dataset === dataset) ?? null;
  }

  /** Does nothing while checkpoints are at work. */
  async start(plan: StudyPlan, preference: DevicePreference): Promise<void> {
    if (this.refusal !== null || !this.checkpoints.take('probe')) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#isBusy = true;
    this.#error = null;
    this.#notKept = null;
    this.#wasStopped = false;
    this.#failures = [];
    // What this study makes anew is not shown as it was.
    this.#results = this.#results.filter(({ dataset }) =>
      plan.sets.every((set) => set.dataset !== dataset),
    );
    const images = plan.sets.reduce((sum, set) => sum + set.images, 0);
    this.#progress = {
      done: 0,
      total: images * plan.checkpointIds.length,
      known: 0,
      elapsedMs: 0,
    };
    try {
      await this.#study(plan, preference, abort.signal);
    } catch (thrown) {
      const error = asNamedError(thrown);
      this.#wasStopped = error.name === 'Cancelled' && abort.signal.aborted;
      this.#error = this.#wasStopped ? null : error;
    } finally {
      this.#isBusy = false;
      this.#step = null;
      this.#abort = null;
      this.checkpoints.release();
    }
  }

  /** Ends after the images in work; what is encoded stays. */
  stop(): void {
    this.#abort?.abort();
  }

  async #study(
    { checkpointIds, settings, sets }: StudyPlan,
    preference: DevicePreference,
    signal: AbortSignal,
  ): Promise<void> {
    const opened: ProbeImages[] = [];
    for (const { open } of sets) opened.push(await open(signal));
    this.#sets = [
      ...this.#sets.filter(({ dataset }) => opened.every((one) => one.dataset !== dataset)),
      ...opened,
    ];
    const store = await this.ports.openStore();
    let encodingMs = 0;
    await studyVision(checkpointIds, opened, settings, {
      store,
      signal,
      probes: this.ports.probes,
      weights: (id) => this.#weights(id, preference, signal),
      encode: async (id, images) => {
        const slot = await this.#loaded(id, preference, signal);
        const startedAt = this.ports.clock();
        const tables = await encodeWith(slot, images, signal);
        encodingMs += this.ports.clock() - startedAt;
        return tables;
      },
      onStep: (step) => {
        this.#step = step;
      },
      onImages: (done, known) => {
        const before = this.#progress;
        if (before === null) return;
        this.#progress = {
          ...before,
          done: before.done + done,
          known: before.known + known,
          elapsedMs: encodingMs,
        };
      },
      onNotKept: (why) => {
        this.#notKept = why;
      },
      onResult: (result) => {
        this.#results = [...this.#results, result];
      },
      onFailure: (failure) => {
        this.#failures = [...this.#failures, failure];
      },
    });
  }

  /** Known before a load where the checkpoint's files are listed; a folder has to be read through. */
  async #weights(id: string, preference: DevicePreference, signal: AbortSignal): Promise<string> {
    const slot = this.#slotOf(id);
    const revision =
      (await slot.backend.revision()) ??
      (await this.#loaded(id, preference, signal)).backend.answerer?.revision ??
      '';
    return weightsKey(id, revision, slot.row.dtype);
  }

  async #loaded(
    id: string,
    preference: DevicePreference,
    signal: AbortSignal,
  ): Promise<CheckpointSlot> {
    const slot = this.#slotOf(id);
    if (slot.backend.answerer !== null) return slot;
    const step = this.#step;
    if (step) this.#step = { ...step, phase: 'loading' };
    try {
      await this.checkpoints.load(slot, preference, signal);
    } catch (thrown) {
      throw slot.fail(thrown);
    } finally {
      this.#step = step;
    }
    return slot;
  }

  #slotOf(id: string): CheckpointSlot {
    const slot = this.checkpoints.find(id);
    if (slot) return slot;
    throw new NamedError('CheckpointMissing', `This page has no checkpoint ${id}.`);
  }
}

async function encodeWith(
  { backend }: CheckpointSlot,
  images: readonly RgbImage[],
  signal: AbortSignal,
): Promise<FeatureTables> {
  const { features } = backend;
  if (features.calls === null) throw new NamedError('CheckpointUnsupported', features.reason);
  return features.calls.of(images, signal);
}
