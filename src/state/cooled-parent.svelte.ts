/**
 * The control of a step of training: its parent at the temperature at which it is as sharp as the child.
 * The parent is really asked again, on the same items, by stored runs: what is stored is not asked twice,
 * and a page that was closed goes on (docs/decisions/0017).
 */

import { MIN_PAIRS } from '../core/sets/change-verdict.ts';
import { totalOf } from '../core/sets/total-records.ts';
import { coolingRefusal } from '../evaluation/cooled-run.ts';
import { asNamedError, type NamedError } from '../protocol/errors.ts';
import type { FigureBackend } from '../protocol/figures.ts';
import type { NewRun } from '../storage/run-store.ts';
import type { StoredRun } from '../storage/stored-run.ts';
import type { ComparisonStep } from './comparison.svelte.ts';
import {
  planCooled,
  readControl,
  type ComparedStep,
  type ControlReading,
  type CooledControl,
} from './cooled-control.ts';
import type { EvaluationJob } from './evaluation-job.svelte.ts';
import type { RunShelf } from './run-shelf.svelte.ts';

/** Temperatures that one press of the button tries. */
export const MOST_RUNS = 4;
/** Controls that are kept: those of one lineage. */
const MOST_KEPT = 4;

export interface CooledParentPorts {
  readonly figures: FigureBackend;
  /** Whether the page has this checkpoint. */
  readonly hasCheckpoint: (checkpointId: string) => boolean;
  readonly makeId: () => string;
  /** The time as ISO 8601. */
  readonly now: () => string;
}

/** The control that runs. */
interface InWork {
  readonly key: string;
  /** Which temperature of at most `MOST_RUNS`, from 1; 0 before the first. */
  readonly round: number;
  /** `null` before the first. */
  readonly temperature: number | null;
}

export class CooledParent {
  #kept = $state.raw<readonly CooledControl[]>([]);
  #failure = $state.raw<{ readonly key: string; readonly error: NamedError } | null>(null);
  #inWork = $state.raw<InWork | null>(null);
  #isAsking = false;
  #isStopped = false;

  constructor(
    private readonly shelf: RunShelf,
    private readonly job: EvaluationJob,
    private readonly ports: CooledParentPorts,
  ) {}

  /** `null` before it was read, and where there can be none. */
  of(step: ComparisonStep): CooledControl | null {
    return this.#kept.find((one) => keyOf(one.step) === keyOf(step)) ?? null;
  }

  /** Why the step's control broke off; `null` for a stop too. */
  errorOf(step: ComparisonStep): NamedError | null {
    return this.#failure?.key === keyOf(step) ? this.#failure.error : null;
  }

  /** What is in work for the step; `null` for nothing. */
  workOf(step: ComparisonStep): InWork | null {
    return this.#inWork?.key === keyOf(step) ? this.#inWork : null;
  }

  /** The stored run in work, as far as it is; `null` while the checkpoint is loaded, and for none. */
  get run(): StoredRun | null {
    const { phase, runId } = this.job;
    const isRunning = this.#inWork !== null && phase === 'running' && runId !== null;
    return isRunning ? (this.shelf.find(runId) ?? null) : null;
  }

  /** Why the step has no control, a sentence; `null` when it has one. */
  reasonWithout({ parent, child, comparison }: ComparisonStep): string | null {
    return (
      coolingRefusal(parent, child) ??
      (comparison !== null && comparison.pairs < MIN_PAIRS
        ? `Fewer than ${String(MIN_PAIRS)} items in common bear no verdict.`
        : null)
    );
  }

