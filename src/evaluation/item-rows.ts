/** The items of a run with what each checkpoint made of them. Pure. */

import type { ItemFigures } from '../core/sets/item-figures.ts';
import type { ListedItem } from '../storage/run-listing.ts';
import type { StoredEntry } from '../storage/stored-run.ts';

export interface ItemRow {
  readonly place: number;
  readonly item: ListedItem;
  /** By checkpoint id; a checkpoint that has not answered it is not there. */
  readonly figures: Readonly<Record<string, ItemFigures>>;
}

/** One row per item, in the order of the run. */
export function itemRows(
  items: readonly ListedItem[],
  entries: readonly StoredEntry[],
): readonly ItemRow[] {
  const byPlace = new Map<number, Record<string, ItemFigures>>();
  for (const { place, checkpointId, figures } of entries) {
    if (figures === null) continue;
    const own = byPlace.get(place) ?? {};
    own[checkpointId] = figures;
    byPlace.set(place, own);
  }
  return items.map((item, place) => ({ place, item, figures: byPlace.get(place) ?? {} }));
}

/** Items of each checkpoint that count, in the order in which they were finished. */
export function countedItems(
  entries: readonly StoredEntry[],
): ReadonlyMap<string, readonly ItemFigures[]> {
  const items = new Map<string, ItemFigures[]>();
  for (const { checkpointId, figures } of entries) {
    if (figures === null) continue;
    const own = items.get(checkpointId);
    if (own) own.push(figures);
    else items.set(checkpointId, [figures]);
  }
  return items;
}

/** With those of `more` that are not there yet. */
export function joinedEntries(
  entries: readonly StoredEntry[],
  more: readonly StoredEntry[],
): readonly StoredEntry[] {
  const key = ({ checkpointId, place }: StoredEntry): string => `${checkpointId} ${String(place)}`;
  const known = new Set(entries.map(key));
  return [...entries, ...more.filter((one) => !known.has(key(one)))];
}
