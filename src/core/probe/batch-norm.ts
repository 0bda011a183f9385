/**
 * `torch.nn.BatchNorm1d(width, affine=False, eps=1e-6)`, as in the released probe. The features below
 * it are fixed, so it needs no backward pass.
 */
import type { FeatureMatrix } from './features.ts';
import { emptyHead, type LinearHead } from './linear-head.ts';

const EPSILON = 1e-6;
/** Weight of a batch in the running figures: PyTorch's default. */
const MOMENTUM = 0.1;

export class BatchNorm {
  /** What scores go by after training: they begin at mean 0 and variance 1. */
  private readonly runningMean: Float64Array;
  private readonly runningVariance: Float64Array;
  private readonly mean: Float64Array;
  private readonly variance: Float64Array;

  constructor(private readonly width: number) {
    this.runningMean = new Float64Array(width);
    this.runningVariance = new Float64Array(width).fill(1);
    this.mean = new Float64Array(width);
    this.variance = new Float64Array(width);
  }

  /**
   * Normalises a batch by its own mean and (biased) variance, and takes these, the variance unbiased,
   * into the running figures.
   *
   * @param rows images of the batch, at least two
   * @param into `rows.length` · `width`, row-major
   */
  train({ values }: FeatureMatrix, rows: Uint32Array, into: Float64Array): void {
    const { width, mean, variance } = this;
    mean.fill(0);
    variance.fill(0);
    eachValue(rows, width, (column, at) => {
      mean[column] = (mean[column] ?? 0) + (values[at] ?? NaN) / rows.length;
    });
    eachValue(rows, width, (column, at, place) => {
      const centred = (values[at] ?? NaN) - (mean[column] ?? 0);
      into[place] = centred;
      variance[column] = (variance[column] ?? 0) + (centred * centred) / rows.length;
    });
    for (let column = 0; column < width; column += 1) this.remember(column, rows.length);
    for (let column = 0; column < width; column += 1) {
      variance[column] = 1 / Math.sqrt((variance[column] ?? 0) + EPSILON);
    }
    eachValue(rows, width, (column, _, place) => {
      into[place] = (into[place] ?? 0) * (variance[column] ?? 0);
    });
  }

  private remember(column: number, images: number): void {
    const { runningMean, runningVariance, mean, variance } = this;
    const unbiased = ((variance[column] ?? 0) * images) / (images - 1);
    runningMean[column] =
      (1 - MOMENTUM) * (runningMean[column] ?? 0) + MOMENTUM * (mean[column] ?? 0);
    runningVariance[column] = (1 - MOMENTUM) * (runningVariance[column] ?? 0) + MOMENTUM * unbiased;
  }

  /** The layer that gives for features as they are what `head` gives for those normalised by the running figures. */
  folded(head: LinearHead): LinearHead {
    const { classes, width } = head;
    const folded = emptyHead(classes, width);
    for (let label = 0; label < classes; label += 1) {
      let bias = head.bias[label] ?? 0;
      for (let column = 0; column < width; column += 1) {
        const scale = 1 / Math.sqrt((this.runningVariance[column] ?? 0) + EPSILON);
        const weight = (head.weights[label * width + column] ?? 0) * scale;
        folded.weights[label * width + column] = weight;
        bias -= weight * (this.runningMean[column] ?? 0);
      }
      folded.bias[label] = bias;
    }
    return folded;
  }
}

/** Calls back with the column, the place in the matrix of all images, and the place in the batch. */
function eachValue(
  rows: Uint32Array,
  width: number,
  use: (column: number, at: number, place: number) => void,
): void {
  for (let row = 0; row < rows.length; row += 1) {
    const at = (rows[row] ?? 0) * width;
    for (let column = 0; column < width; column += 1)
      use(column, at + column, row * width + column);
  }
}
