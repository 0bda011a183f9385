/**
 * What one stored run says: the figures of each checkpoint, which follow while it goes on, and its
 * items. Resampling is done in slices, so that the page stays responsive.
 */

import type { ItemFigures } from '../core/sets/item-figures.ts';
import { RunFigureJob, type RunFigures } from '../core/sets/run-figures.ts';
import type { ItemRecord, RgbImage } from '../core/types.ts';
import { itemRows } from '../evaluation/item-rows.ts';
import { asNamedError, type NamedError } from '../protocol/errors.ts';
import type { StoredEntry, StoredItem, StoredRun } from '../storage/stored-run.ts';
import type { RunShelf } from './run-shelf.svelte.ts';

/** Length of a slice of resampling, milliseconds. */
const SLICE_MS = 12;
const RESAMPLES_AT_ONCE = 10;

export interface CheckpointFigures {
  readonly checkpointId: string;
  /** Items that count: with a marked truth and a whole record. */
  readonly items: number;
  readonly figures: RunFigures;
}

export interface ResultPorts {
  /** Runs `work` when the page has time. */
  readonly soon: (work: () => void) => void;
  /** Milliseconds. */
  readonly clock: () => number;
}

export class SetResults {
  #runId = $state<string | null>(null);
  #items = $state.raw<readonly StoredItem[]>([]);
  #entries = $state.raw<readonly StoredEntry[]>([]);
  #figures = $state.raw<readonly CheckpointFigures[]>([]);
  #isComputing = $state(false);
  #error = $state.raw<NamedError | null>(null);
  /** Counts up with every run that is opened or closed: work for another one is dropped. */
  #version = 0;
  /** Records came in since the resampling began. */
  #isBehind = false;

  readonly run = $derived.by<StoredRun | null>(() =>
    this.#runId === null ? null : (this.shelf.find(this.#runId) ?? null),
  );

  /** In the order of the run. */
  readonly rows = $derived(itemRows(this.#items, this.#entries));

  constructor(
    private readonly shelf: RunShelf,
    private readonly ports: ResultPorts,
  ) {}

  get runId(): string | null {
    return this.#runId;
  }
  /** One per checkpoint that has answered, in the order of the run. */
  get figures(): readonly CheckpointFigures[] {
    return this.#figures;
  }
  /** Intervals are still being drawn; values and earlier intervals are shown. */
  get isComputing(): boolean {
    return this.#isComputing;
  }
  get error(): NamedError | null {
    return this.#error;
  }

  /** Items of one checkpoint that count. */
  itemsOf(checkpointId: string): readonly ItemFigures[] {
    return this.#entries.flatMap((entry) =>
      entry.checkpointId === checkpointId && entry.figures !== null ? [entry.figures] : [],
    );
  }

  async open(runId: string): Promise<void> {
    this.#version += 1;
    const version = this.#version;
    this.#error = null;
    try {
      const store = await this.shelf.store();
      const [items, entries] = await Promise.all([store.items(runId), store.entries(runId)]);
      if (version !== this.#version) return;
      this.#runId = runId;
      this.#items = items;
      this.#entries = entries;
      this.#figures = [];
      this.#compute();
    } catch (thrown) {
      this.#error = asNamedError(thrown);
    }
  }

  close(): void {
    this.#version += 1;
    this.#runId = null;
    this.#items = [];
    this.#entries = [];
    this.#figures = [];
    this.#isComputing = false;
  }

  /** A record was finished: the open run has it at once, and its intervals a little later. */
  follow(entry: StoredEntry): void {
    if (entry.runId !== this.#runId) return;
    this.#entries = [...this.#entries, entry];
    if (this.#isComputing) this.#isBehind = true;
    else this.#compute();
  }

  /** The whole record of an item, with its pixels; `null` where it is not there. */
  async record(
    place: number,
    checkpointId: string,
  ): Promise<{ readonly record: ItemRecord; readonly image: RgbImage | null } | null> {
    if (this.#runId === null) return null;
    const store = await this.shelf.store();
    const record = await store.record({ runId: this.#runId, checkpointId, place });
    return record && { record, image: await store.image(record.image.sha256) };
  }

  async image(sha256: string): Promise<RgbImage | null> {
    return (await this.shelf.store()).image(sha256);
  }

  /** Values at once, intervals slice by slice. */
  #compute(): void {
    const version = this.#version;
    this.#isBehind = false;
    const ids = this.run?.settings.checkpointIds ?? [];
    const jobs = ids.flatMap((checkpointId) => {
      const items = this.itemsOf(checkpointId);
      return items.length === 0
        ? []
        : [{ checkpointId, items: items.length, job: new RunFigureJob(items), isDone: false }];
    });
    this.#isComputing = jobs.length > 0;
    const publish = (): void => {
      this.#figures = jobs.map(({ checkpointId, items, job }) => ({
        checkpointId,
        items,
        figures: job.figures(),
      }));
    };
    if (this.#figures.length < jobs.length) publish();
    if (jobs.length === 0) return;
    const slice = (): void => {
      if (version !== this.#version) return;
      const startedAt = this.ports.clock();
      let next = jobs.find(({ isDone }) => !isDone);
      while (next && this.ports.clock() - startedAt < SLICE_MS) {
        next.isDone = next.job.work(RESAMPLES_AT_ONCE);
        next = jobs.find(({ isDone }) => !isDone);
      }
      if (next) {
        this.ports.soon(slice);
        return;
      }
      publish();
      this.#isComputing = false;
      if (this.#isBehind) this.#compute();
    };
    this.ports.soon(slice);
  }
}
