/** One linear layer: forward, softmax, cross-entropy and the step of SGD with momentum. */

export interface LinearHead {
  readonly classes: number;
  readonly width: number;
  /** `classes` · `width`, row-major. */
  readonly weights: Float64Array;
  /** `classes`. */
  readonly bias: Float64Array;
}

export function emptyHead(classes: number, width: number): LinearHead {
  const weights = new Float64Array(classes * width);
  return { classes, width, weights, bias: new Float64Array(classes) };
}

/** Writes the logits of one row, `width` values from place `at` on, into `into` from place `from` on. */
export function writeLogits(
  { classes, width, weights, bias }: LinearHead,
  values: Float32Array | Float64Array,
  at: number,
  into: Float64Array,
  from: number,
): void {
  for (let label = 0; label < classes; label += 1) {
    const row = label * width;
    let sum = bias[label] ?? 0;
    for (let place = 0; place < width; place += 1) {
      sum += (weights[row + place] ?? 0) * (values[at + place] ?? 0);
    }
    into[from + label] = sum;
  }
}

/**
 * Turns the logits of one row into probabilities, in place.
 *
 * @returns the log of the sum of the logits' exponentials, so that −log p of a class is that minus its logit
 */
export function softmaxRow(values: Float64Array, from: number, count: number): number {
  let largest = -Infinity;
  for (let place = from; place < from + count; place += 1) {
    largest = Math.max(largest, values[place] ?? NaN);
  }
  let sum = 0;
  for (let place = from; place < from + count; place += 1) {
    const exponential = Math.exp((values[place] ?? NaN) - largest);
    values[place] = exponential;
    sum += exponential;
  }
  for (let place = from; place < from + count; place += 1) {
    values[place] = (values[place] ?? NaN) / sum;
  }
  return largest + Math.log(sum);
}

/** SGD with momentum, without weight decay, dampening or Nesterov: v ← m·v + g, w ← w − lr·v, as PyTorch's. */
export class MomentumStep {
  private readonly velocity: LinearHead;
  /** Written anew for each step. */
  readonly gradient: LinearHead;

  constructor(
    private readonly head: LinearHead,
    private readonly momentum: number,
  ) {
    this.velocity = emptyHead(head.classes, head.width);
    this.gradient = emptyHead(head.classes, head.width);
  }

  clear(): void {
    this.gradient.weights.fill(0);
    this.gradient.bias.fill(0);
  }

  /** Adds what one row gives: `share` of its loss, whose derivative by the logits is `slopes`. */
  add(slopes: Float64Array, values: Float64Array, at: number, share: number): void {
    const { classes, width, weights, bias } = this.gradient;
    for (let label = 0; label < classes; label += 1) {
      const slope = share * (slopes[label] ?? 0);
      const row = label * width;
      for (let place = 0; place < width; place += 1) {
        weights[row + place] = (weights[row + place] ?? 0) + slope * (values[at + place] ?? 0);
      }
      bias[label] = (bias[label] ?? 0) + slope;
    }
  }

  apply(learningRate: number): void {
    for (const part of ['weights', 'bias'] as const) {
      const [value, velocity, gradient] = [
        this.head[part],
        this.velocity[part],
        this.gradient[part],
      ];
      for (let place = 0; place < value.length; place += 1) {
        const speed = this.momentum * (velocity[place] ?? 0) + (gradient[place] ?? 0);
        velocity[place] = speed;
        value[place] = (value[place] ?? 0) - learningRate * speed;
      }
    }
  }
}
