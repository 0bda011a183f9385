/** Macro AUC as a part of a stratum, beside macro-F1: scores are sorted once, resamples count again. */
import { at, quotient, type Columns } from '../sets/columns.ts';
import type { Statistic, StratumPart } from '../sets/stratum.ts';

/** Of one image: the score of every class, and the class that is the truth. */
export interface ClassScores {
  readonly truth: number;
  /** From place `from` on, one per class. */
  readonly scores: Float64Array;
  readonly from: number;
}

/**
 * Mean over the classes of the area under the curve of that class against the rest: the share of pairs
 * of an image of the class and one of another in which the first has the larger score of the class,
 * equal scores counting half. A class that a resample lacks, or has only, is left out there.
 *
 * Source: one against the rest with unweighted mean, as MedMNIST's evaluator and
 * `sklearn.metrics.roc_auc_score(multi_class='ovr')`; of two classes both areas are the same.
 */
export function macroAuc<Row>(
  columns: Columns<Row>,
  classes: number,
  read: (row: Row) => ClassScores,
): Statistic {
  const from = columns.part(2, (rows) => areaPart(rows.map(read), classes));
  return (sums) => quotient(at(sums, from), at(sums, from + 1));
}

/** Writes the sum of the areas, and their number. */
function areaPart(images: readonly ClassScores[], classes: number): StratumPart {
  return (items) => {
    const own = Array.from(items, (item) => images[item]).filter((image) => image !== undefined);
    const curves = Array.from({ length: classes }, (_, label) => sortedScores(own, label));
    return (weights, into, from) => {
      let [areas, known] = [0, 0];
      for (const curve of curves) {
        const area = areaUnder(curve, weights);
        if (area === null) continue;
        areas += area;
        known += 1;
      }
      into[from] = areas;
      into[from + 1] = known;
    };
  };
}

/** Images by their score of a class, the lowest first. */
interface SortedScores {
  readonly order: Uint32Array;
  /** In this order: 1 for an image of the class. */
  readonly isOwn: Uint8Array;
  /** In this order: 1 where the next image has the same score. */
  readonly isTied: Uint8Array;
}

function sortedScores(images: readonly ClassScores[], label: number): SortedScores {
  const scores = Float64Array.from(images, ({ scores, from }) => scores[from + label] ?? NaN);
  const score = (image: number): number => scores[image] ?? NaN;
  const order = Uint32Array.from(images.keys()).sort((a, b) => score(a) - score(b));
  return {
    order,
    isOwn: Uint8Array.from(order, (image) => Number(images[image]?.truth === label)),
    isTied: Uint8Array.from(order, (image, place) =>
      Number(score(image) === score(order[place + 1] ?? -1)),
    ),
  };
}

/** `null` where all images are of the class, or none is. */
function areaUnder({ order, isOwn, isTied }: SortedScores, weights: Float64Array): number | null {
  let [below, own, area] = [0, 0, 0];
  let [tiedOthers, tiedOwn] = [0, 0];
  for (let place = 0; place < order.length; place += 1) {
    const weight = weights[order[place] ?? 0] ?? 0;
    if (isOwn[place] === 1) tiedOwn += weight;
    else tiedOthers += weight;
    if (isTied[place] === 1) continue;
    area += tiedOwn * (below + tiedOthers / 2);
    own += tiedOwn;
    below += tiedOthers;
    [tiedOthers, tiedOwn] = [0, 0];
  }
  return own === 0 || below === 0 ? null : area / (own * below);
}
