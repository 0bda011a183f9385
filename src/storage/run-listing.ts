/**
 * What the list and the figures of a run need, as texts in one record: thirty thousand records of their own
 * take ten times as long to read. It is kept beside them once a run is whole, and can always be made anew.
 */

import { totalOf } from '../core/sets/total-records.ts';
import { Slices } from './slices.ts';
import type { StoredEntry, StoredItem, StoredRun } from './stored-run.ts';

/** An item as a list shows it. */
export type ListedItem = Omit<StoredItem, 'wrongImages'>;

export interface RunListing {
  /** In the order of the run. */
  readonly items: readonly ListedItem[];
  /** Finished records, by checkpoint and place. */
  readonly entries: readonly StoredEntry[];
}

/** JSON of a few hundred items or entries each. */
export interface PackedListing {
  readonly runId: string;
  /** Items and finished records of the run when this was made: with more it no longer holds. */
  readonly planned: number;
  readonly done: number;
  readonly items: readonly string[];
  readonly entries: readonly string[];
}

/** A few milliseconds to read. */
const AT_ONCE = 400;

export const isWhole = (run: StoredRun): boolean => run.done > 0 && run.done === totalOf(run);

export const holds = (listing: PackedListing, run: StoredRun): boolean =>
  listing.planned === run.items && listing.done === run.done;

export async function packListing(
  runId: string,
  { items, entries }: RunListing,
): Promise<PackedListing> {
  const listed = items.map(({ itemId, image, question }) => ({ itemId, image, question }));
  return {
    runId,
    planned: items.length,
    done: entries.length,
    items: await textsOf(listed),
    // The run's id stands in every entry.
    entries: await textsOf(
      entries.map(({ checkpointId, place, figures }) => [checkpointId, place, figures]),
    ),
  };
}

export async function unpackListing({ runId, items, entries }: PackedListing): Promise<RunListing> {
  type PackedEntry = [string, number, StoredEntry['figures']];
  return {
    items: await valuesOf<ListedItem>(items),
    entries: (await valuesOf<PackedEntry>(entries)).map(([checkpointId, place, figures]) => ({
      runId,
      checkpointId,
      place,
      figures,
    })),
  };
}

async function textsOf(values: readonly unknown[]): Promise<readonly string[]> {
  const slices = new Slices('Listing a run');
  const texts: string[] = [];
  for (let from = 0; from < values.length; from += AT_ONCE) {
    if (slices.isOver) await slices.next();
    texts.push(JSON.stringify(values.slice(from, from + AT_ONCE)));
  }
  return texts;
}

async function valuesOf<Value>(texts: readonly string[]): Promise<readonly Value[]> {
  const slices = new Slices('Listing a run');
  const values: Value[] = [];
  for (const text of texts) {
    if (slices.isOver) await slices.next();
    for (const value of JSON.parse(text) as readonly Value[]) values.push(value);
  }
  return values;
}
