/**
 * Geometry of the answer river: pure, deterministic, in pixels.
 *
 * One band per run of shared reasoning, as thick as its share of the samples. Leaves stack in the
 * tree's order and a parent lies over the middle of its leaves. Inside a band the samples that reach
 * the truth lie together at the bottom, so that their share can be read at every fork; rejected:
 * keeping them in leaf order, which crosses less and shows the truth as many thin stripes.
 */
import type {
  BandShape,
  EndShape,
  FlowShape,
  RiverBox,
  RiverPicture,
  RiverShape,
} from './river-shapes.ts';
import {
  buildRiverTree,
  type River,
  type RiverAnswer,
  type RiverNode,
  type TreeLimits,
} from './river-tree.ts';

/** Lays out all rivers on shared columns and one scale. */
export function layoutRivers(
  rivers: readonly River[],
  answers: readonly RiverAnswer[],
  box: RiverBox,
  limits: TreeLimits,
): RiverPicture {
  const tree = buildRiverTree(rivers, answers, limits);
  const columns = columnsOf(tree, box.width);
  return {
    width: box.width,
    levels: Math.max(0, columns.length - 2),
    rivers: rivers.map((river, place) => layoutOne(river, place, tree, answers, columns, box)),
  };
}

/** Column starts, then the start of the last gap, then the ends. Wider where runs are longer. */
function columnsOf(tree: RiverNode | null, width: number): readonly number[] {
  const longest: number[] = [];
  const visit = (node: RiverNode) => {
    longest[node.level] = Math.max(longest[node.level] ?? 0, node.text.length);
    node.children.forEach(visit);
  };
  if (tree) visit(tree);
  else longest.push(1);
  const weights = longest.map((length, level) =>
    level === 0 && length === 0 ? 5 : 9 + Math.min(24, Math.max(4, length)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const gap = Math.min(150, Math.max(56, width * 0.17));
  const starts = [0];
  for (const weight of weights)
    starts.push((starts.at(-1) ?? 0) + (weight / total) * (width - gap));
  return [...starts, width];
}

interface Cell {
  readonly rank: number;
  readonly places: readonly number[];
}

interface Placed {
  readonly node: RiverNode;
  readonly places: readonly number[];
  readonly cells: readonly Cell[];
  readonly children: readonly Placed[];
  top: number;
}

const OPEN = -1;
/** Neighbouring shapes overlap by this much, or a hairline of page shows between them. */
const SEAM = 0.6;

function layoutOne(
  river: River,
  riverPlace: number,
  tree: RiverNode | null,
  answers: readonly RiverAnswer[],
  columns: readonly number[],
  box: RiverBox,
): RiverShape {
  const count = river.samples.length;
  const unit = count === 0 ? 0 : box.thickness / count;
  const root = tree && count > 0 ? prune(tree, riverPlace, river, answers) : null;
  const leaves = root ? leavesOf(root) : [];
  const endPlaces = answers.map((answer) =>
    river.samples.flatMap((sample, place) =>
      !sample.open && sample.answer === answer.key ? [place] : [],
    ),
  );
  const shownEnds = answers.flatMap((answer, rank) =>
    answer.correct === true || (endPlaces[rank]?.length ?? 0) > 0
      ? [{ answer, rank, places: endPlaces[rank] ?? [] }]
      : [],
  );

  // Vertical room: the taller of the leaf stack and the ends.
  const gaps = leafGaps(leaves, box.thickness);
  const leafHeight = box.thickness + gaps.reduce((sum, gap) => sum + gap, 0);
  const endRooms = shownEnds.map(({ places }) => Math.max(box.endPitch, places.length * unit + 4));
  const endHeight = endRooms.reduce((sum, room) => sum + room, 0);
  const height = count === 0 ? box.thickness : Math.max(leafHeight, endHeight);

  let y = (height - leafHeight) / 2;
  leaves.forEach((leaf, at) => {
    leaf.top = y;
    y += leaf.places.length * unit + (gaps[at] ?? 0);
  });
  if (root) settle(root, unit);

  const endX = columns.at(-1) ?? 0;
  const ends: EndShape[] = [];
  let endTop = (height - endHeight) / 2;
  shownEnds.forEach(({ answer, places }, at) => {
    const room = endRooms[at] ?? box.endPitch;
    const thickness = places.length * unit;
    ends.push({
      answer,
      places,
      thickness,
      y: endTop + (room - thickness) / 2,
      labelY: endTop + room / 2,
      share: count === 0 ? 0 : places.length / count,
    });
    endTop += room;
  });

  const bands: BandShape[] = [];
  if (root)
    drawBands(
      root,
      null,
      { tinted: 0, filled: 0 },
      columns,
      unit,
      river,
      riverPlace,
      answers,
      bands,
    );
  const flows = drawFlows(leaves, ends, answers, columns.at(-2) ?? 0, endX, unit);
  const folded = bands.filter((band) => band.kind === 'other');
  return {
    id: river.id,
    title: river.title,
    stage: river.stage,
    sampleCount: count,
    height,
    bands,
    flows,
    ends,
    foldedSamples: folded.reduce((sum, band) => sum + band.places.length, 0),
    hidingBands: bands.filter((band) => band.kind === 'run' && band.hidesForks).length,
  };
}

/** The part of the tree that this river runs through. */
function prune(
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

function leavesOf(placed: Placed): readonly Placed[] {
  return placed.children.length === 0 ? [placed] : placed.children.flatMap(leavesOf);
}

/** Gaps between neighbouring leaves: wider where they parted earlier, within a budget. */
function leafGaps(leaves: readonly Placed[], thickness: number): readonly number[] {
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
function settle(placed: Placed, unit: number): void {
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

function drawBands(
  placed: Placed,
  parent: Placed | null,
  /** Where this band leaves its parent: its tinted part and its filled part. */
  source: { readonly tinted: number; readonly filled: number },
  columns: readonly number[],
  unit: number,
  river: River,
  riverPlace: number,
  answers: readonly RiverAnswer[],
  out: BandShape[],
): void {
  const { node, places } = placed;
  const x = columns[node.level] ?? 0;
  const isLeaf = placed.children.length === 0;
  const next = (isLeaf ? columns.at(-2) : columns[node.level + 1]) ?? x;
  const curve = curveWidth(columns, node.level);
  const flatEnd = isLeaf ? next : next - curve;
  const from = parent ? x - curveWidth(columns, node.level - 1) - SEAM : x;
  const right = rightCount(placed.cells, answers) * unit;
  const wrong = places.length * unit - right;
  const { top } = placed;
  const strip = (left: number, y: number, thickness: number) =>
    thickness === 0 ? '' : ribbon(from, parent ? left : y, x, y, thickness, flatEnd);
  const tinted = strip(source.tinted, top, wrong);
  const filled = strip(source.filled, top + wrong, right);
  const follower = node.followers.find((member) => member.river === riverPlace);
  const kind = follower ? node.kind : 'other';
  const drawn = follower
    ? (river.samples[follower.place]?.sample.logProbs.slice(node.start, node.end) ?? [])
    : [];
  const [first] = drawn;
  out.push({
    id: node.id,
    parentId: parent?.node.id ?? null,
    level: node.level,
    kind,
    text: kind === 'run' ? node.text : 'other reasoning',
    tokenCount: kind === 'run' ? node.end - node.start : 0,
    hidesForks: node.hidesForks && places.length > 1,
    x,
    y: placed.top,
    flatWidth: flatEnd - x,
    thickness: places.length * unit,
    outline: ribbon(x, top, x, top, places.length * unit, flatEnd),
    filled,
    tinted,
    places,
    share: places.length / river.samples.length,
    logProb: drawn.length === 0 ? null : drawn.reduce((sum, value) => sum + value, 0),
    forkShare: parent ? places.length / parent.places.length : 1,
    forkProbability: parent && first !== undefined ? Math.exp(first) : null,
  });
  const leaving = { tinted: top, filled: top + wrong };
  for (const child of placed.children) {
    drawBands(child, placed, { ...leaving }, columns, unit, river, riverPlace, answers, out);
    const childRight = rightCount(child.cells, answers) * unit;
    leaving.tinted += child.places.length * unit - childRight;
    leaving.filled += childRight;
  }
}

function curveWidth(columns: readonly number[], level: number): number {
  const width = (columns[level + 1] ?? 0) - (columns[level] ?? 0);
  return Math.min(46, width * 0.3);
}

function rightCount(cells: readonly Cell[], answers: readonly RiverAnswer[]): number {
  return cells.reduce(
    (sum, { rank, places }) => sum + (answers[rank]?.correct === true ? places.length : 0),
    0,
  );
}

function drawFlows(
  leaves: readonly Placed[],
  ends: readonly EndShape[],
  answers: readonly RiverAnswer[],
  fromX: number,
  endX: number,
  unit: number,
): readonly FlowShape[] {
  const taken = new Map<RiverAnswer, number>();
  const flows: FlowShape[] = [];
  for (const leaf of leaves) {
    let y = leaf.top;
    for (const { rank, places } of leaf.cells) {
      const answer = answers[rank];
      const end = ends.find((candidate) => candidate.answer === answer);
      const thickness = places.length * unit;
      if (answer && end) {
        const offset = taken.get(answer) ?? 0;
        flows.push({
          id: `${leaf.node.id}>${String(rank)}`,
          bandId: leaf.node.id,
          answer,
          places,
          path: ribbon(fromX - SEAM, y, endX, end.y + offset, thickness, endX),
        });
        taken.set(answer, offset + thickness);
      }
      y += thickness;
    }
  }
  return flows.sort((a, b) => Number(a.answer.correct) - Number(b.answer.correct));
}

/** A band from (x0, y0) curving to (x1, y1), then level to `flatEnd`. */
function ribbon(
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  thickness: number,
  flatEnd: number,
): string {
  const n = (value: number) => String(Math.round(value * 100) / 100);
  const middle = n((x0 + x1) / 2);
  const top =
    x0 === x1
      ? `M${n(x0)} ${n(y1)}`
      : `M${n(x0)} ${n(y0)}C${middle} ${n(y0)} ${middle} ${n(y1)} ${n(x1)} ${n(y1)}`;
  const back =
    x0 === x1
      ? `L${n(x0)} ${n(y1 + thickness)}`
      : `L${n(x1)} ${n(y1 + thickness)}C${middle} ${n(y1 + thickness)} ${middle} ${n(y0 + thickness)} ${n(x0)} ${n(y0 + thickness)}`;
  return `${top}L${n(flatEnd)} ${n(y1)}L${n(flatEnd)} ${n(y1 + thickness)}${back}Z`;
}
