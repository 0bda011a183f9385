/**
 * Geometry of the answer river: pure, deterministic, in pixels.
 *
 * One band per run of shared reasoning, as thick as its share of the samples. Leaves stack in the
 * tree's order and a parent lies over the middle of its leaves. Inside a band the samples that reach
 * the truth lie together at the bottom, so that their share can be read at every fork; rejected:
 * keeping them in leaf order, which crosses less and shows the truth as many thin stripes.
 */
import { drawBands, drawFlows } from './river-drawing.ts';
import { leafGaps, leavesOf, prune, settle } from './river-placing.ts';
import type { EndShape, RiverBox, RiverPicture, RiverShape } from './river-shapes.ts';
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

/** Places of the finished samples, by the place of their answer. */
function placesByAnswer(river: River, answers: readonly RiverAnswer[]): readonly number[][] {
  const byKey = new Map(answers.map(({ key }) => [key, [] as number[]]));
  river.samples.forEach(({ answer, open }, place) => {
    if (!open) byKey.get(answer)?.push(place);
  });
  return [...byKey.values()];
}

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
  const endPlaces = placesByAnswer(river, answers);
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

  const ground = { river, riverPlace, answers, columns, unit };
  const bands = root ? drawBands(root, ground) : [];
  const flows = drawFlows(leaves, ends, ground);
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
