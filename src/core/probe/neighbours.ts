/**
 * k nearest neighbours by cosine, as in the paper's released code (armenjeddi/medbridgerl, `knn.py`):
 * every neighbour has one vote, and of classes with equal votes the one that comes first in the set's
 * list is said, which is what `torch.bincount(…).argmax()` does there. Of training images that are
 * equally near the earlier one counts; an image without any features above 0 is equally far from all.
 */
import { largestAt, type FeatureMatrix, type LabelledFeatures } from './features.ts';
import type { ProbeStep } from './steps.ts';

export interface NeighbourVotes {
  /** Per image the class with the most votes. */
  readonly said: Int32Array;
  /** Share of the k votes of each class, images · `classes`, row-major. */
  readonly votes: Float64Array;
}

/** As `torch.nn.functional.normalize`. */
const LEAST_NORM = 1e-12;

/**
 * Time grows with training images · images · width. Memory: 8 bytes an image, 12 a neighbour.
 *
 * @param k from 1 to the number of training images
 */
export function* nearestNeighbours(
  train: LabelledFeatures,
  images: FeatureMatrix,
  classes: number,
  k: number,
): Generator<ProbeStep, NeighbourVotes> {
  const norms = rowNorms(train.features);
  const votes = new Float64Array(images.rows * classes);
  const said = new Int32Array(images.rows);
  const nearest = new Nearest(k);
  for (let row = 0; row < images.rows; row += 1) {
    nearest.clear();
    for (let other = 0; other < train.features.rows; other += 1) {
      nearest.offer(other, dot(images, row, train.features, other) / (norms[other] ?? NaN));
    }
    for (const other of nearest.images) {
      const place = row * classes + (train.labels[other] ?? 0);
      votes[place] = (votes[place] ?? 0) + 1;
    }
    said[row] = largestAt(votes, row * classes, classes);
    yield { stage: 'comparing', done: row + 1, total: images.rows, epoch: null };
  }
  return { said, votes: votes.map((count) => count / k) };
}

/** The image's own norm is left out: it changes no order. */
function dot(a: FeatureMatrix, row: number, b: FeatureMatrix, other: number): number {
  const { width } = a;
  const [from, to] = [row * width, other * width];
  let sum = 0;
  for (let place = 0; place < width; place += 1) {
    sum += (a.values[from + place] ?? NaN) * (b.values[to + place] ?? NaN);
  }
  return sum;
}

function rowNorms(matrix: FeatureMatrix): Float64Array {
  return Float64Array.from({ length: matrix.rows }, (_, row) =>
    Math.max(Math.sqrt(dot(matrix, row, matrix, row)), LEAST_NORM),
  );
}

/** The k images of the largest likeness so far, the likest first. */
class Nearest {
  readonly images: Uint32Array;
  private readonly likeness: Float64Array;

  constructor(private readonly k: number) {
    this.images = new Uint32Array(k);
    this.likeness = new Float64Array(k);
  }

  clear(): void {
    this.likeness.fill(-Infinity);
  }

  /** Images must be offered in their order. */
  offer(image: number, likeness: number): void {
    let place = this.k - 1;
    if (likeness <= (this.likeness[place] ?? NaN)) return;
    for (; place > 0 && likeness > (this.likeness[place - 1] ?? NaN); place -= 1) {
      this.likeness[place] = this.likeness[place - 1] ?? NaN;
      this.images[place] = this.images[place - 1] ?? 0;
    }
    this.likeness[place] = likeness;
    this.images[place] = image;
  }
}
