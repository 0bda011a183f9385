/**
 * Runs over many items in IndexedDB: what was planned, what is finished, and the images, so that a run
 * goes on after the tab, the worker or the browser was closed. A record, its figures and the run's count
 * are written in one transaction: a crash leaves either all of an item or nothing.
 */

import { deleted } from './deleted-run.ts';
import { openDB, type IDBPDatabase } from 'idb';
import type { Answerer, ItemRecord, RgbImage } from '../core/types.ts';
import { packRecord, unpackRecord, type PackedRecord } from './packed-record.ts';
import { holds, isWhole, packListing, unpackListing, type RunListing } from './run-listing.ts';
import { keyOf, rangeOf, UPGRADES, type Schema } from './run-schema.ts';
import { guarded, storageError, written } from './store-requests.ts';
import {
  imagesOf,
  itemsByDataset,
  type RecordPlace,
  type StoredEntry,
  type StoredItem,
  type StoredRun,
} from './stored-run.ts';

export interface NewRun {
  readonly run: StoredRun;
  readonly items: readonly StoredItem[];
  /** Of the items and of their wrong images, by SHA-256. */
  readonly images: ReadonlyMap<string, RgbImage>;
}

/** A finished record as a file gives it. */
export interface AddedRecord {
  readonly at: RecordPlace;
  readonly packed: PackedRecord;
  readonly figures: StoredEntry['figures'];
}

/** A part of a run that comes from a file. */
export interface RunPart {
  readonly runId: string;
  /** All items, where there are more of them now. */
  readonly items: readonly StoredItem[] | null;
  readonly checkpointIds: readonly string[];
  readonly images: ReadonlyMap<string, RgbImage>;
  readonly records: readonly AddedRecord[];
}

/** Entries of one message from the database: a few milliseconds to unpack. */
const ENTRIES_AT_ONCE = 500;

export class RunStore {
  private constructor(private readonly db: IDBPDatabase<Schema>) {}

  /** @throws NamedError `StorageFailed` where the browser gives no database */
  static async open(name = 'supportlens'): Promise<RunStore> {
    try {
      const db = await openDB<Schema>(name, UPGRADES.length, {
        upgrade: (database, from) => {
          for (const step of UPGRADES.slice(from)) step(database);
        },
        // Another tab has a newer version: it may upgrade, and this one says so at its next call.
        blocking: (_current, _blocked, event) => {
          (event.target as IDBDatabase).close();
        },
      });
      return new RunStore(db);
    } catch (thrown) {
      throw storageError(thrown);
    }
  }

  close(): void {
    this.db.close();
  }

  /** The newest first. */
  async runs(): Promise<readonly StoredRun[]> {
    const runs = await guarded(() => this.db.getAll('runs'));
    return runs.sort((a, b) => b.createdAt.localeCompare(a.createdAt) || (a.id < b.id ? -1 : 1));
  }

  run(runId: string): Promise<StoredRun | undefined> {
    return guarded(() => this.db.get('runs', runId));
  }

  async items(runId: string): Promise<readonly StoredItem[]> {
    return (await guarded(() => this.db.get('items', runId)))?.items ?? [];
  }

  /** Writes a run with everything that it needs to go on, before its first answer. */
  async create({ run, items, images }: NewRun): Promise<void> {
    await guarded(async () => {
      const transaction = this.db.transaction(['runs', 'items', 'images'], 'readwrite');
      const pictures = transaction.objectStore('images');
      await written(transaction, [
        () => transaction.objectStore('runs').add(run),
        () => transaction.objectStore('items').add({ runId: run.id, items }),
        ...[...images].map(
          ([sha256, image]) =>
            () =>
              pictures.put(image, sha256),
        ),
      ]);
    });
  }

  /** Writes one finished record; a record that is there already stays. */
  async put(
    at: RecordPlace,
    record: ItemRecord,
    figures: StoredEntry['figures'],
    answerer: Answerer,
  ): Promise<StoredRun> {
    return guarded(async () => {
      const transaction = this.db.transaction(['runs', 'entries', 'records'], 'readwrite');
      const runs = transaction.objectStore('runs');
      const key = keyOf(at);
      const [run, known] = await Promise.all([
        runs.get(at.runId),
        transaction.objectStore('entries').getKey(key),
      ]);
      if (!run) throw deleted();
      if (known !== undefined) return run;
      const next: StoredRun = {
        ...run,
        done: run.done + 1,
        elapsedMs: run.elapsedMs + record.elapsedMs,
        answerers: { ...run.answerers, [at.checkpointId]: answerer },
      };
      await written(transaction, [
        () => transaction.objectStore('entries').add({ ...at, figures }),
        () => transaction.objectStore('records').put(packRecord(record), key),
        () => runs.put(next),
      ]);
      return next;
    });
  }

