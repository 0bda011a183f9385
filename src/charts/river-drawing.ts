/** From placed bands to the paths of the river: bands, and the flows from the leaves to the ends. Pure. */

import { unstatedOf, unstatedWords } from '../core/unstated.ts';
import { rightCount, type Placed } from './river-placing.ts';
import type { BandShape, EndShape, FlowShape } from './river-shapes.ts';
import type { River, RiverAnswer } from './river-tree.ts';

/** What all marks of one river are drawn on. */
export interface RiverGround {
  readonly river: River;
  /** Place of the river among all. */
  readonly riverPlace: number;
  readonly answers: readonly RiverAnswer[];
  /** Column starts, then the start of the last gap, then the ends, px. */
  readonly columns: readonly number[];
  /** Thickness of one sample, px. */
  readonly unit: number;
}

/** Neighbouring shapes overlap by this much, or a hairline of page shows between them. */
const SEAM = 0.6;

/** One band per node, parents before their children. */
export function drawBands(root: Placed, ground: RiverGround): readonly BandShape[] {
  const bands: BandShape[] = [];
  addBands(root, null, { tinted: 0, filled: 0 }, ground, bands);
  return bands;
}

function addBands(
  placed: Placed,
  parent: Placed | null,
  /** Where this band leaves its parent: its tinted part and its filled part. */
  source: { readonly tinted: number; readonly filled: number },
  ground: RiverGround,
  out: BandShape[],
): void {
  const { columns, unit, river, riverPlace, answers } = ground;
  const { node, places } = placed;
  const x = columns[node.level] ?? 0;
  const isLeaf = placed.children.length === 0;
  const next = (isLeaf ? columns.at(-2) : columns[node.level + 1]) ?? x;
  const curve = curveWidth(columns, node.level);
  const flatEnd = isLeaf ? next : next - curve;
  const from = parent ? x - curveWidth(columns, node.level - 1) - SEAM : x;
  const rightOnes = rightCount(placed.cells, answers);
  const right = rightOnes * unit;
  const wrong = places.length * unit - right;
  const { top } = placed;
  const strip = (left: number, y: number, thickness: number) =>
    thickness === 0 ? '' : ribbon(from, parent ? left : y, x, y, thickness, flatEnd);
  const tinted = strip(source.tinted, top, wrong);
  const filled = strip(source.filled, top + wrong, right);
  const follower = node.followers.find((member) => member.river === riverPlace);
  const kind = follower ? node.kind : 'other';
  const sample = follower && river.samples[follower.place]?.sample;
  const drawn = sample?.logProbs?.slice(node.start, node.end) ?? [];
  const hasTokens = (sample?.served?.missing.tokens ?? null) === null;
  const [first] = drawn;
  out.push({
    id: node.id,
    parentId: parent?.node.id ?? null,
    level: node.level,
    kind,
    text: kind === 'run' ? node.text : 'other reasoning',
    tokenCount: kind === 'run' && hasTokens ? node.end - node.start : 0,
    hidesForks: node.hidesForks && places.length > 1,
    x,
    y: placed.top,
    flatWidth: flatEnd - x,
    thickness: places.length * unit,
    outline: ribbon(x, top, x, top, places.length * unit, flatEnd),
    filled,
    tinted,
    places,
    rightCount: rightOnes,
    share: places.length / river.samples.length,
    logProb: drawn.length === 0 ? null : drawn.reduce((sum, value) => sum + value, 0),
    forkShare: parent ? places.length / parent.places.length : 1,
    unstated: sample && node.end > node.start ? unstatedWords(unstatedOf(sample)) : '',
    forkProbability: parent && first !== undefined ? Math.exp(first) : null,
  });
  const leaving = { tinted: top, filled: top + wrong };
  for (const child of placed.children) {
    addBands(child, placed, { ...leaving }, ground, out);
    const childRight = rightCount(child.cells, answers) * unit;
    leaving.tinted += child.places.length * unit - childRight;
    leaving.filled += childRight;
  }
}

function curveWidth(columns: readonly number[], level: number): number {
  const width = (columns[level + 1] ?? 0) - (columns[level] ?? 0);
  return Math.min(46, width * 0.3);
}

/** From the leaves to the ends; right ones last, so that they lie on top. */
export function drawFlows(
  leaves: readonly Placed[],
  ends: readonly EndShape[],
  { columns, unit, answers }: RiverGround,
): readonly FlowShape[] {
  const fromX = columns.at(-2) ?? 0;
  const endX = columns.at(-1) ?? 0;
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
