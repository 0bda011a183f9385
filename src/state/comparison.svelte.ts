/**
 * Compare: checkpoints of stored runs in the order of their lineage, each against the one before it, on
 * the items that both were asked.
 */

import type { Comparison } from '../core/sets/comparison.ts';
import type { ItemFigures } from '../core/sets/item-figures.ts';
import type { Answerer } from '../core/types.ts';
import { countedItems } from '../evaluation/item-rows.ts';
import { asNamedError, type NamedError } from '../protocol/errors.ts';
import type { FigureBackend } from '../protocol/figures.ts';
import type { StoredRun } from '../storage/stored-run.ts';
import type { RunShelf } from './run-shelf.svelte.ts';

/** Lines and colours that are still told apart. */
export const MAX_SIDES = 5;

/** One checkpoint's part of a stored run. */
export interface Side {
  readonly runId: string;
  readonly checkpointId: string;
}

export interface SideFacts extends Side {
  readonly run: StoredRun;
  readonly answerer: Answerer;
}

/** A checkpoint against the one that it is set against. */
export interface ComparisonStep {
  readonly parent: SideFacts;
  readonly child: SideFacts;
  /** `null` while it is worked off, or when nothing can be compared. */
  readonly comparison: Comparison | null;
  /** Why not, a sentence; empty otherwise. */
  readonly problem: string;
}

export type SidePair = readonly [parent: SideFacts, child: SideFacts];

/** Pairs, each worked off to a comparison: the steps of Compare, and the rows of the transfer map. */
export class ComparedPairs {
  #steps = $state.raw<readonly ComparisonStep[]>([]);
  #isComputing = $state(false);
  #error = $state.raw<NamedError | null>(null);
  /** Ends the work on pairs that are no longer compared. */
  #abort = new AbortController();

  constructor(
    private readonly shelf: RunShelf,
    private readonly figures: FigureBackend,
  ) {}

  /** One per pair, in their order. */
  get steps(): readonly ComparisonStep[] {
    return this.#steps;
  }
  get isComputing(): boolean {
    return this.#isComputing;
  }
  get error(): NamedError | null {
    return this.#error;
  }

  /** Compares these instead of the ones before. */
  async compare(pairs: readonly SidePair[]): Promise<void> {
    this.#abort.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#error = null;
    this.#steps = pairs.map(([parent, child]) => ({
      parent,
      child,
      comparison: null,
      problem: '',
    }));
    this.#isComputing = pairs.length > 0;
    try {
      const items = await this.#items(pairs);
      if (!abort.signal.aborted) await this.#work(items, abort.signal);
    } catch (thrown) {
      if (!abort.signal.aborted) this.#error = asNamedError(thrown);
    } finally {
      if (!abort.signal.aborted) this.#isComputing = false;
    }
  }

  /** Items that count, of each side of each pair; every run is read once. */
  async #items(pairs: readonly SidePair[]): Promise<readonly ItemsOfPair[]> {
    if (pairs.length === 0) return [];
    const store = await this.shelf.store();
    const runIds = pairs
      .flatMap((pair) => pair.map(({ runId }) => runId))
      .filter((runId, at, all) => all.indexOf(runId) === at);
    const runs = await Promise.all(
      runIds.map(async (runId) => countedItems((await store.listing(runId)).entries)),
    );
    const itemsOf = ({ runId, checkpointId }: Side): readonly ItemFigures[] =>
      runs[runIds.indexOf(runId)]?.get(checkpointId) ?? [];
    return pairs.map(([parent, child]) => [itemsOf(parent), itemsOf(child)]);
  }

  /** Pair after pair: each is shown when it is done. */
  async #work(pairs: readonly ItemsOfPair[], signal: AbortSignal): Promise<void> {
    for (const [place, [parents, children]] of pairs.entries()) {
      const comparison = await this.figures.compare(parents, children, signal);
      if (signal.aborted) return;
      const problem = comparison === null ? NOTHING_IN_COMMON : '';
      this.#steps = this.#steps.map((step, at) =>
        at === place ? { ...step, comparison, problem } : step,
      );
    }
  }
}

export class RunComparison {
  #sides = $state.raw<readonly Side[]>([]);

  /** Every checkpoint of every stored run that has answered, the newest run first. */
  readonly available = $derived.by<readonly SideFacts[]>(() =>
    this.shelf.runs.flatMap((run) =>
      run.settings.checkpointIds.flatMap((checkpointId) => {
        const answerer = run.answerers[checkpointId];
        return answerer ? [{ runId: run.id, checkpointId, run, answerer }] : [];
      }),
    ),
  );

  /** In the order in which they are compared. */
  readonly sides = $derived.by<readonly SideFacts[]>(() =>
    this.#sides.flatMap((side) => this.available.find((one) => isSameSide(one, side)) ?? []),
  );

  constructor(
    private readonly shelf: RunShelf,
    private readonly pairs: ComparedPairs,
  ) {}

  /** One less than there are sides. */
  get steps(): readonly ComparisonStep[] {
    return this.pairs.steps;
  }
  get isComputing(): boolean {
    return this.pairs.isComputing;
  }
  get error(): NamedError | null {
    return this.pairs.error;
  }

  has(side: Side): boolean {
    return this.#sides.some((one) => isSameSide(one, side));
  }

  /** Puts a side at the end, or takes it away. */
  async toggle(side: Side): Promise<void> {
    const without = this.#sides.filter((one) => !isSameSide(one, side));
    const isThere = without.length < this.#sides.length;
    if (!isThere && without.length >= MAX_SIDES) return;
    await this.compare(isThere ? without : [...without, side]);
  }

  /** Moves a side one place towards the beginning. */
  async moveUp(side: Side): Promise<void> {
    const at = this.#sides.findIndex((one) => isSameSide(one, side));
    const before = this.#sides[at - 1];
    if (before === undefined) return;
    await this.compare(this.#sides.with(at - 1, side).with(at, before));
  }

  /** Compares these, each with the one before it. */
  async compare(sides: readonly Side[]): Promise<void> {
    this.#sides = sides.slice(0, MAX_SIDES);
    await this.pairs.compare(pairsOf(this.sides));
  }
}

type ItemsOfPair = readonly [parents: readonly ItemFigures[], children: readonly ItemFigures[]];

const NOTHING_IN_COMMON =
  'These two were asked nothing in common: compare checkpoints of one run, or runs with the same seed, sets and kind of question.';

const isSameSide = (a: Side, b: Side): boolean =>
  a.runId === b.runId && a.checkpointId === b.checkpointId;

function pairsOf(sides: readonly SideFacts[]): SidePair[] {
  return sides.slice(1).flatMap((side, at) => {
    const before = sides[at];
    return before === undefined ? [] : [[before, side] as const];
  });
}
