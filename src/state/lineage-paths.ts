/** The ways from a start to an end of training through the checkpoints that are at hand. Pure. */

export interface LineageRow {
  readonly id: string;
  /** The row that it was trained from; `null` for a start from scratch. */
  readonly parent: string | null;
}

/**
 * Each way from a checkpoint without an ancestor at hand to one without a descendant at hand, in the
 * order of the table. One that is missing in between is passed over; ways of a single checkpoint, and
 * checkpoints that the table does not know, are left out.
 */
export function lineagePaths(
  rows: readonly LineageRow[],
  atHand: readonly string[],
): readonly (readonly string[])[] {
  const ids = rows.map(({ id }) => id).filter((id) => atHand.includes(id));
  const ways = ids.map((id) => wayTo(id, rows, atHand));
  return ways.filter(
    (way) =>
      way.length > 1 && !ways.some((other) => other.length > way.length && startsWith(other, way)),
  );
}

function wayTo(
  id: string,
  rows: readonly LineageRow[],
  atHand: readonly string[],
): readonly string[] {
  const way: string[] = [];
  const seen = new Set<string>();
  let next: string | null = id;
  while (next !== null && !seen.has(next)) {
    const current: string = next;
    seen.add(current);
    if (atHand.includes(current)) way.unshift(current);
    next = rows.find((row) => row.id === current)?.parent ?? null;
  }
  return way;
}

const startsWith = (way: readonly string[], beginning: readonly string[]): boolean =>
  beginning.every((id, at) => way[at] === id);
