/** What a run over many items is made of, as it is stored. Plain data for structured clone. */

import type { ItemFigures } from '../core/sets/item-figures.ts';
import { isOwnPlace, type Shard } from '../core/sets/shard.ts';
import type {
  Answerer,
  ImageSource,
  PromptMode,
  Question,
  SamplerSettings,
} from '../core/types.ts';

/** What is asked of every item by every checkpoint. */
export interface RunSettings {
  readonly checkpointIds: readonly string[];
  readonly promptMode: PromptMode;
  readonly hint: string | null;
  readonly sampler: SamplerSettings;
  /** Also the second seed and the wrong images. */
  readonly nulls: boolean;
}

/** Images that stand in for an item's own in the wrong-image null, or why there are none. */
export type StoredWrongImages =
  | { readonly images: readonly ImageSource[]; readonly atHand: number; readonly reason: null }
  | { readonly images: null; readonly reason: string };

export interface StoredItem {
  readonly itemId: string;
  readonly image: ImageSource;
  readonly question: Question;
  /** `null` when the run draws no nulls. */
  readonly wrongImages: StoredWrongImages | null;
}

export interface StoredRun {
  readonly id: string;
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly origin: 'here' | 'imported';
  readonly settings: RunSettings;
  /** Absent where it answers all of its plan. */
  readonly shard?: Shard;
  /** Items of the plan by set, in the order of the run. */
  readonly datasets: readonly { readonly dataset: string; readonly items: number }[];
  /** Of the plan: a shard has the whole one. */
  readonly items: number;
  /** Finished records, of its items · checkpoints. */
  readonly done: number;
  /** Milliseconds that they took, loading not counted. */
  readonly elapsedMs: number;
  /** By checkpoint, once it has answered. */
  readonly answerers: Readonly<Record<string, Answerer>>;
}

/** SHA-256 of its image and of its wrong images. */
export function imagesOf({ image, wrongImages }: StoredItem): readonly string[] {
  return [image.sha256, ...(wrongImages?.images ?? []).map(({ sha256 }) => sha256)];
}

/** The items that the run answers: all of them, or those of its shard. */
export const ownItems = (
  items: readonly StoredItem[],
  shard: Shard | undefined,
): readonly StoredItem[] => items.filter((_, place) => isOwnPlace(place, shard));

/** Items by set, in the order in which the sets come first. */
export function itemsByDataset(items: readonly Pick<StoredItem, 'image'>[]): StoredRun['datasets'] {
  const counts = new Map<string, number>();
  for (const { image } of items) {
    const dataset = image.dataset ?? '';
    counts.set(dataset, (counts.get(dataset) ?? 0) + 1);
  }
  return [...counts].map(([dataset, count]) => ({ dataset, items: count }));
}

/** Where a record stands in its run. */
export interface RecordPlace {
  readonly runId: string;
  readonly checkpointId: string;
  /** Place of the item in the run, from 0. */
  readonly place: number;
}

/** One finished record as lists and figures need it. */
export interface StoredEntry extends RecordPlace {
  /** `null` when it cannot count: no truth is marked. */
  readonly figures: ItemFigures | null;
}
