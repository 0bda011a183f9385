/**
 * Where the checkpoints of a lineage stand: a column per generation, children beside their parent.
 * Subtrees are pushed together as far as their outlines allow, which keeps the strip low. Pure.
 */

export interface LineageItem {
  readonly id: string;
  /** `null`, or an id that is not in the list, starts a tree. */
  readonly parent: string | null;
}

export interface LineagePlace {
  readonly id: string;
  /** The parent, when it is in the list. */
  readonly parent: string | null;
  /** Generations from the root, from 0. */
  readonly column: number;
  readonly row: number;
}

/** A placed subtree: rows relative to its own top, and its outline by column. */
interface Block {
  readonly places: readonly LineagePlace[];
  readonly top: ReadonlyMap<number, number>;
  readonly bottom: ReadonlyMap<number, number>;
}

/** Generations side by side; in the order of the list. */
export function lineageByGeneration(items: readonly LineageItem[]): readonly LineagePlace[] {
  const childrenOf = familyOf(items);
  const place = (item: LineageItem, parent: string | null, column: number): Block => {
    const children = childrenOf(item.id).map((child) => place(child, item.id, column + 1));
    const below = pack(children);
    const rows = below.places.filter((one) => one.parent === item.id).map(({ row }) => row);
    const row = rows.length === 0 ? 0 : Math.floor((Math.min(...rows) + Math.max(...rows)) / 2);
    return blockOf([{ id: item.id, parent, column, row }, ...below.places]);
  };
  const { places } = pack(childrenOf(null).map((root) => place(root, null, 0)));
  const first = Math.min(0, ...places.map(({ row }) => row));
  const byId = new Map(places.map((one) => [one.id, { ...one, row: one.row - first }]));
  return items.flatMap(({ id }) => byId.get(id) ?? []);
}

/** One row per checkpoint, children indented under their parent. */
export function lineageByIndent(items: readonly LineageItem[]): readonly LineagePlace[] {
  const childrenOf = familyOf(items);
  const places: LineagePlace[] = [];
  const visit = (item: LineageItem, parent: string | null, column: number): void => {
    places.push({ id: item.id, parent, column, row: places.length });
    for (const child of childrenOf(item.id)) visit(child, item.id, column + 1);
  };
  for (const root of childrenOf(null)) visit(root, null, 0);
  return places;
}

/** Children of an id in the order of the list; the roots for `null`. */
function familyOf(items: readonly LineageItem[]) {
  const ids = new Set(items.map(({ id }) => id));
  return (parent: string | null): readonly LineageItem[] =>
    items.filter((item) =>
      parent === null
        ? item.parent === null || !ids.has(item.parent)
        : item.parent === parent && ids.has(parent),
    );
}

function blockOf(places: readonly LineagePlace[]): Block {
  const top = new Map<number, number>();
  const bottom = new Map<number, number>();
  for (const { column, row } of places) {
    top.set(column, Math.min(row, top.get(column) ?? row));
    bottom.set(column, Math.max(row, bottom.get(column) ?? row));
  }
  return { places, top, bottom };
}

/** Puts blocks below each other, each as high as its outline allows. */
function pack(blocks: readonly Block[]): Block {
  return blocks.reduce((packed, block) => {
    const shifts = [...block.top].map(([column, row]) => {
      const lowest = packed.bottom.get(column);
      return lowest === undefined ? -Infinity : lowest + 1 - row;
    });
    const most = Math.max(...shifts);
    const shift = Number.isFinite(most) ? most : 0;
    return blockOf([
      ...packed.places,
      ...block.places.map((one) => ({ ...one, row: one.row + shift })),
    ]);
  }, blockOf([]));
}
