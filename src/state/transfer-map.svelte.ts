/**
 * The transfer map: each RL checkpoint against the one that it was trained from. Its rows are the RL steps
 * among those compared, and on demand all RL checkpoints of a stored run.
 */

import type { TransferMeasure } from '../core/sets/transfer.ts';
import type { NamedError } from '../protocol/errors.ts';
import type { StoredRun } from '../storage/stored-run.ts';
import type {
  ComparedPairs,
  ComparisonStep,
  RunComparison,
  SideFacts,
  SidePair,
} from './comparison.svelte.ts';
import { descentOf, type TrainingRow } from './lineage-paths.ts';

export interface TransferRow {
  readonly step: ComparisonStep;
  /** The sets that the child's RL was run on; `null` where the table does not know the child. */
  readonly rlOn: readonly string[] | null;
}

/** RL checkpoints of one run with their parents. */
export interface TransferOffer {
  readonly run: StoredRun;
  readonly pairs: readonly SidePair[];
}

export class TransferMap {
  #runId = $state<string | null>(null);
  #measure = $state<TransferMeasure>('accuracy');

  /** Runs that hold several RL checkpoints with their parents. */
  readonly offers = $derived.by<readonly TransferOffer[]>(() => {
    const { available } = this.comparison;
    return available
      .map(({ run }) => run)
      .filter((run, at, all) => all.findIndex(({ id }) => id === run.id) === at)
      .map((run) => ({
        run,
        pairs: this.#rlPairs(available.filter((one) => one.runId === run.id)),
      }))
      .filter(({ pairs }) => pairs.length > 1);
  });

  /** The compared steps first, then what only the run adds. */
  readonly rows = $derived.by<readonly TransferRow[]>(() => {
    const compared = this.comparison.steps.filter((step) => this.#isRlStep(step));
    const own = this.run === null ? [] : this.pairs.steps;
    return [
      ...compared,
      ...own.filter((step) => !compared.some((one) => isSameStep(one, step))),
    ].map((step) => ({ step, rlOn: this.#row(step.child)?.rlOn ?? null }));
  });

  /** RL checkpoints that are compared with another than their parent: what changed there is not RL alone. */
  readonly leftOut = $derived.by<readonly ComparisonStep[]>(() =>
    this.comparison.steps.filter(
      (step) => step.child.answerer.stage === 'rl' && !this.#isRlStep(step),
    ),
  );

  /** @param rows the table of checkpoints */
  constructor(
    private readonly comparison: RunComparison,
    private readonly pairs: ComparedPairs,
    private readonly table: () => readonly TrainingRow[],
  ) {}

  /** The run whose RL checkpoints are all shown; `null` for none. */
  get run(): StoredRun | null {
    return this.offers.find(({ run }) => run.id === this.#runId)?.run ?? null;
  }
  get measure(): TransferMeasure {
    return this.#measure;
  }
  get error(): NamedError | null {
    return this.pairs.error;
  }

  choose(measure: TransferMeasure): void {
    this.#measure = measure;
  }

  /** Shows all RL checkpoints of a run, each against its parent; `null` shows the compared ones only. */
  async show(runId: string | null): Promise<void> {
    this.#runId = runId;
    await this.pairs.compare(this.offers.find(({ run }) => run.id === runId)?.pairs ?? []);
  }

  #row(side: SideFacts): TrainingRow | undefined {
    return this.table().find(({ id }) => id === side.checkpointId);
  }

  /** What the table does not know is taken for what it was put as. */
  #isRlStep({ parent, child }: Pick<ComparisonStep, 'parent' | 'child'>): boolean {
    if (child.answerer.stage !== 'rl') return false;
    const descent = descentOf(this.table(), parent.checkpointId, child.checkpointId);
    return descent === 'step' || descent === 'unknown';
  }

  #rlPairs(sides: readonly SideFacts[]): readonly SidePair[] {
    return this.table().flatMap(({ id, parent: parentId }) => {
      const child = sides.find((side) => side.checkpointId === id);
      const parent = sides.find((side) => side.checkpointId === parentId);
      return child?.answerer.stage === 'rl' && parent ? [[parent, child] as const] : [];
    });
  }
}

const isSameStep = (a: ComparisonStep, b: ComparisonStep): boolean =>
  a.child.runId === b.child.runId &&
  a.child.checkpointId === b.child.checkpointId &&
  a.parent.runId === b.parent.runId &&
  a.parent.checkpointId === b.parent.checkpointId;
