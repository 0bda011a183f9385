/** Which part of the tree one river runs through, and where its bands lie. Pure. */

import type { River, RiverAnswer, RiverNode } from './river-tree.ts';

/** Samples of one leaf with the same answer. */
export interface Cell {
  /** Place of the answer in the shared order; `OPEN` for samples that are not finished. */
  readonly rank: number;
  readonly places: readonly number[];
}

/** A node of the tree as one river runs through it. */
export interface Placed {
  readonly node: RiverNode;
  /** Places in the river's samples. */
  readonly places: readonly number[];
  /** In the order in which they lie, from the top. */
  readonly cells: readonly Cell[];
  readonly children: readonly Placed[];
  /** Upper edge, px; set once all leaves have their place. */
  top: number;
}

const OPEN = -1;

/** The part of the tree that this river runs through. */
export function prune(
  node: RiverNode,
  riverPlace: number,
  river: River,
  answers: readonly RiverAnswer[],
): Placed {
  const places = node.members.filter((member) => member.river === riverPlace).map((m) => m.place);
  const children = node.children
    .filter((child) => child.members.some((member) => member.river === riverPlace))
    .map((child) => prune(child, riverPlace, river, answers));
  if (children.length > 0) {
    return { node, places, children, cells: children.flatMap((child) => child.cells), top: 0 };
  }
  const byRank = new Map<number, number[]>();
  for (const place of places) {
    const sample = river.samples[place];
    if (!sample) continue;
    const rank = sample.open ? OPEN : answers.findIndex((answer) => answer.key === sample.answer);
    const members = byRank.get(rank);
    if (members) members.push(place);
    else byRank.set(rank, [place]);
  }
  const cells = [...byRank]
    .sort(([a], [b]) => a - b)
    .map(([rank, members]) => ({ rank, places: members }))
    .sort((a, b) => rightCount([a], answers) - rightCount([b], answers));
  return { node, places, children, cells, top: 0 };
}

export function leavesOf(placed: Placed): readonly Placed[] {
  return placed.children.length === 0 ? [placed] : placed.children.flatMap(leavesOf);
}

/** Gaps between neighbouring leaves: wider where they parted earlier, within a budget. */
export function leafGaps(leaves: readonly Placed[], thickness: number): readonly number[] {
  const wanted = leaves.slice(1).map((leaf, at) => {
    const before = leaves[at]?.node.id ?? '';
    return 5 + 16 / (1 + sharedLevels(before, leaf.node.id));
  });
  const total = wanted.reduce((sum, gap) => sum + gap, 0);
  const scale = total === 0 ? 1 : Math.min(1, (thickness * 0.65) / total);
  return wanted.map((gap) => gap * scale);
}

function sharedLevels(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  const parted = left.findIndex((part, at) => part !== right[at]);
  return Math.max(0, (parted < 0 ? left.length : parted) - 1);
}

/** Puts every parent over the middle of its leaves. */
export function settle(placed: Placed, unit: number): void {
  if (placed.children.length === 0) return;
  placed.children.forEach((child) => {
    settle(child, unit);
  });
  const first = placed.children[0];
  const last = placed.children.at(-1);
  if (!first || !last) return;
  const middle = (first.top + last.top + last.places.length * unit) / 2;
  placed.top = middle - (placed.places.length * unit) / 2;
}

/** How many of the samples in the cells reach the truth. */
export function rightCount(cells: readonly Cell[], answers: readonly RiverAnswer[]): number {
  return cells.reduce(
    (sum, { rank, places }) => sum + (answers[rank]?.correct === true ? places.length : 0),
    0,
  );
}
