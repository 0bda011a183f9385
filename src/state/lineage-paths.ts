/** The ways from a start to an end of training through the checkpoints that are at hand. Pure. */

export interface LineageRow {
  readonly id: string;
  /** The row that it was trained from; `null` for a start from scratch. */
  readonly parent: string | null;
}

export interface TrainingRow extends LineageRow {
  /** The data sets of its own RL run; empty where its own step was no RL, `null` where that is not known. */
  readonly rlOn: readonly string[] | null;
}

/**
 * How the table has it that a checkpoint came from another: `step` straight from it, `way` with stages in
 * between, `none` not at all; `unknown` where the table lacks one of them.
 */
export type Descent = 'step' | 'way' | 'none' | 'unknown';

export function descentOf(rows: readonly LineageRow[], parentId: string, childId: string): Descent {
  const child = rows.find(({ id }) => id === childId);
  if (!child || !rows.some(({ id }) => id === parentId)) return 'unknown';
  if (child.parent === parentId) return 'step';
  const before = wayTo(
    childId,
    rows,
    rows.map(({ id }) => id),
  ).slice(0, -1);
  return before.includes(parentId) ? 'way' : 'none';
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
