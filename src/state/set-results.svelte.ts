/**
 * What one stored run says: the figures of each checkpoint, which follow while it goes on, and its
 * items. Only what is new is resampled.
 */

import type { RunFigures } from '../core/sets/run-figures.ts';
import { isOwnPlace } from '../core/sets/shard.ts';
import type { RgbImage } from '../core/types.ts';
import { countedItems, itemRows, joinedEntries } from '../evaluation/item-rows.ts';
import { asNamedError, type NamedError } from '../protocol/errors.ts';
import type { FigureBackend } from '../protocol/figures.ts';
import type { ListedItem } from '../storage/run-listing.ts';
import type { StoredEntry, StoredRun } from '../storage/stored-run.ts';
import { HeldImages } from './held-images.ts';
import type { NewRecord } from './run-results.svelte.ts';
import type { RunShelf } from './run-shelf.svelte.ts';

/** Records that come in are taken over together, so often; milliseconds. */
const FOLLOW_MS = 400;
/** Pictures that are held for the list. */
const IMAGES_HELD = 600;

export interface CheckpointFigures {
  readonly checkpointId: string;
  /** Items that count: with a marked truth and a whole record. */
  readonly items: number;
  readonly figures: RunFigures;
}

export interface ResultPorts {
  /** Runs `work` when the page has time, or after `delayMs`. */
  readonly soon: (work: () => void, delayMs?: number) => void;
  /** Milliseconds. */
  readonly clock: () => number;
  readonly figures: FigureBackend;
}

export class SetResults {
  #runId = $state<string | null>(null);
  #items = $state.raw<readonly ListedItem[]>([]);
  #entries = $state.raw<readonly StoredEntry[]>([]);
  #figures = $state.raw<readonly CheckpointFigures[]>([]);
  #isComputing = $state(false);
  #error = $state.raw<NamedError | null>(null);
  /** Counts up with every run that is opened or closed: work for another one is dropped. */
  #version = 0;
  /** Ends the resampling of what is no longer open. */
  #abort = new AbortController();
  /** The run that is being read or shown. */
  #wanted: string | null = null;
  /** Records that are not taken over yet. */
  #incoming: StoredEntry[] = [];
  #isFollowing = false;
  readonly #images = new HeldImages(IMAGES_HELD);

  readonly run = $derived.by<StoredRun | null>(() =>
    this.#runId === null ? null : (this.shelf.find(this.#runId) ?? null),
  );

  /** The items that the run answers, in its order. */
  readonly rows = $derived(
    itemRows(this.#items, this.#entries).filter(({ place }) => isOwnPlace(place, this.run?.shard)),
  );

  /** Finished records that are not taken over yet. */
  readonly behind = $derived(Math.max(0, (this.run?.done ?? 0) - this.#entries.length));

  /** Items of each checkpoint that count. */
  readonly itemsOf = $derived(countedItems(this.#entries));

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

  async open(runId: string): Promise<void> {
    const version = this.#begin();
    this.#wanted = runId;
    this.#incoming = [];
    this.#error = null;
    try {
      const store = await this.shelf.store();
      const { items, entries } = await store.listing(runId);
      if (version !== this.#version) return;
      this.#runId = runId;
      this.#items = items;
      this.#entries = entries;
      this.#figures = [];
      void this.#compute();
    } catch (thrown) {
      if (version === this.#version) this.#error = asNamedError(thrown);
    }
  }

  close(): void {
    this.#begin();
    this.#wanted = null;
    this.#runId = null;
    this.#items = [];
    this.#entries = [];
    this.#incoming = [];
    this.#figures = [];
    this.#isComputing = false;
  }

  /** A record was finished: the open run has it a moment later, and its intervals after that. */
  follow(entry: StoredEntry): void {
    if (entry.runId !== this.#wanted) return;
    this.#incoming.push(entry);
    this.#followSoon(FOLLOW_MS);
  }

  /** What Explore shows of an item: its stored records, one per checkpoint, with the pixels. */
  async recordsOf(place: number): Promise<readonly NewRecord[]> {
    const { run } = this;
    if (run === null) return [];
    const store = await this.shelf.store();
    const { id: runId, createdAt, settings } = run;
    const records = await Promise.all(
      settings.checkpointIds.map((checkpointId) => store.record({ runId, checkpointId, place })),
    );
    return Promise.all(
      records
        .filter((record) => record !== null)
        .map(async (record) => ({
          record,
          image: await store.image(record.image.sha256),
          origin: 'stored' as const,
          createdAt,
        })),
    );
  }

  /** Pixels by SHA-256; the last few hundred are held. `null` where they are not there. */
  image(sha256: string): Promise<RgbImage | null> {
    return this.#images.get(sha256, async () => (await this.shelf.store()).image(sha256));
  }

  #begin(): number {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#version += 1;
    return this.#version;
  }

  #followSoon(delayMs: number): void {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    this.ports.soon(() => {
      this.#isFollowing = false;
      // While intervals are drawn, their end looks for what came in.
      if (this.#runId === this.#wanted && !this.#isComputing) this.#takeIncoming();
    }, delayMs);
  }

  #takeIncoming(): void {
    if (this.#incoming.length === 0) return;
    this.#entries = joinedEntries(this.#entries, this.#incoming);
    this.#incoming = [];
    void this.#compute();
  }

  /** First values, then intervals, of the checkpoints that have more items than before. */
  async #compute(): Promise<void> {
    const version = this.#version;
    const { signal } = this.#abort;
    const startedAt = this.ports.clock();
    const ids = this.run?.settings.checkpointIds ?? [];
    this.#isComputing = true;
    try {
      for (const checkpointId of ids) {
        const items = this.itemsOf.get(checkpointId) ?? [];
        const shown = this.#figures.find((one) => one.checkpointId === checkpointId);
        if (items.length === (shown?.items ?? 0)) continue;
        const publish = (figures: RunFigures): void => {
          if (version !== this.#version) return;
          const made = { checkpointId, items: items.length, figures };
          this.#figures = ids.flatMap((id) =>
            id === checkpointId ? [made] : this.#figures.filter((one) => one.checkpointId === id),
          );
        };
        // Earlier intervals stay until there are new ones.
        const onValues = shown ? () => undefined : publish;
        publish(await this.ports.figures.runFigures(items, { signal, onValues }));
      }
    } catch (thrown) {
      if (version === this.#version) this.#error = asNamedError(thrown);
    }
    if (version !== this.#version) return;
    this.#isComputing = false;
    // At least as long for everything else as for this.
    if (this.#incoming.length > 0) {
      this.#followSoon(Math.max(FOLLOW_MS, this.ports.clock() - startedAt));
    }
  }
}
