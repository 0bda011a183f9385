/** The items of a run that comes in from a file, and the place of each plan line and record among them. */

import type { ItemRecord } from '../core/types.ts';
import { isOwnPlace, type Shard } from '../core/sets/shard.ts';
import { questionInOrder } from './run-lines.ts';
import { imagesOf, itemsByDataset, type StoredItem, type StoredRun } from './stored-run.ts';

export class IntakeItems {
  private readonly all: StoredItem[];
  /** Places of equal items, in order. */
  private readonly places = new Map<string, number[]>();
  /** How many of equal items came by, by what they came as: a plan line, or a checkpoint's record. */
  private readonly seen = new Map<string, number>();
  private readonly images = new Set<string>();
  private writtenItems: number;

  /** @param mayGrow items that are not there yet are added */
  constructor(
    items: readonly StoredItem[],
    private readonly mayGrow: boolean,
    private readonly shard?: Shard,
  ) {
    this.all = [...items];
    this.writtenItems = items.length;
    for (const [place, item] of items.entries()) this.know(itemKey(item), place, item);
  }

  get items(): readonly StoredItem[] {
    return this.all;
  }

  /** Items came in since they were written. */
  get hasNew(): boolean {
    return this.all.length > this.writtenItems;
  }

  /** An item shows the image, or is to be shown it as a wrong one. */
  shows(sha256: string): boolean {
    return this.images.has(sha256);
  }

  written(): void {
    this.writtenItems = this.all.length;
  }

  summary(): Pick<StoredRun, 'items' | 'datasets'> {
    return { items: this.all.length, datasets: itemsByDataset(this.all) };
  }

  /** @returns its place; `null` where the run does not have it and does not grow */
  plan(item: StoredItem): number | null {
    return this.place('plan', item, () => item);
  }

  /** The same for the item of a record; a shard has records of its own places only. */
  placeOf(record: ItemRecord): number | null {
    const kind = `of ${record.answerer.checkpointId}`;
    return this.place(kind, record, () => (this.shard ? null : itemOf(record)), this.shard);
  }

  private place(
    kind: string,
    asked: Pick<StoredItem, 'itemId' | 'image' | 'question'>,
    make: () => StoredItem | null,
    shard?: Shard,
  ): number | null {
    const key = itemKey(asked);
    const turn = this.seen.get(`${kind} ${key}`) ?? 0;
    const places = (this.places.get(key) ?? []).filter((place) => isOwnPlace(place, shard));
    const known = places[turn];
    const item = known === undefined && this.mayGrow ? make() : null;
    if (known === undefined && item === null) return null;
    this.seen.set(`${kind} ${key}`, turn + 1);
    return item ? this.know(key, this.all.push(item) - 1, item) : (known ?? null);
  }

  private know(key: string, place: number, item: StoredItem): number {
    for (const sha256 of imagesOf(item)) this.images.add(sha256);
    const places = this.places.get(key) ?? [];
    places.push(place);
    this.places.set(key, places);
    return place;
  }
}

/** Equal for what is the same item: the same id, image and question. */
export function itemKey({
  itemId,
  image,
  question,
}: Pick<StoredItem, 'itemId' | 'image' | 'question'>) {
  return JSON.stringify([itemId, image.sha256, questionInOrder(question)]);
}

/** The item that a record answers, with the wrong images that it was shown. */
function itemOf({ itemId, image, question, nulls }: ItemRecord): StoredItem {
  if (!nulls) return { itemId, image, question, wrongImages: null };
  const { drawn, reason } = nulls.wrongImages;
  const wrongImages = drawn
    ? { images: drawn.images.map((one) => one.image), atHand: drawn.atHand, reason: null }
    : { images: null, reason: reason ?? 'No wrong images were drawn.' };
  return { itemId, image, question, wrongImages };
}
