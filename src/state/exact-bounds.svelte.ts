/**
 * The exact distribution of the shown result, checkpoint by checkpoint, as bounds that tighten. Bounds
 * are kept with the run that they belong to (one item, question, sampler, prompt mode): another result
 * has its own or none, and what is computed for a result that is left is stopped.
 */

import type { FieldProblem } from '../core/validate.ts';
import { asNamedError, NamedError } from '../protocol/errors.ts';
import type { ExactProgress, ExactStatus } from '../protocol/vlm.ts';
import { exactAccess, exactRequest, type ExactKnobs } from './exact-access.ts';
import type { ExactTurn } from './exact-turn.svelte.ts';
import type { RunGroup, SessionRecord } from './run-groups.ts';
import type { RunResults } from './run-results.svelte.ts';
import type { RunSession } from './run-session.svelte.ts';

/** Direct answers of the built-in checkpoints get there; at ε = 1e-4 most spend the budget first. */
export const DEFAULT_EXACT: ExactKnobs = { epsilon: 1e-3, nodeBudget: 2000 };
const MOST_NODES = 100_000;

export interface CheckpointBounds {
  readonly checkpointId: string;
  /** The settings under which they were computed. */
  readonly knobs: ExactKnobs;
  readonly phase: 'waiting' | 'running' | 'failed' | ExactStatus;
  /** What is known so far; `null` before the first pass. */
  readonly progress: ExactProgress | null;
  /** Why it failed, else `null`. */
  readonly error: NamedError | null;
}

const ENDS: readonly CheckpointBounds['phase'][] = ['epsilon', 'budget', 'memory', 'listed'];

/** Have they ended with a tree that the checkpoint may have kept, under the run's id? */
export const isBounded = ({ phase, progress }: CheckpointBounds): boolean =>
  progress !== null && phase !== 'waiting' && phase !== 'running' && phase !== 'failed';

export class ExactBounds {
  #byGroup = $state.raw<Readonly<Record<string, readonly CheckpointBounds[]>>>({});
  #knobs = $state.raw<ExactKnobs>(DEFAULT_EXACT);

  readonly problems = $derived.by<readonly FieldProblem[]>(() => validateKnobs(this.#knobs));

  /** Why the shown result cannot be bounded, in a sentence; `null` when it can. */
  readonly reason = $derived.by<string | null>(() => {
    const { shown } = this.results;
    if (!shown) return 'There is no result yet: press Run first.';
    const reasons = shown.records.map((one) => exactAccess(one, this.session.checkpoints).reason);
    // A checkpoint that cannot be asked leaves the others theirs.
    return reasons.every((reason) => reason !== null) ? (reasons[0] ?? null) : null;
  });

  /**
   * Where bounds of the shown result come from: the models, what servers list, or both; `null` where it
   * cannot be bounded.
   */
  readonly from = $derived.by<'model' | 'lists' | 'both' | null>(() => {
    const kinds = (this.results.shown?.records ?? []).flatMap(
      (one) => exactAccess(one, this.session.checkpoints).calls?.from ?? [],
    );
    const [first] = kinds;
    return kinds.every((kind) => kind === first) ? (first ?? null) : 'both';
  });

  /** Bounds of the shown result, in the order of its records; empty before they were asked for. */
  readonly shown = $derived.by<readonly CheckpointBounds[]>(() => {
    const { shown } = this.results;
    return (shown && this.#byGroup[shown.key]) ?? [];
  });

  constructor(
    private readonly results: RunResults,
    private readonly session: RunSession,
    readonly turn: ExactTurn,
    private readonly requestFrame: (callback: () => void) => void,
  ) {}

  get knobs(): ExactKnobs {
    return this.#knobs;
  }
  get isRunning(): boolean {
    return this.turn.work === 'bounds';
  }
  /** Whether every checkpoint of the shown result has bounds that came to their end by themselves. */
  get hasEnded(): boolean {
    const { shown } = this;
    return shown.length > 0 && shown.every(({ phase }) => ENDS.includes(phase));
  }
  /** Why `start` would do nothing now; `null` when it would start. */
  get refusal(): string | null {
    return this.reason ?? this.problems[0]?.message ?? this.turn.refusal;
  }

  change(change: Partial<ExactKnobs>): void {
    this.#knobs = { ...this.#knobs, ...change };
  }

  /** Bounds every checkpoint of the shown result, one after the other; earlier bounds give way. */
  async start(): Promise<void> {
    const group = this.results.shown;
    if (group === null || this.refusal !== null) return;
    const knobs = this.#knobs;
    await this.turn.take('bounds', async (signal) => {
      this.#put(
        group,
        group.records.map(({ record }) => ({
          checkpointId: record.answerer.checkpointId,
          knobs,
          phase: 'waiting',
          progress: null,
          error: null,
        })),
      );
      for (const one of group.records) await this.#bound(group, one, knobs, signal);
    });
  }

  stop(): void {
    if (this.isRunning) this.turn.stop();
  }

  async #bound(
    group: RunGroup,
    one: SessionRecord,
    knobs: ExactKnobs,
    signal: AbortSignal,
  ): Promise<void> {
    const { checkpointId } = one.record.answerer;
    const set = (change: Partial<CheckpointBounds>): void => {
      this.#change(group, checkpointId, change);
    };
    if (signal.aborted) {
      set({ phase: 'stopped' });
      return;
    }
    let latest: ExactProgress | null = null;
    let framePending = false;
    let isOver = false;
    const publishSoon = (): void => {
      if (framePending) return;
      framePending = true;
      this.requestFrame(() => {
        framePending = false;
        if (!isOver) set({ progress: latest });
      });
    };
    try {
      const access = exactAccess(one, this.session.checkpoints);
      if (access.calls === null) throw new NamedError('NotLoaded', access.reason);
      set({ phase: 'running' });
      const request = exactRequest(one.record, access.image, knobs);
      const named = { ...request, keepAs: one.record.runId };
      const reply = await access.calls.bounds(named, {
        signal,
        onEvent: (event) => {
          latest = event;
          if (this.results.shown?.key !== group.key) this.turn.stop();
          publishSoon();
        },
      });
      isOver = true;
      set({ phase: reply.status, progress: reply });
    } catch (thrown) {
      isOver = true;
      const error = asNamedError(thrown);
      const isStop = error.name === 'Cancelled' || signal.aborted;
      const end = isStop ? ({ phase: 'stopped' } as const) : ({ phase: 'failed', error } as const);
      set({ ...end, progress: latest });
    }
  }

  #change(group: RunGroup, checkpointId: string, change: Partial<CheckpointBounds>): void {
    const all = this.#byGroup[group.key] ?? [];
    this.#put(
      group,
      all.map((one) => (one.checkpointId === checkpointId ? { ...one, ...change } : one)),
    );
  }

  #put({ key }: RunGroup, bounds: readonly CheckpointBounds[]): void {
    this.#byGroup = { ...this.#byGroup, [key]: bounds };
  }
}

function validateKnobs({ epsilon, nodeBudget }: ExactKnobs): readonly FieldProblem[] {
  const isBudget = Number.isInteger(nodeBudget) && nodeBudget >= 1 && nodeBudget <= MOST_NODES;
  return [
    ...(epsilon > 0 && epsilon < 1
      ? []
      : [{ field: 'epsilon', message: 'ε must be a number above 0 and below 1.' }]),
    ...(isBudget
      ? []
      : [
          {
            field: 'nodeBudget',
            message: `The node budget must be a whole number from 1 to ${String(MOST_NODES)}.`,
          },
        ]),
  ];
}
