/**
 * The linear probe by the paper's released protocol (armenjeddi/medbridgerl, `linprobe.py`): BatchNorm
 * without affine, one linear layer, cross-entropy, SGD with momentum 0.9 and no weight decay, a cosine
 * schedule that steps once an epoch. Not as released: the features are computed once, so there are no
 * random crops and flips; a last batch of one image, which PyTorch's BatchNorm refuses, is left out;
 * and the epoch is chosen on val, where the released code takes the last one.
 */
import { BatchNorm } from './batch-norm.ts';
import type { ProbeDraws } from './draws.ts';
import { largestAt, type FeatureMatrix, type LabelledFeatures } from './features.ts';
import {
  emptyHead,
  MomentumStep,
  softmaxRow,
  writeLogits,
  type LinearHead,
} from './linear-head.ts';
import type { LinearProbeSettings } from './settings.ts';
import type { ProbeStep } from './steps.ts';

const MOMENTUM = 0.9;

export interface EpochReport {
  /** From 1. */
  readonly epoch: number;
  readonly learningRate: number;
  /** Mean cross-entropy in nats and accuracy over the epoch's batches, while the layer learned from them. */
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  /** Of the layer as the epoch left it; `null` without a validation set. */
  readonly val: { readonly loss: number; readonly accuracy: number } | null;
}

export interface TrainedProbe {
  /** Takes features as they are: BatchNorm's running figures are folded into it. */
  readonly head: LinearHead;
  readonly epochs: readonly EpochReport[];
  /** From 1: the first with the highest accuracy on val and, among those, the lowest loss there; without val the last. */
  readonly chosenEpoch: number;
  readonly chosenBy: 'val' | 'last';
}

/**
 * Choosing the epoch costs no further training and leaves learning rate and batch as the paper has them.
 *
 * Memory: `batchSize` · width · 8 bytes and three layers.
 *
 * @param train checked (`checkSets`), as is `val`
 */
export function* trainLinearProbe(
  sets: {
    readonly classes: number;
    readonly train: LabelledFeatures;
    readonly val: LabelledFeatures | null;
  },
  settings: LinearProbeSettings,
  draws: ProbeDraws,
): Generator<ProbeStep, TrainedProbe> {
  const { train, val, classes } = sets;
  const training = new Training(
    train,
    draws.head(classes, train.features.width),
    settings.batchSize,
  );
  const reports: EpochReport[] = [];
  let chosen: { readonly head: LinearHead; readonly report: EpochReport } | null = null;
  for (let epoch = 1; epoch <= settings.epochs; epoch += 1) {
    const learningRate = cosineRate(settings, epoch - 1);
    const batches = cutBatches(draws.order(train.features.rows), settings.batchSize);
    training.beginEpoch();
    for (const [place, batch] of batches.entries()) {
      training.step(batch, learningRate);
      const done = (epoch - 1) * batches.length + place + 1;
      yield { stage: 'training', done, total: settings.epochs * batches.length, epoch: null };
    }
    const head = training.folded();
    const report = { epoch, learningRate, ...training.means(), val: val && score(head, val) };
    reports.push(report);
    if (chosen === null || isBetter(report, chosen.report)) chosen = { head, report };
    const done = epoch * batches.length;
    yield { stage: 'training', done, total: settings.epochs * batches.length, epoch: report };
  }
  if (chosen === null) throw new RangeError('A probe is trained for at least one epoch.');
  const { head, report } = chosen;
  return {
    head,
    epochs: reports,
    chosenEpoch: report.epoch,
    chosenBy: val === null ? 'last' : 'val',
  };
}

/** `CosineAnnealingLR(T_max=epochs)`, stepped after each epoch. @param past epochs that are over */
function cosineRate({ learningRate, epochs }: LinearProbeSettings, past: number): number {
  return (learningRate * (1 + Math.cos((Math.PI * past) / epochs))) / 2;
}

/** As PyTorch's `DataLoader` without `drop_last`, but for a last batch of one. */
function cutBatches(order: Uint32Array, size: number): Uint32Array[] {
  const count = Math.ceil(order.length / size);
  const batches = Array.from({ length: count }, (_, place) =>
    order.subarray(place * size, (place + 1) * size),
  );
  return batches.filter(({ length }) => length > 1);
}

function isBetter({ val }: EpochReport, { val: best }: EpochReport): boolean {
  if (val === null || best === null) return true;
  return val.accuracy > best.accuracy || (val.accuracy === best.accuracy && val.loss < best.loss);
}

class Training {
  private readonly norm: BatchNorm;
  private readonly sgd: MomentumStep;
  private readonly normalised: Float64Array;
  private readonly slopes: Float64Array;
  private images = 0;
  private loss = 0;
  private right = 0;

  constructor(
    private readonly train: LabelledFeatures,
    private readonly head: LinearHead,
    batchSize: number,
  ) {
    const { rows, width } = train.features;
    this.norm = new BatchNorm(width);
    this.sgd = new MomentumStep(head, MOMENTUM);
    this.normalised = new Float64Array(Math.min(batchSize, rows) * width);
    this.slopes = new Float64Array(head.classes);
  }

  beginEpoch(): void {
    [this.images, this.loss, this.right] = [0, 0, 0];
  }

  means(): { readonly trainLoss: number; readonly trainAccuracy: number } {
    return { trainLoss: this.loss / this.images, trainAccuracy: this.right / this.images };
  }

  step(batch: Uint32Array, learningRate: number): void {
    const { head, sgd, normalised, slopes } = this;
    this.norm.train(this.train.features, batch, normalised);
    sgd.clear();
    for (let row = 0; row < batch.length; row += 1) {
      const label = this.train.labels[batch[row] ?? 0] ?? 0;
      const at = row * head.width;
      writeLogits(head, normalised, at, slopes, 0);
      if (largestAt(slopes, 0, head.classes) === label) this.right += 1;
      const own = slopes[label] ?? NaN;
      this.loss += softmaxRow(slopes, 0, head.classes) - own;
      slopes[label] = (slopes[label] ?? NaN) - 1;
      sgd.add(slopes, normalised, at, 1 / batch.length);
    }
    sgd.apply(learningRate);
    this.images += batch.length;
  }

  folded(): LinearHead {
    return this.norm.folded(this.head);
  }
}

/** Probability of each class, `rows` · `classes`, row-major. */
export function classProbabilities(head: LinearHead, features: FeatureMatrix): Float64Array {
  const scores = new Float64Array(features.rows * head.classes);
  for (let row = 0; row < features.rows; row += 1) {
    writeLogits(head, features.values, row * head.width, scores, row * head.classes);
    softmaxRow(scores, row * head.classes, head.classes);
  }
  return scores;
}

function score(
  head: LinearHead,
  { features, labels }: LabelledFeatures,
): { loss: number; accuracy: number } {
  const logits = emptyHead(head.classes, 0).bias;
  let [loss, right] = [0, 0];
  for (let row = 0; row < features.rows; row += 1) {
    const label = labels[row] ?? 0;
    writeLogits(head, features.values, row * head.width, logits, 0);
    if (largestAt(logits, 0, head.classes) === label) right += 1;
    const own = logits[label] ?? NaN;
    loss += softmaxRow(logits, 0, head.classes) - own;
  }
  return { loss: loss / features.rows, accuracy: right / features.rows };
}