  /** Writes a part of a run in one transaction; records that are there already stay. */
  async add({ runId, items, checkpointIds, images, records }: RunPart): Promise<StoredRun> {
    return guarded(async () => {
      const transaction = this.db.transaction(
        ['runs', 'items', 'entries', 'records', 'images'],
        'readwrite',
      );
      const runs = transaction.objectStore('runs');
      const entries = transaction.objectStore('entries');
      const [run, ...known] = await Promise.all([
        runs.get(runId),
        ...records.map(({ at }) => entries.getKey(keyOf(at))),
      ]);
      if (!run) throw deleted();
      const fresh = records.filter((_, place) => known[place] === undefined);
      const heads = fresh.map(({ packed }) => packed.head);
      const next: StoredRun = {
        ...run,
        ...(items && { items: items.length, datasets: itemsByDataset(items) }),
        settings: { ...run.settings, checkpointIds },
        done: run.done + fresh.length,
        elapsedMs: heads.reduce((sum, { elapsedMs }) => sum + elapsedMs, run.elapsedMs),
        answerers: {
          ...run.answerers,
          ...Object.fromEntries(heads.map(({ answerer }) => [answerer.checkpointId, answerer])),
        },
      };
      await written(transaction, [
        () => runs.put(next),
        ...(items ? [() => transaction.objectStore('items').put({ runId, items })] : []),
        ...fresh.flatMap(({ at, packed, figures }) => [
          () => entries.add({ ...at, figures }),
          () => transaction.objectStore('records').put(packed, keyOf(at)),
        ]),
        ...[...images].map(
          ([sha256, image]) =>
            () =>
              transaction.objectStore('images').put(image, sha256),
        ),
      ]);
      return next;
    });
  }

  /** Places of the finished items of one checkpoint. */
  async finished(runId: string, checkpointId: string): Promise<ReadonlySet<number>> {
    const keys = await guarded(() => this.db.getAllKeys('entries', rangeOf([runId, checkpointId])));
    return new Set(keys.map(([, , place]) => place));
  }

  /** Everything that is finished, by checkpoint and place. Read in pieces: the page has its turn between them. */
  entries(runId: string): Promise<readonly StoredEntry[]> {
    return guarded(async () => {
      const entries: StoredEntry[] = [];
      let rest = rangeOf([runId]);
      for (;;) {
        const piece = await this.db.getAll('entries', rest, ENTRIES_AT_ONCE);
        for (const entry of piece) entries.push(entry);
        const last = piece.at(-1);
        if (!last || piece.length < ENTRIES_AT_ONCE) return entries;
        rest = IDBKeyRange.bound(keyOf(last), rest.upper, true);
      }
    });
  }

  /** Items and finished records as a list needs them: quick for a whole run from the second time on. */
  async listing(runId: string): Promise<RunListing> {
    const [run, kept] = await guarded(() =>
      Promise.all([this.db.get('runs', runId), this.db.get('listings', runId)]),
    );
    if (run && kept && holds(kept, run)) return unpackListing(kept);
    const [items, entries] = await Promise.all([this.items(runId), this.entries(runId)]);
    // Without room it is made anew the next time.
    if (run && isWhole(run))
      void this.keepListing(runId, { items, entries }).catch(() => undefined);
    return { items, entries };
  }

  /** @returns `null` where it is not finished */
  async record(at: RecordPlace): Promise<ItemRecord | null> {
    const packed = await this.packedRecord(at);
    return packed ? unpackRecord(packed) : null;
  }

  /** As it is stored; `null` where it is not finished. */
  async packedRecord(at: RecordPlace): Promise<PackedRecord | null> {
    return (await guarded(() => this.db.get('records', keyOf(at)))) ?? null;
  }

  async image(sha256: string): Promise<RgbImage | null> {
    return (await guarded(() => this.db.get('images', sha256))) ?? null;
  }

  /** How many of these images are not here. */
  async missingImages(sha256s: Iterable<string>): Promise<number> {
    const here = new Set(await guarded(() => this.db.getAllKeys('images')));
    return [...new Set(sha256s)].filter((sha256) => !here.has(sha256)).length;
  }

  async rename(runId: string, name: string): Promise<void> {
    await guarded(async () => {
      const transaction = this.db.transaction('runs', 'readwrite');
      const run = await transaction.store.get(runId);
      if (run) await transaction.store.put({ ...run, name });
      await transaction.done;
    });
  }

  /** Deletes a run with its records, and the images that no other run has. */
  async delete(runId: string): Promise<void> {
    await guarded(async () => {
      const transaction = this.db.transaction(
        ['runs', 'items', 'entries', 'records', 'images', 'listings'],
        'readwrite',
      );
      const all = await transaction.objectStore('items').getAll();
      const kept = new Set(
        all.filter((one) => one.runId !== runId).flatMap(({ items }) => items.flatMap(imagesOf)),
      );
      const own = all.filter((one) => one.runId === runId).flatMap(({ items }) => items);
      const orphans = new Set(own.flatMap(imagesOf).filter((sha256) => !kept.has(sha256)));
      await written(transaction, [
        () => transaction.objectStore('runs').delete(runId),
        () => transaction.objectStore('items').delete(runId),
        () => transaction.objectStore('listings').delete(runId),
        () => transaction.objectStore('entries').delete(rangeOf([runId])),
        () => transaction.objectStore('records').delete(rangeOf([runId])),
        ...[...orphans].map((sha256) => () => transaction.objectStore('images').delete(sha256)),
      ]);
    });
  }

  private async keepListing(runId: string, listing: RunListing): Promise<void> {
    const packed = await packListing(runId, listing);
    const transaction = this.db.transaction(['runs', 'listings'], 'readwrite');
    // It may have been deleted meanwhile.
    if (await transaction.objectStore('runs').getKey(runId)) {
      await transaction.objectStore('listings').put(packed);
    }
    await transaction.done;
  }
}