  /** Why nothing can be asked now, a sentence; `null` when it can. */
  refusal({ parent }: ComparisonStep): string | null {
    if (this.#inWork !== null) return 'Another control is running: stop it, or wait for its end.';
    return this.ports.hasCheckpoint(parent.checkpointId)
      ? this.job.refusal
      : `This page has no checkpoint ${parent.checkpointId}, so it cannot be asked again.`;
  }

  /** Reads what the store has of the step's control, and works out what follows from it. */
  async look(step: ComparisonStep): Promise<void> {
    if (!isCompared(step) || this.reasonWithout(step) !== null) return;
    // While it runs it reads by itself.
    if (this.workOf(step) !== null) return;
    await this.#guarded(step, async () => {
      await this.#read(step);
    });
  }

  /** Asks the parent at one temperature after the other, until it is as sharp as the child. */
  async start(step: ComparisonStep): Promise<void> {
    if (!isCompared(step) || this.reasonWithout(step) !== null) return;
    if (this.refusal(step) !== null) return;
    const key = keyOf(step);
    this.#inWork = { key, round: 0, temperature: null };
    this.#isStopped = false;
    await this.#guarded(step, async () => {
      for (let round = 1; ; round += 1) {
        const reading = await this.#read(step);
        const { state } = reading.control;
        if (state.kind !== 'open' || round > MOST_RUNS || this.#isStopped) return;
        const begun = reading.begun.find(
          (one) => temperatureOf(one) > state.between[0] && temperatureOf(one) < state.between[1],
        );
        const temperature = begun ? temperatureOf(begun) : state.next;
        this.#inWork = { key, round, temperature };
        const run = begun?.id ?? (await this.#plan(step, reading, temperature));
        if (this.#isStopped || !(await this.#ask(step, run))) return;
      }
    });
    this.#inWork = null;
  }

  /** Ends within one decode step; what is finished stays, and `start` goes on with it. */
  stop(): void {
    this.#isStopped = true;
    if (this.#isAsking) this.job.pause();
  }

  async #guarded(step: ComparedStep, work: () => Promise<void>): Promise<void> {
    const key = keyOf(step);
    if (this.#failure?.key === key) this.#failure = null;
    try {
      await work();
    } catch (thrown) {
      this.#failure = { key, error: asNamedError(thrown) };
    }
  }

  async #read(step: ComparedStep): Promise<ControlReading> {
    const reading = await readControl(await this.shelf.store(), this.shelf.runs, step);
    const { control, cooled, children } = reading;
    const before = this.of(step);
    const isKnown =
      control.matched !== null &&
      before?.matched?.id === control.matched.id &&
      before.comparison?.pairs === children.length;
    this.#keep({ ...control, comparison: isKnown ? before.comparison : null });
    if (control.matched !== null && !isKnown) {
      const { signal } = new AbortController();
      const comparison = await this.ports.figures.compare(cooled, children, signal);
      this.#keep({ ...control, comparison });
    }
    return reading;
  }

  #keep(control: CooledControl): void {
    const others = this.#kept.filter((one) => keyOf(one.step) !== keyOf(control.step));
    this.#kept = [control, ...others].slice(0, MOST_KEPT);
  }

  async #plan(step: ComparedStep, { parents }: ControlReading, temperature: number) {
    const names = { runId: this.ports.makeId(), createdAt: this.ports.now() };
    return planCooled(await this.shelf.store(), step.parent, parents, temperature, names);
  }

  /** @returns whether the run came to its end @throws NamedError why it broke off */
  async #ask({ parent }: ComparedStep, run: NewRun | string): Promise<boolean> {
    // Somebody else may have begun with the checkpoints meanwhile: then this ends, and says why.
    if (this.job.refusal !== null) return false;
    this.#isAsking = true;
    await this.job.answerAs(parent.answerer, run);
    this.#isAsking = false;
    if (this.job.error) throw this.job.error;
    const now = this.shelf.find(typeof run === 'string' ? run : run.run.id);
    return now !== undefined && now.done === totalOf(now);
  }
}

const temperatureOf = (run: StoredRun): number => run.settings.sampler.temperature;

const isCompared = (step: ComparisonStep): step is ComparedStep => step.comparison !== null;

const keyOf = ({ parent, child }: ComparisonStep): string =>
  JSON.stringify([parent.runId, parent.checkpointId, child.runId, child.checkpointId]);
