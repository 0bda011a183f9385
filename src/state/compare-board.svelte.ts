/** Compare as a whole, as its views are given it. */

import type { StoredRun } from '../storage/stored-run.ts';
import { formatCompareLink, parseCompareLink } from './compare-link.ts';
import {
  MAX_SIDES,
  type ComparisonStep,
  type RunComparison,
  type Side,
} from './comparison.svelte.ts';
import { descentOf, lineagePaths, type Descent, type LineageRow } from './lineage-paths.ts';
import type { PublishedFigures } from './published.svelte.ts';
import type { CooledParent } from './cooled-parent.svelte.ts';
import type { RunShelf } from './run-shelf.svelte.ts';
import type { TransferMap } from './transfer-map.svelte.ts';

export interface Lineage {
  readonly run: StoredRun;
  readonly sides: readonly Side[];
}

export class CompareBoard {
  /** What training order offers, run after run. */
  readonly lineages = $derived.by<readonly Lineage[]>(() =>
    this.shelf.runs.flatMap((run) =>
      lineagePaths(this.rows(), Object.keys(run.answerers)).map((ids) => ({
        run,
        sides: ids.slice(0, MAX_SIDES).map((checkpointId) => ({ runId: run.id, checkpointId })),
      })),
    ),
  );

  /** A compared run has answered more since. */
  readonly isBehind = $derived.by<boolean>(() =>
    [...this.comparison.steps, ...this.transfer.rows.map(({ step }) => step)].some(
      ({ parent, child }) =>
        [parent, child].some(({ run }) => (this.shelf.find(run.id)?.done ?? run.done) !== run.done),
    ),
  );

  /** @param rows the table of checkpoints */
  constructor(
    readonly comparison: RunComparison,
    readonly transfer: TransferMap,
    readonly published: PublishedFigures,
    readonly shelf: RunShelf,
    /** The control of each step. */
    readonly cooled: CooledParent,
    private readonly rows: () => readonly LineageRow[],
  ) {}

  /** The address of what is on the page. */
  get link(): string {
    return formatCompareLink({
      sides: this.comparison.sides,
      rlRunId: this.transfer.run?.id ?? null,
      measure: this.transfer.measure,
      published: this.published.choice,
    });
  }

  /** How the child of a step came from its parent, by the table of checkpoints. */
  descentOf({ parent, child }: ComparisonStep): Descent {
    return descentOf(this.rows(), parent.checkpointId, child.checkpointId);
  }

  /** Shows what the address names, as far as it is stored here. */
  async follow(hash: string): Promise<void> {
    const wanted = parseCompareLink(hash);
    // Before the wait: whoever chooses something else meanwhile keeps that.
    this.transfer.choose(wanted.measure);
    this.published.choose(wanted.published);
    if (!this.shelf.isOpen) await this.shelf.open();
    const { measure } = this.transfer;
    const { choice } = this.published;
    if (formatCompareLink({ ...wanted, measure, published: choice }) === this.link) return;
    await Promise.all([this.comparison.compare(wanted.sides), this.transfer.show(wanted.rlRunId)]);
  }

  /** Compares the first lineage of a run. */
  async compareLineage(runId: string): Promise<void> {
    const lineage = this.lineages.find(({ run }) => run.id === runId);
    if (lineage) await this.comparison.compare(lineage.sides);
  }

  /** Once more, with what has been answered since. */
  async again(): Promise<void> {
    await Promise.all([
      this.comparison.compare(this.comparison.sides),
      this.transfer.show(this.transfer.run?.id ?? null),
    ]);
  }
}
