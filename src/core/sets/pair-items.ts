/** The same items under two checkpoints: only what both were asked is compared. */
import type { ItemFigures } from './item-figures.ts';
import { secondSeedItem, type MetricItem } from './set-metrics.ts';

export interface Pair<Item = MetricItem> {
  readonly parent: Item;
  readonly child: Item;
}

export interface Pairing {
  readonly pairs: readonly Pair<ItemFigures>[];
  /** Items that only one side has, was asked otherwise, with another image, or has twice. */
  readonly unpairedParents: number;
  readonly unpairedChildren: number;
}

const keyOf = ({ itemId, questionKey }: ItemFigures): string => `${itemId} ${questionKey}`;

/** In the order of the parent's items; of items that one side has twice the first counts. */
export function pairItems(
  parents: readonly ItemFigures[],
  children: readonly ItemFigures[],
): Pairing {
  const open = new Map(children.toReversed().map((child) => [keyOf(child), child]));
  const pairs = parents.flatMap((parent) => {
    const child = open.get(keyOf(parent));
    open.delete(keyOf(parent));
    return child ? [{ parent, child }] : [];
  });
  return {
    pairs,
    unpairedParents: parents.length - pairs.length,
    unpairedChildren: children.length - pairs.length,
  };
}

/** The A/A null: items against themselves under the second seed, where that was drawn. */
export function seedPairs(items: readonly ItemFigures[]): readonly Pair[] {
  return items.flatMap((parent) => {
    const child = secondSeedItem(parent);
    return child ? [{ parent, child }] : [];
  });
}
