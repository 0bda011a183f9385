/**
 * Answers to stand beside the probes: the checkpoints are asked about test images of the studied sets, as a
 * run over sets like any other, kept like any other.
 */

import { totalOf } from '../core/sets/total-records.ts';
import type { EvaluationSet } from '../evaluation/plan-run.ts';
import type { ProbeImages } from '../evaluation/probe-images.ts';
import type { DevicePreference } from '../protocol/vlm.ts';
import type { EvaluationJob } from './evaluation-job.svelte.ts';
import { pickedSet } from './feature-map.svelte.ts';
import { DEFAULT_SAMPLER } from './sampler-draft.svelte.ts';
import type { SetResults } from './set-results.svelte.ts';

/** Items of each set: with K = 16 about a minute a checkpoint of the built-in family on two cores. */
const ASKED_PER_SET = 20;
const MOST_PER_SET = 1000;

export class ProbeAnswers {
  #isOurs = $state(false);
  #perSet = $state(ASKED_PER_SET);

  /** The open run lacks answers that were planned, and was made here. */
  readonly isUnfinished = $derived.by<boolean>(() => {
    const { run } = this.results;
    return run !== null && run.done < totalOf(run);
  });

  constructor(
    readonly job: EvaluationJob,
    private readonly results: SetResults,
  ) {}

  /** Items of each set that are asked about. */
  get perSet(): number {
    return this.#perSet;
  }
  /** Why that is no number of items; `null` where it is one. */
  get problem(): string | null {
    const isCount = Number.isInteger(this.#perSet) && this.#perSet >= 1;
    return isCount && this.#perSet <= MOST_PER_SET
      ? null
      : `The images of each set must be a whole number from 1 to ${String(MOST_PER_SET)}.`;
  }
  setPerSet(count: number): void {
    this.#perSet = count;
  }

  /** A run that was begun here is going on. */
  get isAsking(): boolean {
    return this.#isOurs && this.job.isBusy;
  }
  /** Why nobody can be asked now, a sentence; `null` when somebody can. */
  get refusal(): string | null {
    return this.problem ?? this.job.refusal;
  }

  /** Asks each checkpoint about the same images, and opens the run. */
  async ask(
    checkpointIds: readonly string[],
    sets: readonly ProbeImages[],
    device: DevicePreference,
  ): Promise<void> {
    const asked = sets.flatMap((images): readonly EvaluationSet[] => {
      const count = images.splits.test?.labels.length ?? 0;
      const set = pickedSet(images, [...Array(count).keys()]);
      return set ? [set] : [];
    });
    if (this.refusal !== null || checkpointIds.length === 0 || asked.length === 0) return;
    const request = {
      name: `Beside the probe: ${checkpointIds.join(', ')}`,
      sets: asked,
      itemsPerSet: this.#perSet,
      kind: 'options',
      settings: {
        checkpointIds,
        promptMode: 'think',
        hint: null,
        sampler: DEFAULT_SAMPLER,
        nulls: false,
      },
    } as const;
    await this.#work(() =>
      this.job.start(request, device, (runId) => void this.results.open(runId)),
    );
  }

  /** Goes on with the open run. */
  async goOn(device: DevicePreference): Promise<void> {
    const { runId } = this.results;
    if (runId !== null) await this.#work(() => this.job.resume(runId, device));
  }

  /** Ends within one decode step; what is finished stays. */
  pause(): void {
    this.job.pause();
  }

  async #work(work: () => Promise<void>): Promise<void> {
    this.#isOurs = true;
    await work();
    this.#isOurs = false;
  }
}
