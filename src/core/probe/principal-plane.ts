/**
 * The plane in which features vary most: the two first principal components. The covariance is
 * summed in typed arrays; its two leading eigenvectors come from subspace iteration with Rayleigh and
 * Ritz, in which ml-matrix does the QR and the eigenvalues of the small matrix. A full decomposition
 * of 768 features takes seconds and gives 766 directions that nobody draws.
 */
import { EigenvalueDecomposition, Matrix, QrDecomposition } from 'ml-matrix';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { FeatureMatrix } from './features.ts';
import type { ProbeStep } from './steps.ts';

export interface PrincipalPlane {
  /** Per image its place on the first and the second axis, in the features' unit; images · 2, row-major. */
  readonly points: Float32Array;
  /** 2 · width, row-major, of length 1; the largest component by size is positive (the first of equal ones). */
  readonly directions: Float64Array;
  /** Shares of the variance of all features that the axes hold; 0 where nothing varies. */
  readonly explained: readonly [number, number];
}

/** Directions that are iterated: those beyond two make it converge where the second and third are close. */
const BLOCK = 8;
/** Length of what is left of an eigenvector's equation, as a share of the largest eigenvalue. */
const TOLERANCE = 1e-9;
/** Only where the second and the ninth eigenvalue are all but equal: then no plane is better than another. */
const MOST_ITERATIONS = 300;
/** Products between two steps. */
const STEP_WORK = 2_000_000;

/**
 * Features are centred, not scaled. Time grows with images · width²; memory: 8 · width² bytes, 0.5 MB
 * for 256 features, and 8 bytes an image.
 *
 * @param features checked (`featuresProblem`)
 */
export function* principalPlane(features: FeatureMatrix): Generator<ProbeStep, PrincipalPlane> {
  const { rows, width, values } = features;
  const mean = columnMeans(features);
  const covariance = new Float64Array(width * width);
  const centred = new Float64Array(width);
  const rowsAStep = Math.ceil(STEP_WORK / width ** 2);
  for (let row = 0; row < rows; row += 1) {
    for (let place = 0; place < width; place += 1) {
      centred[place] = (values[row * width + place] ?? NaN) - (mean[place] ?? NaN);
    }
    addProducts(covariance, centred);
    if (row % rowsAStep === 0) yield { stage: 'plane', done: row, total: rows, epoch: null };
  }
  mirror(covariance, width);
  const { directions, spread } = yield* leadingDirections(covariance, width, rows);
  let total = 0;
  for (let place = 0; place < width; place += 1) total += covariance[place * width + place] ?? 0;
  const share = (axis: 0 | 1): number => (total === 0 ? 0 : spread[axis] / total);
  return {
    points: projected(features, mean, directions),
    directions,
    explained: [share(0), share(1)],
  };
}

function columnMeans({ rows, width, values }: FeatureMatrix): Float64Array {
  const mean = new Float64Array(width);
  for (let row = 0; row < rows; row += 1) {
    for (let place = 0; place < width; place += 1) {
      mean[place] = (mean[place] ?? 0) + (values[row * width + place] ?? NaN) / rows;
    }
  }
  return mean;
}

/** The upper triangle only. */
function addProducts(into: Float64Array, row: Float64Array): void {
  const width = row.length;
  for (let first = 0; first < width; first += 1) {
    const value = row[first] ?? 0;
    for (let second = first; second < width; second += 1) {
      const place = first * width + second;
      into[place] = (into[place] ?? 0) + value * (row[second] ?? 0);
    }
  }
}

function mirror(square: Float64Array, width: number): void {
  for (let first = 0; first < width; first += 1) {
    for (let second = 0; second < first; second += 1) {
      square[first * width + second] = square[second * width + first] ?? 0;
    }
  }
}

interface Leading {
  readonly directions: Float64Array;
  readonly spread: readonly [number, number];
}

function* leadingDirections(
  square: Float64Array,
  width: number,
  rows: number,
): Generator<ProbeStep, Leading> {
  const count = Math.min(BLOCK, width);
  const generator = xoroshiro128plus(1);
  let basis = orthonormal(
    Matrix.from1DArray(
      width,
      count,
      Array.from({ length: width * count }, () => generator.next() / 2 ** 31),
    ),
  );
  for (let iteration = 0; ; iteration += 1) {
    const image = times(square, basis);
    const ritz = new EigenvalueDecomposition(basis.transpose().mmul(image), {
      assumeSymmetric: true,
    });
    // Eigenvalues come in ascending order.
    const turned = ritz.eigenvectorMatrix.subMatrixColumn(
      Array.from({ length: count }, (_, place) => count - 1 - place),
    );
    const spread = [...ritz.realEigenvalues].reverse();
    const [vectors, images] = [basis.mmul(turned), image.mmul(turned)];
    if (iteration === MOST_ITERATIONS || hasConverged(vectors, images, spread)) {
      return { directions: twoOf(vectors), spread: [spread[0] ?? 0, spread[1] ?? 0] };
    }
    basis = orthonormal(images);
    yield { stage: 'plane', done: rows, total: rows, epoch: null };
  }
}

const orthonormal = (matrix: Matrix): Matrix => new QrDecomposition(matrix).orthogonalMatrix;

/** A symmetric matrix, width · width, times one of few columns. */
function times(square: Float64Array, basis: Matrix): Matrix {
  const width = basis.rows;
  const product = Matrix.zeros(width, basis.columns);
  for (let column = 0; column < basis.columns; column += 1) {
    const values = Float64Array.from(basis.getColumn(column));
    for (let row = 0; row < width; row += 1) {
      let sum = 0;
      for (let place = 0; place < width; place += 1) {
        sum += (square[row * width + place] ?? 0) * (values[place] ?? 0);
      }
      product.set(row, column, sum);
    }
  }
  return product;
}

function hasConverged(vectors: Matrix, images: Matrix, spread: readonly number[]): boolean {
  const limit = TOLERANCE * Math.abs(spread[0] ?? 0);
  return [0, 1].slice(0, vectors.columns).every((axis) => {
    const value = spread[axis] ?? 0;
    const vector = vectors.getColumn(axis);
    return (
      Math.hypot(...images.getColumn(axis).map((one, row) => one - value * (vector[row] ?? 0))) <=
      limit
    );
  });
}

function twoOf(vectors: Matrix): Float64Array {
  const width = vectors.rows;
  const directions = new Float64Array(2 * width);
  for (let axis = 0; axis < Math.min(2, vectors.columns); axis += 1) {
    const vector = vectors.getColumn(axis);
    const largest = vector.reduce((most, one) => (Math.abs(one) > Math.abs(most) ? one : most), 0);
    directions.set(
      vector.map((one) => (largest < 0 ? -one : one)),
      axis * width,
    );
  }
  return directions;
}

function projected(
  { rows, width, values }: FeatureMatrix,
  mean: Float64Array,
  directions: Float64Array,
): Float32Array {
  const points = new Float32Array(rows * 2);
  for (let row = 0; row < rows; row += 1) {
    for (let axis = 0; axis < 2; axis += 1) {
      let sum = 0;
      for (let place = 0; place < width; place += 1) {
        const centred = (values[row * width + place] ?? NaN) - (mean[place] ?? NaN);
        sum += centred * (directions[axis * width + place] ?? 0);
      }
      points[row * 2 + axis] = sum;
    }
  }
  return points;
}
