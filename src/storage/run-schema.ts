/** The database of runs: its stores, their keys and their upgrades. */

import type { DBSchema, IDBPDatabase } from 'idb';
import type { RgbImage } from '../core/types.ts';
import type { PackedRecord } from './packed-record.ts';
import type { PackedListing } from './run-listing.ts';
import type { RecordPlace, StoredEntry, StoredItem, StoredRun } from './stored-run.ts';

type PlaceKey = [runId: string, checkpointId: string, place: number];

export interface Schema extends DBSchema {
  runs: { key: string; value: StoredRun };
  /** All items of a run, in order. */
  items: { key: string; value: { readonly runId: string; readonly items: readonly StoredItem[] } };
  entries: { key: PlaceKey; value: StoredEntry };
  records: { key: PlaceKey; value: PackedRecord };
  /** By SHA-256 of the pixels; shared by all runs. */
  images: { key: string; value: RgbImage };
  /** Of whole runs that were opened: made from items and entries. */
  listings: { key: string; value: PackedListing };
}

/** Numbered; a step, once shipped, is never edited. */
export const UPGRADES: readonly ((db: IDBPDatabase<Schema>) => void)[] = [
  (db) => {
    db.createObjectStore('runs', { keyPath: 'id' });
    db.createObjectStore('items', { keyPath: 'runId' });
    db.createObjectStore('entries', { keyPath: ['runId', 'checkpointId', 'place'] });
    db.createObjectStore('records');
    db.createObjectStore('images');
  },
  (db) => {
    db.createObjectStore('listings', { keyPath: 'runId' });
  },
];

export const keyOf = ({ runId, checkpointId, place }: RecordPlace): PlaceKey => [
  runId,
  checkpointId,
  place,
];

/** All keys that begin so; an array is greater than every number and text. */
export function rangeOf(beginning: readonly string[]): IDBKeyRange {
  return IDBKeyRange.bound(beginning, [...beginning, []]);
}
