/** What a classifier of one class an image is worth, with 95 % intervals. */
import { wilsonInterval } from '../intervals.ts';
import { Columns } from '../sets/columns.ts';
import { macroF1 } from '../sets/macro-f1.ts';
import { RESAMPLES, Resampling, type Estimate } from '../sets/resampling.ts';
import { BOOTSTRAP_SEED } from '../sets/run-figures.ts';
import { macroAuc } from './macro-auc.ts';
import type { ProbeStep } from './steps.ts';

export interface ClassifierFigures {
  readonly images: number;
  /** Share of the images that are told right; the interval is Wilson's. */
  readonly accuracy: Estimate;
  /** One class against the rest, by the scores; the interval is the bootstrap's over images, as below. */
  readonly macroAuc: Estimate;
  readonly macroF1: Estimate;
  /** `classes` · `classes` counts, row-major: rows are the true class, columns what was said. */
  readonly confusion: Uint32Array;
}

export interface Classified {
  readonly classes: number;
  /** Per image the class that is true, and the one that is said. */
  readonly labels: Int32Array;
  readonly said: Int32Array;
  /** Of every class, larger for likelier; images · `classes`, row-major. */
  readonly scores: Float64Array;
}

const RESAMPLES_A_STEP = 10;

/** @param classified at least one image, all labels within the classes */
export function* classifierFigures(
  classified: Classified,
  resamples = RESAMPLES,
): Generator<ProbeStep, ClassifierFigures> {
  const { classes, labels, said, scores } = classified;
  const columns = new Columns<number>();
  const auc = macroAuc(columns, classes, (image) => ({
    truth: labels[image] ?? 0,
    scores,
    from: image * classes,
  }));
  const f1 = macroF1(columns, (image) => ({
    truth: String(labels[image]),
    said: String(said[image]),
  }));
  const images = [...labels.keys()];
  const strata = images.map(() => 0);
  const resampling = new Resampling(columns.table(images), strata, BOOTSTRAP_SEED);
  while (resampling.resamples < resamples) {
    resampling.add(Math.min(RESAMPLES_A_STEP, resamples - resampling.resamples));
    yield { stage: 'intervals', done: resampling.resamples, total: resamples, epoch: null };
  }
  const right = labels.filter((label, image) => label === said[image]).length;
  return {
    images: images.length,
    accuracy: { value: right / images.length, interval: wilsonInterval(right, images.length) },
    macroAuc: resampling.ofAll(auc),
    macroF1: resampling.ofAll(f1),
    confusion: confusionOf(classified),
  };
}

function confusionOf({ classes, labels, said }: Classified): Uint32Array {
  const counts = new Uint32Array(classes * classes);
  labels.forEach((label, image) => {
    const place = label * classes + (said[image] ?? 0);
    counts[place] = (counts[place] ?? 0) + 1;
  });
  return counts;
}
