/** The measurement before a run over sets: two items that are asked and not kept. */

import { estimateRun, type RunEstimate } from '../evaluation/estimate-run.ts';
import type { ProbeReport } from '../evaluation/probe.ts';
import type { PlanRequest } from '../evaluation/plan-run.ts';
import { asNamedError, type NamedError } from '../protocol/errors.ts';
import type { DevicePreference } from '../protocol/vlm.ts';
import type { CheckpointChoice } from './checkpoint-choice.svelte.ts';
import type { EvaluationDraft } from './evaluation-draft.svelte.ts';

export class EvaluationProbe {
  #last = $state.raw<{ readonly key: string; readonly report: ProbeReport } | null>(null);
  #error = $state.raw<NamedError | null>(null);
  #isBusy = $state(false);
  #abort: AbortController | null = null;

  /** The last measurement; `null` when the settings were changed since so that it tells nothing. */
  readonly report = $derived.by<ProbeReport | null>(() => {
    const request = this.draft.request();
    return request !== null && this.#last?.key === keyOf(request) ? this.#last.report : null;
  });

  /** What the planned run will take; `null` before it was measured. */
  readonly estimate = $derived.by<RunEstimate | null>(() => {
    const request = this.draft.request();
    return request !== null && this.report !== null ? estimateRun(this.report, request) : null;
  });

  constructor(
    private readonly draft: EvaluationDraft,
    private readonly checkpoints: CheckpointChoice,
    /** Milliseconds. */
    private readonly clock: () => number,
  ) {}

  get isBusy(): boolean {
    return this.#isBusy;
  }
  /** Why the last measurement failed; `null` for a stop too. */
  get error(): NamedError | null {
    return this.#error;
  }

  /** Does nothing while something is missing in the controls or a checkpoint is at work. */
  async measure(preference: DevicePreference): Promise<void> {
    const request = this.draft.request();
    const slot = this.checkpoints.find(request?.settings.checkpointIds[0] ?? '');
    if (request === null || !slot || !this.checkpoints.take('evaluate')) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#isBusy = true;
    this.#error = null;
    try {
      const { probe } = await import('../evaluation/probe.ts');
      const report = await probe(request, {
        backend: slot.backend,
        load: (signal) => this.checkpoints.load(slot, preference, signal),
        clock: this.clock,
        signal: abort.signal,
      });
      this.#last = { key: keyOf(request), report };
    } catch (thrown) {
      const error = asNamedError(thrown);
      this.#error = error.name === 'Cancelled' ? null : error;
    } finally {
      this.#isBusy = false;
      this.#abort = null;
      this.checkpoints.release();
    }
  }

  stop(): void {
    this.#abort?.abort();
  }
}

/** Equal for plans of which one item takes the same. */
function keyOf({ sets, kind, settings }: PlanRequest): string {
  const { promptMode, hint, sampler, nulls, checkpointIds } = settings;
  return JSON.stringify([
    sets.map(({ dataset, images }) => [dataset, images.length]),
    kind,
    promptMode,
    hint,
    { ...sampler, seed: 0 },
    nulls,
    checkpointIds[0],
  ]);
}
